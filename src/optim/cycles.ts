/** Schedules in pieces: one-cycle, warm restarts, steps, and interpolation between points. */
import { fail, ValueError } from '../core/errors.js'
import { add, div, maximum, minimum, mul, sub } from '../numpy/arithmetic.js'
import { less, where } from '../numpy/comparison.js'
import type { TensorLike } from '../numpy/lift.js'
import { cos } from '../numpy/trigonometric.js'
import { rsqrt } from '../prim/elementwise.js'
import { toFloat } from '../numpy/lift.js'
import type { ExponentialOptions, Schedule, WarmupCosineOptions, WarmupOptions } from './schedule.js'
import {
  exponentialDecay,
  joinSchedules,
  like,
  piecewiseConstantSchedule,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
} from './schedule.js'

const check = (name: string, option: string, value: number): void => {
  if (!(value > 0)) fail(ValueError, `${name}: ${option} must be positive, got ${value}`)
}

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
  const points = Object.entries(scales)
    .map(([step, factor]) => [Number(step), factor] as const)
    .reduce<readonly (readonly [number, number])[]>(
      (before, [step, factor]) => {
        check('piecewiseInterpolateSchedule', 'a boundary', step)
        return [...before, [step, before[before.length - 1]![1] * factor]]
      },
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

/**
 * Up to the peak and down to almost nothing, both along a cosine.
 *
 * @see https://arxiv.org/abs/1708.07120 Smith and Topin, Super-Convergence
 */
export const cosineOnecycleSchedule = (options: OnecycleOptions): Schedule => {
  const { transitionSteps, peakValue, pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4 } = options
  check('cosineOnecycleSchedule', 'transitionSteps', transitionSteps)
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
  const { transitionSteps, peakValue, pctStart = 0.3, pctFinal = 0.85, divFactor = 25, finalDivFactor = 1e4 } = options
  check('linearOnecycleSchedule', 'transitionSteps', transitionSteps)
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
  if (cycles.length === 0)
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

/**
 * Stairs: the value is multiplied by `decayRate` every `steps` steps, or at each of a list of steps.
 *
 * @example
 * const schedule = optim.stepSchedule({ initValue: 1, decayRate: 0.5, steps: [10, 30] })
 * schedule(29)  // 0.5
 */
export const stepSchedule = ({ initValue, decayRate = 0.1, steps }: StepOptions): Schedule =>
  typeof steps === 'number'
    ? exponentialDecay({ initValue, decayRate, transitionSteps: steps, staircase: true })
    : piecewiseConstantSchedule(initValue, Object.fromEntries(steps.map((step) => [step, decayRate])))

/** Options of `warmupExponentialDecaySchedule`. */
export interface WarmupExponentialOptions extends WarmupOptions, Omit<ExponentialOptions, 'initValue'> {}

/** A line up to `peakValue`, then exponential decay. */
export const warmupExponentialDecaySchedule = ({ initValue, peakValue, warmupSteps, ...decay }: WarmupExponentialOptions): Schedule => {
  const warmup = warmupConstantSchedule(initValue === undefined ? { peakValue, warmupSteps } : { initValue, peakValue, warmupSteps })
  return joinSchedules([warmup, exponentialDecay({ ...decay, initValue: peakValue })], [warmupSteps])
}

/**
 * The transformer's: a line up to `peakValue` at update `warmupSteps`, then `peakValue * sqrt(warmupSteps / t)`.
 *
 * @see https://arxiv.org/abs/1706.03762 Vaswani et al., Attention Is All You Need, section 5.3
 */
export const warmupRsqrtSchedule = ({ peakValue, warmupSteps }: Omit<WarmupOptions, 'initValue'>): Schedule => {
  check('warmupRsqrtSchedule', 'warmupSteps', warmupSteps)
  return (count) => {
    const t = maximum(toFloat(count), 1)
    return mul(minimum(div(t, warmupSteps), mul(rsqrt(t), Math.sqrt(warmupSteps))), peakValue)
  }
}
