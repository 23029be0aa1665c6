/** Connectionist temporal classification: a sequence of labels at unknown times. */
import { scan } from '../control/loops.js'
import { check, count as countMeaning, tensorLike, wholeWithin } from '../core/check.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { isReadable, peek } from '../core/tensor.js'
import { add, mul, neg, sub } from '../numpy/arithmetic.js'
import { greater, greaterEqual, less, logicalAnd, notEqual, where } from '../numpy/comparison.js'
import { astype, full, zeros } from '../numpy/create.js'
import { index } from '../numpy/index.js'
import { concatenate, stack } from '../numpy/join.js'
import type { TensorLike } from '../numpy/lift.js'
import { checkIntegral, lift, toFloat } from '../numpy/lift.js'
import { arange } from '../numpy/ranges.js'
import { logsumexp } from '../numpy/reduce.js'
import { broadcastTo, expandDims, reshape, transpose } from '../numpy/shape.js'
import { takeAlongAxis } from '../numpy/take.js'
import { logSoftmax } from '../nn/softmax.js'
import type { ReductionOption } from './reduction.js'
import { reduce, unlessWeightless, reductions } from './reduction.js'

/** Options of `ctc`. */
export interface CtcOptions extends ReductionOption {
  /** Time steps of each sequence, int[B]; all T by default. */
  readonly logitLengths?: TensorLike
  /** Labels of each sequence, int[B]; all N by default. */
  readonly labelLengths?: TensorLike
  /** The class that stands for no label; 0. */
  readonly blank?: number
}

const sequences = optionsOf<CtcOptions>(meaningsOf(reductions, { logitLengths: tensorLike, labelLengths: tensorLike, blank: countMeaning }))

/** @throws ValueError for a known number that is not in `0 .. most`. */
const checkWithin = (name: string, what: string, x: Tensor, most: number): void => {
  const wrong = isReadable(x) ? peek(x).find((n) => n < 0 || n > most) : undefined
  if (wrong !== undefined) fail(ValueError, `${name}: ${what} must be from 0 to ${most}, got ${wrong}`, { args: { [what]: x } })
}

/** @throws ValueError for a known label of a sequence that is no class. */
const checkLabels = (labels: Tensor, counts: Tensor, classes: number): void => {
  if (!isReadable(labels) || !isReadable(counts)) return
  const [numbers, lengths, n] = [peek(labels), peek(counts), labels.shape[1]!]
  const wrong = numbers.findIndex((k, i) => i % n < lengths[Math.floor(i / n)]! && (k < 0 || k >= classes))
  if (wrong !== -1)
    fail(ValueError, `ctc: label ${numbers[wrong]!} of sequence ${Math.floor(wrong / n)} is none of ${classes} classes`, {
      args: { labels },
      fix: `class numbers from 0 to ${classes - 1}; labelLengths say where the padding begins`,
    })
}

/** Minus infinity for sums in logarithms whose derivatives must stay numbers. */
const never = -1e30

/**
 * Minus the log of the probability of a sequence of labels, summed over all ways to spread it over time with blanks and repetitions,
 * per sequence; the mean over sequences unless `reduction` says otherwise. Infinite where there are more labels than time steps
 * can hold.
 *
 * shapes: logits[B, T, K], labels int[B, N] -> []
 *
 * @throws ShapeError when the shapes do not fit; ValueError for lengths and labels out of range.
 * @see https://doi.org/10.1145/1143844.1143891 Graves et al., Connectionist Temporal Classification
 */
export const ctc = (logits: TensorLike, labels: TensorLike, options: CtcOptions = {}): Tensor => {
  const { blank = 0, logitLengths, labelLengths, ...rest } = sequences('ctc', options)
  const x = toFloat(logits, 'ctc', 'logits')
  const y = astype(checkIntegral('ctc', lift(labels, 'ctc', 'labels')), 'int32')
  if (x.ndim !== 3 || y.ndim !== 2 || x.shape[0] !== y.shape[0])
    fail(ShapeError, 'ctc: logits are [B, T, K] and labels [B, N]', { args: { logits: x, labels: y } })
  const [batch, time, classes] = x.shape as readonly [number, number, number]
  check('ctc', 'blank', wholeWithin(0, classes - 1), blank)
  const n = y.shape[1]!
  const lengths = (given: TensorLike | undefined, all: number): Tensor =>
    given === undefined ? full([batch], all, { dtype: 'int32' }) : broadcastTo(astype(lift(given, 'ctc'), 'int32'), [batch])
  const [times, counts] = [lengths(logitLengths, time), lengths(labelLengths, n)]
  checkWithin('ctc', 'logitLengths', times, time)
  checkWithin('ctc', 'labelLengths', counts, n)
  checkLabels(y, counts, classes)

  // Labels with a blank before, between and after: 2 N + 1 places; one is skipped only between labels that differ.
  const blanks = full([batch, n, 1], blank, { dtype: 'int32' })
  const between = reshape(concatenate([blanks, expandDims(y, 2)], { axis: 2 }), [batch, 2 * n])
  const places = concatenate([between, full([batch, 1], blank, { dtype: 'int32' })], { axis: 1 })
  const width = 2 * n + 1
  /** Every place's predecessor `by` places back. */
  const before = (t: Tensor, by: number, fill: Tensor): Tensor => {
    const edge = broadcastTo(fill, [batch, Math.min(by, width)])
    return width <= by ? edge : concatenate([edge, index(t, {}, { stop: width - by })], { axis: 1 })
  }
  const skips = logicalAnd(notEqual(places, blank), notEqual(places, before(places, 2, full([], blank, { dtype: 'int32' }))))

  // frames behind the end of a sequence, and sequences that weigh nothing, are not to come back as NaN in derivatives
  const present = expandDims(less(arange(time, { dtype: 'int32' }), expandDims(times, 1)), 2)
  const scores = logSoftmax(unlessWeightless('ctc', where(present, x, 0), rest))
  const wide = broadcastTo(expandDims(places, 1), [batch, time, width])
  const emitted = transpose(takeAlongAxis(scores, wide, { axis: 2 }), [1, 0, 2])
  const low = full([], never, { dtype: x.dtype })
  const first = where(less(arange(width, { dtype: 'int32' }), 1), zeros([], { dtype: x.dtype }), broadcastTo(low, [batch, width]))

  const step = (alpha: Tensor, { emit, t }: { readonly emit: Tensor; readonly t: Tensor }): readonly [Tensor, null] => {
    const two = where(skips, before(alpha, 2, low), low)
    // The first step may start in the first blank or in the first label, which `first` says by one place.
    const moved = logsumexp(stack([alpha, before(alpha, 1, low), two]), { axis: 0 })
    return [where(expandDims(less(t, times), 1), add(moved, emit), alpha), null]
  }
  const [alpha] = scan(step as never, first, { emit: emitted, t: arange(time, { dtype: 'int32' }) }) as unknown as readonly [Tensor, null]
  const at = (place: Tensor): Tensor => reshape(takeAlongAxis(alpha, expandDims(place, 1), { axis: 1 }), [batch])
  const last = mul(counts, 2)
  const ends = stack([at(last), where(greater(counts, 0), at(where(greater(counts, 0), sub(last, 1), 0)), low)])
  const loss = neg(logsumexp(ends, { axis: 0 }))
  return reduce('ctc', where(greaterEqual(loss, -never / 2), Infinity, loss), rest)
}
