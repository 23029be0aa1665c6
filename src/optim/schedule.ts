/** Schedules: pure functions of the number of updates made so far. */
import type { Monoid as FpMonoid } from 'fp-ts/lib/Monoid.js'
import type { Meaning } from '../core/check.js'
import { check, finite, flag, listOf, nonNegative, positive, record, traceable } from '../core/check.js'
import { fail, ValueError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, recordOf } from '../core/options.js'
import { add, div, maximum, minimum, mul, pow, sub } from '../numpy/arithmetic.js'
import { less, where } from '../numpy/comparison.js'
import { fullLike } from '../numpy/create.js'
import { exp } from '../numpy/exponential.js'
import type { TensorLike } from '../numpy/lift.js'
import { toFloat } from '../numpy/lift.js'
import { clip, floor } from '../numpy/rounding.js'
import { cos } from '../numpy/trigonometric.js'

/**
 * A value for every step; `count` is a scalar, 0 at the first update. Works under `jit`, and on plain numbers
 * for drawing its curve.
 */
export type Schedule = (count: TensorLike) => TensorLike

/** The same value at every step. */
export const constantSchedule = (value: number): Schedule => {
  check('constantSchedule', 'value', finite, value)
  return () => value
}

/** A value as a tensor of `count`'s float dtype, so that no constant passes through float32 on its way to float64. */
export const like = (count: TensorLike, value: TensorLike): TensorLike =>
  typeof value === 'number' ? fullLike(toFloat(count), value) : value

/** The fraction of `steps` that has passed since `begin`, from 0 to 1. */
const progress = (count: TensorLike, steps: number, begin = 0): TensorLike => clip(div(sub(count, begin), steps), 0, 1)

/** Options of `polynomialSchedule`. */
export interface PolynomialOptions {
  readonly initValue: number
  readonly endValue: number
  readonly power: number
  /** Steps from `initValue` to `endValue`. */
  readonly transitionSteps: number
  /** Steps at `initValue` before. */
  readonly transitionBegin?: number
}

const lines: Meanings<Omit<PolynomialOptions, 'power'>> = {
  initValue: finite,
  endValue: finite,
  transitionSteps: positive,
  transitionBegin: finite,
}
const lineOf = recordOf<Omit<PolynomialOptions, 'power'>>(lines, ['initValue', 'endValue', 'transitionSteps'])
const polynomialOf = recordOf<PolynomialOptions>(meaningsOf(lines, { power: finite }), [
  'initValue',
  'endValue',
  'power',
  'transitionSteps',
])

/** `endValue + (initValue - endValue) * (1 - progress)^power`. */
export const polynomialSchedule = (options: PolynomialOptions): Schedule => {
  const { initValue, endValue, power, transitionSteps, transitionBegin = 0 } = polynomialOf('polynomialSchedule', options)
  return (count) => {
    const left = sub(1, progress(count, transitionSteps, transitionBegin))
    return add(mul(power === 1 ? left : pow(left, power), initValue - endValue), endValue)
  }
}

/** A straight line from `initValue` to `endValue`, constant before and after. */
export const linearSchedule = (options: Omit<PolynomialOptions, 'power'>): Schedule =>
  polynomialSchedule({ ...lineOf('linearSchedule', options), power: 1 })

/** Options of `cosineDecaySchedule`. */
export interface CosineOptions {
  readonly initValue: number
  readonly decaySteps: number
  /** The last value, as a fraction of the first; 0 by default. */
  readonly alpha?: number
  readonly exponent?: number
}

const cosineOf = recordOf<CosineOptions>({ initValue: finite, decaySteps: positive, alpha: finite, exponent: finite }, [
  'initValue',
  'decaySteps',
])

/** Half a period of a cosine, from `initValue` down to `alpha * initValue`. @see https://arxiv.org/abs/1608.03983 */
export const cosineDecaySchedule = (options: CosineOptions): Schedule => {
  const { initValue, decaySteps, alpha = 0, exponent = 1 } = cosineOf('cosineDecaySchedule', options)
  return (count) => {
    const wave = mul(0.5, add(1, cos(mul(progress(count, decaySteps), Math.PI))))
    return mul(add(mul(exponent === 1 ? wave : pow(wave, exponent), 1 - alpha), alpha), initValue)
  }
}

/** Options of `exponentialDecay`. */
export interface ExponentialOptions {
  readonly initValue: number
  /** Factor per `transitionSteps` steps. */
  readonly decayRate: number
  readonly transitionSteps: number
  readonly transitionBegin?: number
  /** Decay at whole multiples of `transitionSteps` only: the step schedule. */
  readonly staircase?: boolean
  /** Bound of the value: a floor for decay rates below 1, a ceiling above. */
  readonly endValue?: number
}

/** What the options of an exponential decay mean, but for where it starts. */
export const decaying: Meanings<Omit<ExponentialOptions, 'initValue'>> = {
  decayRate: positive,
  transitionSteps: positive,
  transitionBegin: finite,
  staircase: flag,
  endValue: finite,
}

const exponentialOf = recordOf<ExponentialOptions>(meaningsOf(decaying, { initValue: finite }), [
  'initValue',
  'decayRate',
  'transitionSteps',
])

/** `initValue * decayRate ^ (count / transitionSteps)`. */
export const exponentialDecay = (options: ExponentialOptions): Schedule => {
  const {
    initValue,
    decayRate,
    transitionSteps,
    transitionBegin = 0,
    staircase = false,
    endValue,
  } = exponentialOf('exponentialDecay', options)
  return (count) => {
    const passed = div(maximum(sub(count, transitionBegin), 0), transitionSteps)
    const value = mul(exp(mul(staircase ? floor(passed) : passed, Math.log(decayRate))), initValue)
    return endValue === undefined ? value : decayRate < 1 ? maximum(value, endValue) : minimum(value, endValue)
  }
}

/** Schedules one after the other: `schedules[k]` begins, counting from 0, at `boundaries[k - 1]`. */
export const joinSchedules = (schedules: readonly Schedule[], boundaries: readonly number[]): Schedule => {
  check('joinSchedules', 'schedules', listOf({ ...traceable, says: 'a schedule' }), schedules)
  check('joinSchedules', 'boundaries', listOf(finite), boundaries)
  const [first, ...rest] = schedules
  if (first === undefined || rest.length !== boundaries.length)
    return fail(
      ValueError,
      `joinSchedules: ${schedules.length} schedules need ${schedules.length - 1} boundaries, got ${boundaries.length}`,
    )
  return (count) =>
    rest.reduce<TensorLike>(
      (before, schedule, k) => where(less(count, boundaries[k]!), before, like(count, schedule(sub(count, boundaries[k]!)))),
      like(count, first(count)),
    )
}

/** Options of `warmupConstantSchedule`. */
export interface WarmupOptions {
  /** The first value; 0 by default. */
  readonly initValue?: number
  readonly peakValue: number
  readonly warmupSteps: number
}

/** What the options of a warm-up mean. */
export const warmups: Meanings<WarmupOptions> = { initValue: finite, peakValue: finite, warmupSteps: positive }

const warmupOf = recordOf<WarmupOptions>(warmups, ['peakValue', 'warmupSteps'])

/** A line from `initValue` to `peakValue`, which then stays. */
export const warmupConstantSchedule = (options: WarmupOptions): Schedule => {
  const { initValue = 0, peakValue, warmupSteps } = warmupOf('warmupConstantSchedule', options)
  return linearSchedule({ initValue, endValue: peakValue, transitionSteps: warmupSteps })
}

/** Options of `warmupCosineDecaySchedule`; `decaySteps` counts the warm-up too. */
export interface WarmupCosineOptions extends WarmupOptions {
  readonly decaySteps: number
  readonly endValue?: number
}

const warmupCosineOf = recordOf<WarmupCosineOptions>(meaningsOf(warmups, { decaySteps: positive, endValue: finite }), [
  'peakValue',
  'warmupSteps',
  'decaySteps',
])

/** A line up to `peakValue`, then a cosine down to `endValue`, which is reached after `decaySteps` steps in all. */
export const warmupCosineDecaySchedule = (options: WarmupCosineOptions): Schedule => {
  const { decaySteps, endValue = 0, ...warmup } = warmupCosineOf('warmupCosineDecaySchedule', options)
  const { peakValue, warmupSteps } = warmup
  if (decaySteps <= warmupSteps)
    fail(ValueError, `warmupCosineDecaySchedule: decaySteps ${decaySteps} leave nothing after ${warmupSteps} warmupSteps`, {
      fix: 'decaySteps count the warm-up too',
    })
  const cosine = cosineDecaySchedule({
    initValue: peakValue,
    decaySteps: decaySteps - warmupSteps,
    alpha: peakValue === 0 ? 0 : endValue / peakValue,
  })
  return joinSchedules([warmupConstantSchedule(warmup), cosine], [warmupSteps])
}

/** What a record holds by step, in the order of the steps. */
export const stepsOf = (
  name: string,
  boundary: Meaning,
  scales: Readonly<Record<number, number>>,
): readonly (readonly [step: number, factor: number])[] =>
  Object.entries(check(name, 'scales', record, scales as unknown) as Readonly<Record<string, number>>).map(
    ([step, factor]) => [check(name, 'a boundary', boundary, Number(step)), check(name, `scales[${step}]`, finite, factor)] as const,
  )

/** `initValue` times the scales whose step has been reached: `piecewiseConstantSchedule(0.1, { 30: 0.1, 60: 0.1 })`. */
export const piecewiseConstantSchedule = (initValue: number, scales: Readonly<Record<number, number>>): Schedule => {
  check('piecewiseConstantSchedule', 'initValue', finite, initValue)
  const entries = stepsOf('piecewiseConstantSchedule', nonNegative, scales)
  return (count) =>
    entries.reduce<TensorLike>((value, [step, factor]) => where(less(count, step), value, mul(value, factor)), like(count, initValue))
}

/** Schedules under pointwise multiplication; the unit is 1 everywhere. */
export const ScheduleMonoid: FpMonoid<Schedule> = { empty: constantSchedule(1), concat: (x, y) => (count) => mul(x(count), y(count)) }
