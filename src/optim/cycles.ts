/** Schedules in pieces: one-cycle, warm restarts, steps, and interpolation between points. */
import { check, either, finite, listOf, nonNegative, oneOf, positive, probability } from '../core/check.js'
import { fail, ValueError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, recordOf } from '../core/options.js'
import { add, div, maximum, minimum, mul, sub } from '../numpy/arithmetic.js'
import { less, where } from '../numpy/comparison.js'
import type { TensorLike } from '../numpy/lift.js'
import { cos } from '../numpy/trigonometric.js'
import { rsqrt } from '../prim/elementwise.js'
import { toFloat } from '../numpy/lift.js'
import type { ExponentialOptions, Schedule, WarmupCosineOptions, WarmupOptions } from './schedule.js'
import {
  decaying,
  exponentialDecay,
  joinSchedules,
  like,
  piecewiseConstantSchedule,
  stepsOf,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
  warmups,
} from './schedule.js'

/**
 * A curve through points: at step `boundary` the value has been multiplied by all scales up to there, and in between it
 * moves in a straight line or half a cosine wave.
 *
 * @throws ValueError for a boundary that is not positive.
 * @example
 * const schedule = optim.piecewiseInterpolateSchedule('linear', 1, { 4: 0.1, 8: 0.01 })
 * schedule(2)  // 0.55
 */
export const piecewiseInterpolateSchedule = (
  interpolation: 'linear' | 'cosine',
  initValue: number,
  scales: Readonly<Record<number, number>>,
): Schedule => {
  check('piecewiseInterpolateSchedule', 'interpolation', oneOf('linear', 'cosine'), interpolation)
  check('piecewiseInterpolateSchedule', 'initValue', finite, initValue)
  const points = stepsOf('piecewiseInterpolateSchedule', positive, scales).reduce<readonly (readonly [number, number])[]>(
    (before, [step, factor]) => [...before, [step, before[before.length - 1]![1] * factor]],
    [[0, initValue]],
  )
  const between = (start: number, end: number, fraction: TensorLike): TensorLike =>
    interpolation === 'linear'
      ? add(start, mul(fraction, end - start))
      : add(end, mul(add(cos(mul(fraction, Math.PI)), 1), (start - end) / 2))
  return (count) =>
    points.slice(1).reduceRight<TensorLike>(
      (after, [step, value], k) => {
        const [begin, start] = points[k]!
        return where(less(count, step), between(start, value, div(sub(count, begin), step - begin)), after)
      },
      like(count, points[points.length - 1]![1]),
    )
}

/** Options of the one-cycle schedules. */
export interface OnecycleOptions {
  /** Length of the cycle. */
  readonly transitionSteps: number
  readonly peakValue: number
  /** Fraction of the cycle that rises; 0.3. */
  readonly pctStart?: number
  /** The first value is `peakValue / divFactor`; 25. */
  readonly divFactor?: number
  /** The last value is the first one over this; 1e4. */
  readonly finalDivFactor?: number
}

const cycles: Meanings<OnecycleOptions> = {
  transitionSteps: positive,
  peakValue: finite,
  pctStart: probability,
  divFactor: positive,
  finalDivFactor: positive,
}
const cycleOf = recordOf<OnecycleOptions>(cycles, ['transitionSteps', 'peakValue'])
const linesOf = recordOf<LinearOnecycleOptions>(meaningsOf(cycles, { pctFinal: probability }), ['transitionSteps', 'peakValue'])

/**
 * Up to the peak and down to almost nothing, both along a cosine.
 *
 * @see https://arxiv.org/abs/1708.07120 Smith and Topin, Super-Convergence
 */
export const cosineOnecycleSchedule = (options: OnecycleOptions): Schedule => {
  const { transitionSteps, peakValue, pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4 } = cycleOf('cosineOnecycleSchedule', options)
  return piecewiseInterpolateSchedule('cosine', peakValue / divFactor, {
    [Math.trunc(pctStart * transitionSteps)]: divFactor,
    [transitionSteps]: 1 / (divFactor * finalDivFactor),
  })
}

/** Options of `linearOnecycleSchedule`. */
export interface LinearOnecycleOptions extends OnecycleOptions {
  /** Fraction of the cycle after which the value is back at its start; 0.85. */
  readonly pctFinal?: number
}

/**
 * Three straight lines: up to the peak, down to the start, and on to the start over `finalDivFactor`.
 *
 * @see https://arxiv.org/abs/1708.07120 Smith and Topin, Super-Convergence
 */
export const linearOnecycleSchedule = (options: LinearOnecycleOptions): Schedule => {
  const {
    transitionSteps,
    peakValue,
    pctStart = 0.3,
    pctFinal = 0.85,
    divFactor = 25,
    finalDivFactor = 1e4,
  } = linesOf('linearOnecycleSchedule', options)
  return piecewiseInterpolateSchedule('linear', peakValue / divFactor, {
    [Math.trunc(pctStart * transitionSteps)]: divFactor,
    [Math.trunc(pctFinal * transitionSteps)]: 1 / divFactor,
    [transitionSteps]: 1 / finalDivFactor,
  })
}

/**
 * Warm restarts: a warm-up and a cosine decay per cycle, one after the other. A cycle's `decaySteps` is its whole length.
 *
 * @throws ValueError when there is no cycle.
 * @see https://arxiv.org/abs/1608.03983 Loshchilov and Hutter, SGDR
 */
export const sgdrSchedule = (cycles: readonly WarmupCosineOptions[]): Schedule => {
  if (!Array.isArray(cycles) || cycles.length === 0)
    fail(ValueError, 'sgdrSchedule: there is no cycle', { fix: 'at least one { peakValue, warmupSteps, decaySteps }' })
  const ends = cycles.reduce<readonly number[]>((sums, { decaySteps }) => [...sums, (sums[sums.length - 1] ?? 0) + decaySteps], [])
  return joinSchedules(cycles.map(warmupCosineDecaySchedule), ends.slice(0, -1))
}

/** Options of `stepSchedule`. */
export interface StepOptions {
  readonly initValue: number
  /** Factor per stair; 0.1. */
  readonly decayRate?: number
  /** Steps per stair, or the steps at which a new stair begins. */
  readonly steps: number | readonly number[]
}

const stairs = recordOf<StepOptions>({ initValue: finite, decayRate: positive, steps: either(positive, listOf(nonNegative)) }, [
  'initValue',
  'steps',
])

/**
 * Stairs: the value is multiplied by `decayRate` every `steps` steps, or at each of a list of steps.
 *
 * @example
 * const schedule = optim.stepSchedule({ initValue: 1, decayRate: 0.5, steps: [10, 30] })
 * schedule(29)  // 0.5
 */
export const stepSchedule = (options: StepOptions): Schedule => {
  const { initValue, decayRate = 0.1, steps } = stairs('stepSchedule', options)
  return typeof steps === 'number'
    ? exponentialDecay({ initValue, decayRate, transitionSteps: steps, staircase: true })
    : piecewiseConstantSchedule(initValue, Object.fromEntries(steps.map((step) => [step, decayRate])))
}

/** Options of `warmupExponentialDecaySchedule`. */
export interface WarmupExponentialOptions extends WarmupOptions, Omit<ExponentialOptions, 'initValue'> {}

const warmupDecayOf = recordOf<WarmupExponentialOptions>(meaningsOf(warmups, decaying), [
  'peakValue',
  'warmupSteps',
  'decayRate',
  'transitionSteps',
])

/** A line up to `peakValue`, then exponential decay. */
export const warmupExponentialDecaySchedule = (options: WarmupExponentialOptions): Schedule => {
  const { initValue, peakValue, warmupSteps, ...decay } = warmupDecayOf('warmupExponentialDecaySchedule', options)
  const warmup = warmupConstantSchedule(initValue === undefined ? { peakValue, warmupSteps } : { initValue, peakValue, warmupSteps })
  return joinSchedules([warmup, exponentialDecay({ ...decay, initValue: peakValue })], [warmupSteps])
}

const rsqrtOf = recordOf<Omit<WarmupOptions, 'initValue'>>({ peakValue: finite, warmupSteps: positive }, ['peakValue', 'warmupSteps'])

/**
 * The transformer's: a line up to `peakValue` at update `warmupSteps`, then `peakValue * sqrt(warmupSteps / t)`.
 *
 * @see https://arxiv.org/abs/1706.03762 Vaswani et al., Attention Is All You Need, section 5.3
 */
export const warmupRsqrtSchedule = (options: Omit<WarmupOptions, 'initValue'>): Schedule => {
  const { peakValue, warmupSteps } = rsqrtOf('warmupRsqrtSchedule', options)
  return (count) => {
    const t = maximum(toFloat(count), 1)
    return mul(minimum(div(t, warmupSteps), mul(rsqrt(t), Math.sqrt(warmupSteps))), peakValue)
  }
}
