/** Steps that divide a gradient by its own running size: Adam, RMSprop, Adagrad, Adadelta. */
import { decay as decayRate, flag, nonNegative } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add, div, mul, neg, sqrt, square, sub } from '../numpy/arithmetic.js'
import { astype, fullLike, zerosLike } from '../numpy/create.js'
import { expm1 } from '../numpy/exponential.js'
import { mapLeaves } from './leaves.js'
import { increment, noUpdates } from './scale.js'
import type { GradientTransformation, ParamsTree } from './transform.js'
import { fromStep } from './transform.js'

/** Zeros like every leaf, each a tensor of its own: states are donated leaf by leaf. */
export const zeros = <P>(params: P): P => mapLeaves((p) => zerosLike(p), params)

/** `decay * before + (1 - decay) * value`. */
export const average = (decay: number, before: Tensor, value: Tensor): Tensor => add(mul(before, decay), mul(value, 1 - decay))

/** `1 - decay^count`, without the cancellation that small counts would bring. */
export const correction = (decay: number, count: Tensor, like: Tensor): Tensor =>
  neg(expm1(mul(astype(count, like.dtype), Math.log(decay))))

/** Options of `scaleByAdam`. */
export interface AdamOptions {
  /** Decay of the mean of gradients; 0.9. */
  readonly b1?: number
  /** Decay of the mean of their squares; 0.999. */
  readonly b2?: number
  /** Added to the root; 1e-8. */
  readonly eps?: number
  /** Added under the root; 0. Needed to differentiate through the optimizer. */
  readonly epsRoot?: number
  /**
   * Where `eps` stands. `false`: `m̂ / (sqrt(v̂) + eps)`, of the paper's algorithm, optax and PyTorch. `true`:
   * `sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + eps)`, the paper's "epsilon hat" variant, of DeZero and TensorFlow.
   */
  readonly epsHat?: boolean
  /** Look ahead by one step of the mean of gradients: Nadam. */
  readonly nesterov?: boolean
}

/** What the options of Adam without `nesterov` mean. */
export const plainAdam: Meanings<Omit<AdamOptions, 'nesterov'>> = {
  b1: decayRate,
  b2: decayRate,
  eps: nonNegative,
  epsRoot: nonNegative,
  epsHat: flag,
}

/** What the options of Adam mean. */
export const adamMeanings: Meanings<AdamOptions> = meaningsOf(plainAdam, { nesterov: flag })

const adamOf = optionsOf<AdamOptions>(adamMeanings)

/** State of `scaleByAdam`. */
export interface AdamState<P = ParamsTree> {
  readonly count: Tensor
  /** Running mean of the gradients, a tree like the parameters. */
  readonly mu: P
  /** Running mean of their squares, a tree like the parameters. */
  readonly nu: P
}

/** Adam's direction: the mean gradient over the root of the mean square. @see https://arxiv.org/abs/1412.6980 */
export const scaleByAdam = (options: AdamOptions = {}): GradientTransformation<readonly [AdamState]> => {
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0, epsHat = false, nesterov = false } = adamOf('scaleByAdam', options)
  const direction = (g: Tensor, m: Tensor, v: Tensor, count: Tensor): Tensor => {
    const c1 = correction(b1, count, m)
    const c2 = correction(b2, count, v)
    const under = (x: Tensor): Tensor => sqrt(epsRoot === 0 ? x : add(x, epsRoot))
    // The mean as it will be corrected one step later, had the next gradient been this one.
    const ahead = (): Tensor => average(b1, div(m, correction(b1, increment(count), m)), div(g, c1))
    if (epsHat) return div(mul(nesterov ? mul(ahead(), c1) : m, div(sqrt(c2), c1)), add(under(v), eps))
    return div(nesterov ? ahead() : div(m, c1), add(under(div(v, c2)), eps))
  }
  return fromStep({
    name: 'scaleByAdam',
    init: (params) => ({ count: noUpdates(), mu: zeros(params), nu: zeros(params) }),
    update: (updates, state: AdamState) => {
      const count = increment(state.count)
      const mu = mapLeaves((g, m) => average(b1, m, g), updates, state.mu)
      const nu = mapLeaves((g, v) => average(b2, v, square(g)), updates, state.nu)
      return [mapLeaves((g, m, v) => direction(g, m, v, count), updates, mu, nu), { count, mu, nu }]
    },
  })
}

/** Options of `scaleByRms`. */
export interface RmsOptions {
  /** Decay of the mean of squares; 0.9. */
  readonly decay?: number
  readonly eps?: number
  /** `true`: `eps` is added under the root (optax); `false`: to the root (PyTorch). */
  readonly epsInRoot?: boolean
  /** Divide by the standard deviation instead: subtract the square of the running mean. */
  readonly centered?: boolean
}

/** What the options of `scaleByRms` mean. */
export const rmsMeanings: Meanings<RmsOptions> = { decay: decayRate, eps: nonNegative, epsInRoot: flag, centered: flag }

const rmsOf = optionsOf<RmsOptions>(rmsMeanings)

/** State of `scaleByRms`; `mu` is kept when centred. */
export interface RmsState<P = ParamsTree> {
  readonly nu: P
  readonly mu: P | null
}

/** Divides by the root of a running mean of squares. */
export const scaleByRms = (options: RmsOptions = {}): GradientTransformation<readonly [RmsState]> => {
  const { decay = 0.9, eps = 1e-8, epsInRoot = true, centered = false } = rmsOf('scaleByRms', options)
  const divide = (g: Tensor, variance: Tensor): Tensor => div(g, epsInRoot ? sqrt(add(variance, eps)) : add(sqrt(variance), eps))
  return fromStep({
    name: 'scaleByRms',
    init: (params) => ({ nu: zeros(params), mu: centered ? zeros(params) : null }),
    update: (updates, state: RmsState) => {
      const nu = mapLeaves((g, v) => average(decay, v, square(g)), updates, state.nu)
      if (!centered) return [mapLeaves((g, v) => divide(g, v), updates, nu), { nu, mu: null }]
      const mu = mapLeaves((g, m) => average(decay, m, g), updates, state.mu)
      return [mapLeaves((g, v, m) => divide(g, sub(v, square(m))), updates, nu, mu), { nu, mu }]
    },
  })
}

/** Options of `scaleByRss`. */
export interface RssOptions {
  /** Where the sums start; 0. */
  readonly initialValue?: number
  readonly eps?: number
}

/** What the options of `scaleByRss` mean. */
export const rssMeanings: Meanings<RssOptions> = { initialValue: nonNegative, eps: nonNegative }

const rssOf = optionsOf<RssOptions>(rssMeanings)

/** State of `scaleByRss`. */
export interface RssState<P = ParamsTree> {
  readonly sumOfSquares: P
}

/** Divides by the root of the sum of all squares so far, `g / (sqrt(sum) + eps)`: Adagrad's direction. */
export const scaleByRss = (options: RssOptions = {}): GradientTransformation<readonly [RssState]> => {
  const { initialValue = 0, eps = 1e-8 } = rssOf('scaleByRss', options)
  return fromStep({
    name: 'scaleByRss',
    init: (params) => ({ sumOfSquares: mapLeaves((p) => fullLike(p, initialValue), params) }),
    update: (updates, state: RssState) => {
      const sumOfSquares = mapLeaves((g, s) => add(s, square(g)), updates, state.sumOfSquares)
      return [mapLeaves((g, s) => div(g, add(sqrt(s), eps)), updates, sumOfSquares), { sumOfSquares }]
    },
  })
}

/** Options of `scaleByAdadelta`. */
export interface AdadeltaOptions {
  /** Decay of both running means; 0.9. */
  readonly rho?: number
  readonly eps?: number
}

/** What the options of `scaleByAdadelta` mean. */
export const adadeltaMeanings: Meanings<AdadeltaOptions> = { rho: decayRate, eps: nonNegative }

const adadeltaOf = optionsOf<AdadeltaOptions>(adadeltaMeanings)

/** State of `scaleByAdadelta`. */
export interface AdadeltaState<P = ParamsTree> {
  /** Running mean of squared gradients. */
  readonly gradients: P
  /** Running mean of squared updates. */
  readonly updates: P
}

/** Multiplies by the ratio of running root mean squares, of updates over gradients. @see https://arxiv.org/abs/1212.5701 */
export const scaleByAdadelta = (options: AdadeltaOptions = {}): GradientTransformation<readonly [AdadeltaState]> => {
  const { rho = 0.9, eps = 1e-6 } = adadeltaOf('scaleByAdadelta', options)
  return fromStep({
    name: 'scaleByAdadelta',
    init: (params) => ({ gradients: zeros(params), updates: zeros(params) }),
    update: (grads, state: AdadeltaState) => {
      const gradients = mapLeaves((g, e) => average(rho, e, square(g)), grads, state.gradients)
      const ratio = (past: Tensor, now: Tensor): Tensor => sqrt(div(add(past, eps), add(now, eps)))
      const deltas = mapLeaves((g, now, past) => mul(g, ratio(past, now)), grads, gradients, state.updates)
      const updates = mapLeaves((d, e) => average(rho, e, square(d)), deltas, state.updates)
      return [deltas, { gradients, updates }]
    },
  })
}
