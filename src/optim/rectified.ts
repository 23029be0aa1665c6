/** Relatives of Adam that divide by another size of the gradient: AMSGrad, Adamax, RAdam, AdaBelief, Yogi. */
import { decay, nonNegative } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { abs, add, div, maximum, mul, sign, sqrt, square, sub } from '../numpy/arithmetic.js'
import { greaterEqual, where } from '../numpy/comparison.js'
import { astype, fullLike } from '../numpy/create.js'
import { mapLeaves } from './leaves.js'
import type { AdamState } from './moments.js'
import { average, correction, zeros } from './moments.js'
import { increment, noUpdates } from './scale.js'
import type { GradientTransformation, ParamsTree } from './transform.js'
import { fromStep } from './transform.js'

/** Options of the relatives of Adam. */
export interface MomentOptions {
  /** Decay of the mean of gradients; 0.9. */
  readonly b1?: number
  /** Decay of the mean of sizes; 0.999. */
  readonly b2?: number
  /** Added to the root; 1e-8. */
  readonly eps?: number
  /** Added under the root; 0. Needed to differentiate through the optimizer. */
  readonly epsRoot?: number
}

/** What the options of Adamax mean. */
export const boundedMoments: Meanings<Omit<MomentOptions, 'epsRoot'>> = { b1: decay, b2: decay, eps: nonNegative }
/** What the options of the relatives of Adam mean. */
export const momentMeanings: Meanings<MomentOptions> = meaningsOf(boundedMoments, { epsRoot: nonNegative })

const boundedOf = optionsOf<Omit<MomentOptions, 'epsRoot'>>(boundedMoments)
const momentsOf = optionsOf<MomentOptions>(momentMeanings)

const over = (m: Tensor, v: Tensor, eps: number, epsRoot: number): Tensor => div(m, add(sqrt(epsRoot === 0 ? v : add(v, epsRoot)), eps))

/** State of `scaleByAmsgrad`. */
export interface AmsgradState<P = ParamsTree> extends AdamState<P> {
  /** The largest corrected mean square so far. */
  readonly nuMax: P
}

/**
 * AMSGrad's direction, `m̂ / (sqrt(max over time of v̂) + eps)`: the divisor never shrinks.
 *
 * @see https://arxiv.org/abs/1904.09237 Reddi et al., On the Convergence of Adam and Beyond (with Adam's bias corrections, as optax)
 */
export const scaleByAmsgrad = (options: MomentOptions = {}): GradientTransformation<readonly [AmsgradState]> => {
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0 } = momentsOf('scaleByAmsgrad', options)
  return fromStep({
    name: 'scaleByAmsgrad',
    init: (params) => ({ count: noUpdates(), mu: zeros(params), nu: zeros(params), nuMax: zeros(params) }),
    update: (updates, state: AmsgradState) => {
      const count = increment(state.count)
      const mu = mapLeaves((g, m) => average(b1, m, g), updates, state.mu)
      const nu = mapLeaves((g, v) => average(b2, v, square(g)), updates, state.nu)
      const nuMax = mapLeaves((_, v, w) => maximum(w, div(v, correction(b2, count, v))), updates, nu, state.nuMax)
      return [mapLeaves((_, m, w) => over(div(m, correction(b1, count, m)), w, eps, epsRoot), updates, mu, nuMax), { count, mu, nu, nuMax }]
    },
  })
}

/**
 * Adamax's direction, `m̂ / u` with `u = max(b2 * u, |g| + eps)`: Adam in the infinity norm.
 *
 * @see https://arxiv.org/abs/1412.6980 Kingma and Ba, Adam, section 7.1
 */
export const scaleByAdamax = (options: Omit<MomentOptions, 'epsRoot'> = {}): GradientTransformation<readonly [AdamState]> => {
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8 } = boundedOf('scaleByAdamax', options)
  return fromStep({
    name: 'scaleByAdamax',
    init: (params) => ({ count: noUpdates(), mu: zeros(params), nu: zeros(params) }),
    update: (updates, state: AdamState) => {
      const count = increment(state.count)
      const mu = mapLeaves((g, m) => average(b1, m, g), updates, state.mu)
      const nu = mapLeaves((g, v) => maximum(add(abs(g), eps), mul(v, b2)), updates, state.nu)
      return [mapLeaves((_, m, v) => div(div(m, correction(b1, count, m)), v), updates, mu, nu), { count, mu, nu }]
    },
  })
}

/** Options of `scaleByRadam`. */
export interface RadamOptions extends MomentOptions {
  /** Length of the averaged past from which on the variance is trusted; 5. */
  readonly threshold?: number
}

/** What the options of `scaleByRadam` mean. */
export const radamMeanings: Meanings<RadamOptions> = meaningsOf(momentMeanings, { threshold: nonNegative })

const radamOf = optionsOf<RadamOptions>(radamMeanings)

/**
 * RAdam's direction: Adam's times `r = sqrt((p-4)(p-2)P / ((P-4)(P-2)p))`, where `P = 2 / (1 - b2) - 1` and
 * `p = P - 2 t b2^t / (1 - b2^t)`; as long as `p` is below the threshold the mean gradient alone.
 *
 * @see https://arxiv.org/abs/1908.03265 Liu et al., On the Variance of the Adaptive Learning Rate and Beyond
 */
export const scaleByRadam = (options: RadamOptions = {}): GradientTransformation<readonly [AdamState]> => {
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0, threshold = 5 } = radamOf('scaleByRadam', options)
  const long = 2 / (1 - b2) - 1
  const direction = (m: Tensor, v: Tensor, count: Tensor): Tensor => {
    const mean = div(m, correction(b1, count, m))
    const c2 = correction(b2, count, v)
    const length = sub(long, div(mul(mul(astype(count, v.dtype), 2), sub(1, c2)), c2))
    const trusted = greaterEqual(length, threshold)
    // Where the variance is not trusted the root sees a length at which it is defined.
    const p = where(trusted, length, fullLike(length, Math.max(threshold, 5)))
    const r = sqrt(div(mul(mul(sub(p, 4), sub(p, 2)), long / ((long - 4) * (long - 2))), p))
    return where(trusted, mul(r, over(mean, div(v, c2), eps, epsRoot)), mean)
  }
  return fromStep({
    name: 'scaleByRadam',
    init: (params) => ({ count: noUpdates(), mu: zeros(params), nu: zeros(params) }),
    update: (updates, state: AdamState) => {
      const count = increment(state.count)
      const mu = mapLeaves((g, m) => average(b1, m, g), updates, state.mu)
      const nu = mapLeaves((g, v) => average(b2, v, square(g)), updates, state.nu)
      return [mapLeaves((_, m, v) => direction(m, v, count), updates, mu, nu), { count, mu, nu }]
    },
  })
}

/**
 * AdaBelief's direction: Adam's with the mean of `(g - m)^2`, the surprise, in place of the mean of squares.
 *
 * @see https://arxiv.org/abs/2010.07468 Zhuang et al., AdaBelief Optimizer (`epsRoot` stands where optax has it)
 */
export const scaleByBelief = (options: MomentOptions = {}): GradientTransformation<readonly [AdamState]> => {
  const { b1 = 0.9, b2 = 0.999, eps = 1e-16, epsRoot = 1e-16 } = momentsOf('scaleByBelief', options)
  return fromStep({
    name: 'scaleByBelief',
    init: (params) => ({ count: noUpdates(), mu: zeros(params), nu: zeros(params) }),
    update: (updates, state: AdamState) => {
      const count = increment(state.count)
      const mu = mapLeaves((g, m) => average(b1, m, g), updates, state.mu)
      const nu = mapLeaves((g, m, v) => add(average(b2, v, square(sub(g, m))), epsRoot), updates, mu, state.nu)
      const direction = (m: Tensor, v: Tensor): Tensor => over(div(m, correction(b1, count, m)), div(v, correction(b2, count, v)), eps, 0)
      return [mapLeaves((_, m, v) => direction(m, v), updates, mu, nu), { count, mu, nu }]
    },
  })
}

/** Options of `scaleByYogi`. */
export interface YogiOptions extends MomentOptions {
  /** Where both means start; 1e-6. */
  readonly initialValue?: number
}

/** What the options of `scaleByYogi` mean. */
export const yogiMeanings: Meanings<YogiOptions> = meaningsOf(momentMeanings, { initialValue: nonNegative })

const yogiOf = optionsOf<YogiOptions>(yogiMeanings)

/**
 * Yogi's direction: Adam's with `v - (1 - b2) sign(v - g^2) g^2`, a mean of squares that shrinks slowly.
 *
 * @see https://papers.nips.cc/paper/8186-adaptive-methods-for-nonconvex-optimization Zaheer et al.
 */
export const scaleByYogi = (options: YogiOptions = {}): GradientTransformation<readonly [AdamState]> => {
  const { b1 = 0.9, b2 = 0.999, eps = 1e-3, epsRoot = 0, initialValue = 1e-6 } = yogiOf('scaleByYogi', options)
  const start = <P>(params: P): P => mapLeaves((p) => fullLike(p, initialValue), params)
  return fromStep({
    name: 'scaleByYogi',
    init: (params) => ({ count: noUpdates(), mu: start(params), nu: start(params) }),
    update: (updates, state: AdamState) => {
      const count = increment(state.count)
      const mu = mapLeaves((g, m) => average(b1, m, g), updates, state.mu)
      const squares = (g: Tensor, v: Tensor): Tensor => sub(v, mul(mul(sign(sub(v, square(g))), square(g)), 1 - b2))
      const nu = mapLeaves(squares, updates, state.nu)
      const direction = (m: Tensor, v: Tensor): Tensor =>
        over(div(m, correction(b1, count, m)), div(v, correction(b2, count, v)), eps, epsRoot)
      return [mapLeaves((_, m, v) => direction(m, v), updates, mu, nu), { count, mu, nu }]
    },
  })
}
