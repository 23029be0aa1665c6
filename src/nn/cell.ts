/** A recurrent cell is data: how to draw its parameters, what it remembers before the first step, and one step for given parameters. */
import { callable, check, dtype as dtypeMeaning, either, oneOf, positiveWhole, record, text, traceable } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import type { DType } from '../core/dtype.js'
import { fail, scope, ShapeError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import type { Gen } from '../random/gen.js'
import { run as runGen } from '../random/gen.js'
import type { Key } from '../random/key.js'
import { checkKey } from '../random/key.js'
import type { Initializer } from './initializer.js'
import { lecunNormal, zeros } from './initializer.js'
import { anyParams, shapes } from './layer.js'

/** One step in time, with parameters `P` and a carry `C`: what one step leaves to the next. */
export interface Cell<P, C> {
  /** The name that errors print: `lstm`. */
  readonly name: string
  /** Parameters as a random program. Cells of unknown input size need the shape of an input, of which they read the last axis. */
  readonly gen: (inputShape?: Shape) => Gen<P>
  /** Parameters drawn with a key. */
  readonly init: (key: Key, inputShape?: Shape) => P
  /** The carry before the first step, zeros, for examples of a batch shape: `[32]`; `[]` for one example. */
  readonly initCarry: (batch?: Shape, dtype?: DType) => C
  /** One step: a function for `scan`. */
  readonly apply: (params: P) => (carry: C, x: Tensor) => readonly [C, Tensor]
  /** What a step does to its input alone. A whole sequence can go through it at once, before the loop. */
  readonly project: (params: P) => (x: Tensor) => Tensor
  /** The rest of a step, from the carry and the projected input. */
  readonly step: (params: P) => (carry: C, projected: Tensor) => readonly [C, Tensor]
}

/** What one must say to define a cell. */
export interface CellDefinition<P, C> {
  /** Shown in errors. */
  readonly name: string
  /** Parameters, as a random program. */
  readonly gen: (inputShape?: Shape) => Gen<P>
  /** The carry before the first step. */
  readonly initCarry: (batch?: Shape, dtype?: DType) => C
  /** The part of a step that needs no carry, of inputs with any leading axes; the input itself by default. */
  readonly project?: (params: P) => (x: Tensor) => Tensor
  /** The rest of a step: the next carry, and the output. */
  readonly step: (params: P) => (carry: C, projected: Tensor) => readonly [C, Tensor]
}

/**
 * A cell of one's own.
 *
 * @example
 * const leaky = nn.cell({
 *   name: 'leaky',
 *   gen: () => random.gen.of({ rate: np.array(0.5) }),
 *   initCarry: (batch = []) => np.zeros([...batch, 1]),
 *   step: ({ rate }) => (carry: Tensor, x) => {
 *     const next = np.add(np.mul(rate, carry), x)
 *     return [next, next]
 *   },
 * })
 * const model = nn.recurrent(leaky)
 * np.ravel(model.apply(model.init(key))(np.array([[[4], [0], [8]]])))   // [4, 2, 9]
 */
export const cell = <P, C>(definition: CellDefinition<P, C>): Cell<P, C> => {
  const {
    name,
    gen,
    initCarry,
    step,
    project = () => (x) => x,
  } = check('cell', 'definition', record, definition as unknown) as CellDefinition<P, C>
  check('cell', 'name', text, name)
  Object.entries({ gen, initCarry, step, project }).forEach(([part, f]) => check('cell', part, traceable, f))
  const shaped = (inputShape: Shape | undefined): Shape | undefined => check(name, 'inputShape', shapes, inputShape)
  return {
    name,
    gen: (inputShape) => gen(shaped(inputShape)),
    initCarry: (batch, dtype) =>
      initCarry(check(name, 'batch', shapes, batch), check(name, 'dtype', either(oneOf(undefined), dtypeMeaning), dtype)),
    project: (params) => project(check(name, 'params', anyParams, params)),
    step: (params) => step(check(name, 'params', anyParams, params)),
    init: (key, inputShape) => runGen(checkKey(name, key))(gen(shaped(inputShape))),
    apply: (params) => {
      check(name, 'params', anyParams, params)
      const [before, after] = [project(params), step(params)]
      return (carry, x) => scope(name, () => after(carry, before(x)))
    },
  }
}

/** Options of the library's cells. */
export interface CellOptions {
  /** How the weights of the input are drawn; `lecunNormal()` by default. */
  readonly wxInit?: Initializer
  /** How the weights of the hidden state are drawn; `lecunNormal()` by default. */
  readonly whInit?: Initializer
  /** How biases are drawn; zeros by default. */
  readonly bInit?: Initializer
  readonly dtype?: DType
}

/** What the options of the library's cells mean. */
export const cellMeanings: Meanings<CellOptions> = { wxInit: callable, whInit: callable, bInit: callable, dtype: dtypeMeaning }

/** @internal The sizes and options of a cell, with defaults. */
export interface CellSetup<O extends CellOptions> {
  /** The input's size, from an input's shape where it was not given. */
  readonly inputs: (inputShape: Shape | undefined) => number
  /** The input's size as it was given; null where it was not. */
  readonly given: number | null
  readonly hidden: number
  readonly options: O & Required<CellOptions>
}

/** @internal Arguments `(inputs, hidden, options)` or `(hidden, options)` of the cell `name`. */
export const cellSetup = <O extends CellOptions>(
  name: string,
  first: number,
  second: number | O | undefined,
  third: O | undefined,
): CellSetup<O> => {
  const sized = (what: string, n: unknown): number => check(name, what, positiveWhole, n as number)
  const explicit = typeof second === 'number'
  const given = explicit ? sized('inputs', first) : null
  const options = (explicit ? third : second) ?? ({} as O)
  const lastOf = (shape: Shape | undefined): number =>
    shape === undefined || shape.length === 0
      ? fail(ShapeError, `${name}: the input size is unknown`, { fix: `${name}(inputs, hidden), or init(key, inputShape)` })
      : shape[shape.length - 1]!
  return {
    given,
    inputs: (inputShape) => given ?? lastOf(inputShape),
    hidden: sized('hidden', explicit ? second : first),
    options: {
      ...options,
      wxInit: options.wxInit ?? lecunNormal(),
      whInit: options.whInit ?? lecunNormal(),
      bInit: options.bInit ?? zeros,
      dtype: options.dtype ?? 'float32',
    },
  }
}
