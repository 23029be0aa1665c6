/** L-BFGS: gradients multiplied by an inverse Hessian that the last few steps suggest. */
import { scan } from '../control/loops.js'
import { flag, positiveWhole } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add, div, minimum, mul, sub } from '../numpy/arithmetic.js'
import { equal, greater, where } from '../numpy/comparison.js'
import { asarray, astype, zeros as zerosOf } from '../numpy/create.js'
import { concatenate } from '../numpy/join.js'
import { sum } from '../numpy/reduce.js'
import { index } from '../numpy/index.js'
import { expandDims } from '../numpy/shape.js'
import { mapLeaves, mapPlaces, tensors } from './leaves.js'
import { zeros } from './moments.js'
import { globalNorm } from './norms.js'
import { increment, noUpdates } from './scale.js'
import type { GradientTransformation, ParamsTree } from './transform.js'
import { fromStep } from './transform.js'

/** Options of `scaleByLbfgs`. */
export interface LbfgsOptions {
  /** How many steps are remembered; 10. */
  readonly memorySize?: number
  /** Start from `<y, s> / <y, y>` times the identity, at the first step `min(1, 1 / |g|)`; `true`. */
  readonly scaleInitPrecond?: boolean
}

/** What the options of `scaleByLbfgs` mean. */
export const memories: Meanings<LbfgsOptions> = { memorySize: positiveWhole, scaleInitPrecond: flag }

const lbfgsOf = optionsOf<LbfgsOptions>(memories)

/** State of `scaleByLbfgs`; the memories are stacked along axis 0, the oldest first. */
export interface LbfgsState<P = ParamsTree> {
  readonly count: Tensor
  readonly params: P
  readonly grads: P
  /** Past differences of parameters, s. */
  readonly steps: P
  /** Past differences of gradients, y. */
  readonly changes: P
  /** `1 / <y, s>`, 0 where nothing is remembered. */
  readonly rho: Tensor
}

/** The inner product of two trees: a scalar. */
export const treeDot = (a: unknown, b: unknown): Tensor => {
  const ys = tensors(b)
  return tensors(a).reduce<Tensor>((total, x, i) => add(total, sum(mul(x, ys[i]!))), asarray(0))
}

/** Every leaf plus `factor` times its partner, in the leaf's dtype. */
export const addScaled = <T>(a: T, factor: Tensor, b: unknown): T => mapLeaves((x, y) => add(x, mul(y, astype(factor, x.dtype))), a, b)

const push = (memory: Tensor, newest: Tensor): Tensor =>
  concatenate([index(memory, { start: 1 }), astype(expandDims(newest, 0), memory.dtype)], { axis: 0 })

/**
 * The two-loop recursion: the gradient times the L-BFGS approximation of the inverse Hessian of the last `memorySize` steps. Follow it by
 * a fixed learning rate, or use `lbfgs`, which searches along the direction.
 *
 * @throws ValueError unless `memorySize` is a positive integer.
 * @see https://doi.org/10.1007/BF01589116 Liu and Nocedal, On the limited memory BFGS method
 */
export const scaleByLbfgs = (options: LbfgsOptions = {}): GradientTransformation<readonly [LbfgsState]> => {
  const { memorySize = 10, scaleInitPrecond = true } = lbfgsOf('scaleByLbfgs', options)
  const stacked = <P>(params: P): P => mapLeaves((p) => zerosOf([memorySize, ...p.shape], { dtype: p.dtype }), params)

  const initialScale = (grads: unknown, started: Tensor, ys: Tensor, changes: unknown): Tensor => {
    const [yy, size] = [treeDot(changes, changes), globalNorm(grads)]
    const curved = greater(yy, 0)
    const still = equal(size, 0)
    const first = where(still, 1, minimum(1, div(1, where(still, 1, size))))
    return where(started, where(curved, div(ys, where(curved, yy, 1)), 1), first)
  }

  return fromStep({
    name: 'scaleByLbfgs',
    init: (params) => ({
      count: noUpdates(),
      params: zeros(params),
      grads: zeros(params),
      steps: stacked(params),
      changes: stacked(params),
      rho: zerosOf([memorySize], { dtype: treeDot(params, params).dtype }),
    }),
    update: (grads, state: LbfgsState, params) => {
      const started = greater(state.count, 0)
      const since = (now: ParamsTree, before: ParamsTree): ParamsTree => mapLeaves((x, y) => where(started, sub(x, y), 0), now, before)
      const [step, change] = [since(params, state.params), since(grads, state.grads)]
      const ys = treeDot(change, step)
      const flat = equal(ys, 0)
      const steps = mapPlaces(push, state.steps, step)
      const changes = mapPlaces(push, state.changes, change)
      const rho = push(state.rho, where(flat, 0, div(1, where(flat, 1, ys))))

      interface Past {
        readonly s: unknown
        readonly y: unknown
        readonly rho: Tensor
      }
      const back = (q: unknown, past: Past): readonly [unknown, Tensor] => {
        const alpha = mul(past.rho, treeDot(past.s, q))
        return [addScaled(q, mul(alpha, -1), past.y), alpha]
      }
      const forth = (r: unknown, { past, alpha }: { readonly past: Past; readonly alpha: Tensor }): readonly [unknown, null] => [
        addScaled(r, sub(alpha, mul(past.rho, treeDot(past.y, r))), past.s),
        null,
      ]
      const pasts = { s: steps, y: changes, rho }
      const [q, alphas] = scan(back as never, grads, pasts, { reverse: true }) as unknown as readonly [ParamsTree, Tensor]
      const scaled = scaleInitPrecond
        ? mapPlaces(
            (x, f) => mul(x, astype(f, x.dtype)),
            q,
            mapLeaves(() => initialScale(grads, started, ys, change), q),
          )
        : q
      const [direction] = scan(forth as never, scaled, { past: pasts, alpha: alphas }) as unknown as readonly [ParamsTree, null]
      return [direction, { count: increment(state.count), params, grads, steps, changes, rho }]
    },
  })
}
