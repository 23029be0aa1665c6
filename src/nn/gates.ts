/** What the recurrent cells of the library have in common: gates side by side, their weights and checks, and both ways to call them. */
import type { Meanings } from '../core/options.js'
import { optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add } from '../numpy/arithmetic.js'
import * as create from '../numpy/create.js'
import { matmul } from '../numpy/matmul.js'
import type { Gen } from '../random/gen.js'
import { struct } from '../random/gen.js'
import type { Cell, CellOptions } from './cell.js'
import { cell, cellSetup } from './cell.js'
import { checkSizes } from './fit.js'
import { gen } from './initializer.js'
import type { Layer } from './layer.js'
import type { RecurrentOptions, Sized } from './recurrent.js'
import { overTime } from './recurrent.js'

/** Weights of a recurrent cell. `k` is the number of its gates, whose columns lie side by side. */
export interface RecurrentParams {
  /** Of the input: `[inputs, k * hidden]`. */
  readonly wx: Tensor
  /** Of the hidden state: `[hidden, k * hidden]`. */
  readonly wh: Tensor
  /** `[k * hidden]`. */
  readonly b: Tensor
}

/** What one kind of cell is: the rest is the same for all. */
export interface Gates<O extends CellOptions, P extends RecurrentParams, C> {
  /** Shown in errors, and the name of the layer; that of the cell has `Cell` behind it. */
  readonly name: string
  readonly gates: number
  readonly meanings: Meanings<O>
  /** Biases `[hidden]` besides that of the gates. */
  readonly also?: readonly Exclude<keyof P, keyof RecurrentParams>[]
  /** How the bias of the gates is drawn, `[size]`; by `bInit` unless said. */
  readonly bias?: (options: O & Required<CellOptions>, size: number) => Gen<Tensor>
  /** The carry before the first step; `zeros` gives another tensor at each call, so that a carry can be donated. */
  readonly carry: (zeros: () => Tensor) => C
  /** A step from what the gates get of the input, bias included. */
  readonly step: (options: O & Required<CellOptions>) => (params: P) => (carry: C, u: Tensor) => readonly [C, Tensor]
}

type Make<O, P, C> = (name: string, first: number, second: number | O | undefined, third: O | undefined) => Cell<P, C>

const makeOf =
  <O extends CellOptions, P extends RecurrentParams, C>(kind: Gates<O, P, C>): Make<O, P, C> =>
  (caller, first, second, third) => {
    const { inputs, given, hidden, options } = cellSetup<O>(caller, first, second, third)
    const { wxInit, whInit, bInit, dtype } = options
    const { name, also = [] } = kind
    const wide = kind.gates * hidden
    const step = kind.step(options)
    const others = <A>(each: () => A): Readonly<Record<string, A>> => Object.fromEntries(also.map((bias) => [bias, each()]))
    const sizes = { wx: [given, wide], wh: [hidden, wide], b: [wide], ...others(() => [hidden]) }
    return cell<P, C>({
      name,
      gen: (inputShape) =>
        struct({
          wx: gen(wxInit, [inputs(inputShape), wide], dtype),
          wh: gen(whInit, [hidden, wide], dtype),
          b: kind.bias?.(options, wide) ?? gen(bInit, [wide], dtype),
          ...others(() => gen(bInit, [hidden], dtype)),
        }) as unknown as Gen<P>,
      initCarry: (batch = [], type = dtype) => kind.carry(() => create.zeros([...batch, hidden], { dtype: type })),
      project: (params) => {
        const { wx, b } = checkSizes(name, params, sizes)
        return (x) => add(matmul(x, wx), b)
      },
      step: (params) => step(checkSizes(name, params, sizes)),
    })
  }

/** The constructor of cells of a kind. */
export const gatedCell = <O extends CellOptions, P extends RecurrentParams, C>(kind: Gates<O, P, C>): Sized<O, Cell<P, C>> => {
  const [name, options, make] = [`${kind.name}Cell`, optionsOf<O>(kind.meanings), makeOf(kind)]
  return (first: number, second?: number | O, third?: O): Cell<P, C> => {
    const given = options(name, typeof second === 'number' ? third : second)
    return typeof second === 'number' ? make(name, first, second, given) : make(name, first, given, undefined)
  }
}

/** The constructor of layers that run cells of a kind along time. */
export const gatedLayer = <O extends CellOptions, P extends RecurrentParams, C>(
  kind: Gates<O, P, C>,
): Sized<O & RecurrentOptions, Layer<P, C>> => overTime(kind.name, kind.meanings, makeOf(kind))
