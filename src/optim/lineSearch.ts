/** How far to go along a direction: weak Wolfe conditions by doubling and bisection. */
import { check, positiveWhole, probability, traceable } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { optionsOf } from '../core/options.js'
import { whileLoop } from '../control/whileLoop.js'
import type { Tensor } from '../core/tensor.js'
import { add, div, mul } from '../numpy/arithmetic.js'
import { greaterEqual, isfinite, less, lessEqual, logicalAnd, logicalNot, where } from '../numpy/comparison.js'
import { array, full, zeros } from '../numpy/create.js'
import { mapLeaves } from './leaves.js'
import { addScaled, treeDot } from './lbfgs.js'
import { increment } from './scale.js'

/** Options of the line search. */
export interface LineSearchOptions {
  /** The value must fall by this fraction of what the slope promises; 1e-4. */
  readonly sufficientDecrease?: number
  /** The slope must rise to this fraction of its first value; 0.9. */
  readonly curvature?: number
  /** Evaluations at most; 30. */
  readonly maxSteps?: number
}

/** What the options of the line search mean. */
export const searches: Meanings<LineSearchOptions> = { sufficientDecrease: probability, curvature: probability, maxSteps: positiveWhole }

const searchOf = optionsOf<LineSearchOptions>(searches)

/** Where a search ended. */
export interface Found<P> {
  readonly params: P
  readonly value: Tensor
  readonly grads: P
  /** Length of the step along the direction; 0 where no lower value was found. */
  readonly stepSize: Tensor
  /** Evaluations of the function and its gradient: int32[]. */
  readonly evaluations: Tensor
}

/** A value and its gradient, a tree like the parameters. */
export type ValueAndGrad<P> = (params: P) => readonly [Tensor, P]

/**
 * A step `t` along `direction` with `f(p + t d) <= f(p) + c1 t <g, d>` and `<g(p + t d), d> >= c2 <g, d>`: doubled while it is too
 * short, halved between bounds when it is too long. Without such a step within `maxSteps`, the longest one found that
 * lowers the value; a value that is not finite counts as too high. Needs no second derivative, and terminates for
 * functions with kinks too.
 *
 * @see https://doi.org/10.1007/s10107-012-0514-2 Lewis and Overton, Nonsmooth optimization via quasi-Newton methods, algorithm 4.6
 */
export const wolfeSearch = <P>(
  f: ValueAndGrad<P>,
  from: { readonly params: P; readonly value: Tensor; readonly grads: P },
  direction: P,
  options: LineSearchOptions = {},
): Found<P> => {
  check('wolfeSearch', 'f', traceable, f)
  const { sufficientDecrease = 1e-4, curvature = 0.9, maxSteps = 30 } = searchOf('wolfeSearch', options)
  const slope = treeDot(from.grads, direction)
  const at = (t: Tensor): P => addScaled(from.params, t, direction)
  const real = (x: number): Tensor => full([], x, { dtype: slope.dtype })
  interface Search {
    readonly t: Tensor
    /** The longest step known to be short enough, with its value and gradient, and the shortest known to be too long. */
    readonly low: Tensor
    readonly high: Tensor
    readonly value: Tensor
    readonly grads: P
    readonly evaluations: Tensor
    readonly done: Tensor
  }
  const step = (s: Search): Search => {
    const [value, grads] = f(at(s.t))
    const lower = logicalAnd(isfinite(value), lessEqual(value, add(from.value, mul(mul(s.t, slope), sufficientDecrease))))
    const done = logicalAnd(lower, greaterEqual(treeDot(grads, direction), mul(slope, curvature)))
    const low = where(lower, s.t, s.low)
    const high = where(lower, s.high, s.t)
    const next = where(isfinite(high), div(add(low, where(isfinite(high), high, 0)), 2), mul(low, 2))
    return {
      t: where(done, s.t, next),
      low,
      high,
      value: where(lower, value, s.value),
      grads: mapLeaves((g, before) => where(lower, g, before), grads, s.grads),
      evaluations: increment(s.evaluations),
      done,
    }
  }
  const start: Search = {
    t: real(1),
    low: real(0),
    high: real(Infinity),
    value: from.value,
    grads: from.grads,
    evaluations: zeros([], { dtype: 'int32' }),
    done: array(false),
  }
  const end = whileLoop(
    (s) => logicalAnd(logicalNot((s as Search).done), less((s as Search).evaluations, maxSteps)),
    (s) => step(s as Search) as never,
    start,
  ) as unknown as Search
  return { params: at(end.low), value: end.value, grads: end.grads, stepSize: end.low, evaluations: end.evaluations }
}
