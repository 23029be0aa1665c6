/** A recurrent cell along the time axis of a sequence: one traced step, scanned, whatever the length. */
import type { Meaning } from '../core/check.js'
import { check, flag, positiveWhole } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { DType } from '../core/dtype.js'
import { isInexact, joins } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor } from '../core/tensor.js'
import { scan } from '../control/loops.js'
import { astype } from '../numpy/create.js'
import { concatenate, split } from '../numpy/join.js'
import { index } from '../numpy/index.js'
import { broadcastTo, moveaxis, reshape } from '../numpy/shape.js'
import { stopGradient } from '../numpy/lax.js'
import * as tree from '../tree/index.js'
import type { Cell, CellOptions } from './cell.js'
import type { Layer } from './layer.js'
import { statefulLayer } from './layer.js'

/** Options of a scanned cell. */
export interface RecurrentOptions {
  /** Sequences are `[time, ..., features]` instead of `[..., time, features]`. */
  readonly timeMajor?: boolean
  /** From the last step to the first; outputs keep the order of the input. */
  readonly reverse?: boolean
  /** `false` gives the output of the step computed last instead of those of all. */
  readonly returnSequences?: boolean
  /** Truncated back-propagation through time: derivatives do not cross from one run of this many steps into another. Values are the same. */
  readonly truncate?: number
  /** Keep only the carry of each step for the reverse pass and compute the rest of the step again. */
  readonly checkpoint?: boolean
}

/** What the options of a scanned cell mean, but for its direction. */
export const overTimeMeanings: Meanings<Omit<RecurrentOptions, 'reverse'>> = {
  timeMajor: flag,
  returnSequences: flag,
  truncate: { ...positiveWhole, fix: 'a number of steps; leave it out for all' },
  checkpoint: flag,
}
const recurrentMeanings: Meanings<RecurrentOptions> = meaningsOf(overTimeMeanings, { reverse: flag })
const directed = optionsOf<RecurrentOptions>(recurrentMeanings)

const cells: Meaning = {
  says: 'a cell',
  fix: 'nn.lstmCell(3, 4), nn.gruCell(3, 4), nn.rnnCell(3, 4) or nn.cell({ ... })',
  accepts: (x) => typeof x === 'object' && x !== null && 'step' in x && 'project' in x && 'initCarry' in x,
}

/** One step of a cell whose types the loop need not know. */
type Step<C> = (carry: C, x: Tensor) => readonly [C, Tensor]

interface Direction {
  readonly reverse: boolean
  readonly checkpoint: boolean
}

const scanned = <C>(step: Step<C>, carry: C, xs: Tensor, options: Direction): readonly [C, Tensor] =>
  scan(step as never, carry, xs, options) as unknown as readonly [C, Tensor]

const cutOff = <C>(carry: C): C => tree.map(stopGradient as never, carry as never)

/** Steps along the leading axis, in runs of at most `length` between which no derivative flows. */
const inRuns = <C>(step: Step<C>, start: C, xs: Tensor, length: number, options: Direction): readonly [C, Tensor] => {
  const total = xs.shape[0]!
  if (total <= length) return scanned(step, start, xs, options)
  const whole = Math.floor(total / length) - 1
  const bounds = [length, length * (whole + 1)] as const
  const parts = split(xs, options.reverse ? [total - bounds[1], total - bounds[0]] : bounds)
  const [first, middle, rest] = (options.reverse ? [...parts].reverse() : parts) as readonly [Tensor, Tensor, Tensor]
  const [c1, y1] = scanned(step, start, first, options)
  const oneRun: Step<C> = (carry, run) => scanned(step, cutOff(carry), run, options)
  const [c2, y2] = scanned(oneRun, c1, reshape(middle, [whole, length, ...middle.shape.slice(1)]), { ...options, checkpoint: false })
  const [c3, y3] = rest.shape[0] === 0 ? [c2, rest] : scanned(step, cutOff(c2), rest, options)
  const ys = [y1, reshape(y2, [whole * length, ...y1.shape.slice(1)]), ...(rest.shape[0] === 0 ? [] : [y3])]
  return [c3, concatenate(options.reverse ? [...ys].reverse() : ys)]
}

/** The axes of a sequence that are neither time nor features. */
const batchOf = (name: string, shape: Shape, timeMajor: boolean): Shape =>
  shape.length < 2
    ? fail(ShapeError, `${name}: a sequence has a time axis and a feature axis, got shape [${shape.join(',')}]`, {
        fix: timeMajor ? '[time, ..., features]' : '[..., time, features]; { timeMajor: true } for [time, ..., features]',
      })
    : timeMajor
      ? shape.slice(1, -1)
      : shape.slice(0, -2)

const wider = (a: DType, b: DType): DType => joins[a][b]

/** The dtype that a step computes in: that of the input and of all parameters together. */
const widest = (x: Tensor, params: unknown): DType =>
  tree.leaves(params).reduce<DType>((d, p) => (isTensor(p) && isInexact(p.dtype) ? wider(d, p.dtype) : d), x.dtype)

/** A carry as large as the batch, and at least as wide as the computation: `like` says how large and wide. */
const fitted = <C>(name: string, carry: C, like: C): C => {
  if (!tree.sameStructure(carry, like))
    return fail(ShapeError, `${name}: the state is not the carry of this cell`, {
      fix: 'initState(inputShape), or what applyWithState returned',
    })
  return tree.map(
    ((given: Tensor, wanted: Tensor) => {
      const lead = wanted.ndim - given.ndim
      return lead >= 0 && given.shape.every((n, k) => n === wanted.shape[lead + k])
        ? broadcastTo(astype(given, wider(given.dtype, wanted.dtype)), wanted.shape)
        : fail(ShapeError, `${name}: the state does not fit the batch`, {
            args: { state: given, expected: wanted },
            fix: 'initState(inputShape), or what applyWithState returned for a batch of the same size',
          })
    }) as never,
    carry as never,
    like as never,
  )
}

/**
 * A cell as a layer of sequences. Its state is the cell's carry: zeros unless it is given, and what `applyWithState` returns
 * beside the outputs is the carry after the last step, so a long sequence goes through piece by piece:
 * a carry that comes in as an argument is a constant to `grad`, which is truncated back-propagation through time.
 * A state without batch axes holds for every example.
 *
 * shapes: x[..., time, inputs] -> y[..., time, outputs]
 *
 * @throws ShapeError for inputs without a time axis, for the last output of no steps, and for a state of another batch; ValueError for `truncate` below 1
 * @example
 * const model = nn.recurrent(nn.lstmCell(3, 4))
 * const params = model.init(random.key(0))
 * const x = random.normal(random.key(1), [2, 6, 3])
 * const [first, second] = np.split(x, 2, { axis: 1 })
 * const [, state] = model.applyWithState(params)(first)
 * const last = model.apply(params, { state })(second)
 * const whole = model.apply(params)(x)
 * np.allclose(np.index(whole, ':', '3:'), last)   // true
 */
export const recurrent = <P, C>(cell: Cell<P, C>, options: RecurrentOptions = {}): Layer<P, C> =>
  recurrentOf('recurrent', cell, directed('recurrent', options))

/** `recurrent` of options that are checked already. */
export const recurrentOf = <P, C>(caller: string, cell: Cell<P, C>, options: RecurrentOptions): Layer<P, C> => {
  check(caller, 'the cell', cells, cell)
  const { timeMajor = false, reverse = false, returnSequences = true, truncate, checkpoint = false } = options
  const { name } = cell
  return statefulLayer({
    name,
    gen: cell.gen,
    initState: (inputShape) => cell.initCarry(inputShape === undefined ? [] : batchOf(name, inputShape, timeMajor)),
    run: (params, { state }) => {
      const [project, step] = [cell.project(params), cell.step(params)]
      return (x) => {
        const batch = batchOf(name, x.shape, timeMajor)
        const projected = project(x)
        const us = timeMajor ? projected : moveaxis(projected, -2, 0)
        const zeros = cell.initCarry(batch, widest(us, params))
        const start = state === undefined ? zeros : fitted(name, state, zeros)
        const [carry, ys] = inRuns<C>(step, start, us, truncate ?? Infinity, { reverse, checkpoint })
        if (!returnSequences && us.shape[0] === 0)
          return fail(ShapeError, `${name}: a sequence of no steps has no last output`, {
            args: { x },
            fix: 'returnSequences: true, whose outputs are as many as the steps',
          })
        if (!returnSequences) return [index(ys, reverse ? 0 : -1), carry]
        return [timeMajor ? ys : moveaxis(ys, 0, -2), carry]
      }
    },
  })
}

/** A constructor of cells or of layers: with the input size, or with the size taken from the input shape at `init`. */
export interface Sized<O, R> {
  (inputs: number, hidden: number, options?: O): R
  (hidden: number, options?: O): R
}

/** The constructor of layers that run the cells of `make` along time. */
export const overTime = <O extends CellOptions, P, C>(
  name: string,
  meanings: Meanings<O>,
  make: (name: string, first: number, second: number | O | undefined, third: O | undefined) => Cell<P, C>,
): Sized<O & RecurrentOptions, Layer<P, C>> => {
  const options = optionsOf<O & RecurrentOptions>(meaningsOf(meanings, recurrentMeanings) as Meanings<O & RecurrentOptions>)
  return (first: number, second?: number | (O & RecurrentOptions), third?: O & RecurrentOptions): Layer<P, C> => {
    const explicit = typeof second === 'number'
    const given = options(name, explicit ? third : second)
    return recurrentOf(name, explicit ? make(name, first, second, given) : make(name, first, given, undefined), given)
  }
}
