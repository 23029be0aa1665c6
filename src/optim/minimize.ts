/** Minimising a function to the end: L-BFGS with line search. */
import type { Meaning } from '../core/check.js'
import { check, count, nonNegative, record, refuse, tensorLike, traceable } from '../core/check.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import { whileLoop } from '../control/whileLoop.js'
import type { Tensor } from '../core/tensor.js'
import { abs, maximum, neg } from '../numpy/arithmetic.js'
import { greater, less, logicalAnd } from '../numpy/comparison.js'
import { asarray, ones } from '../numpy/create.js'
import { max } from '../numpy/reduce.js'
import { valueAndGrad } from '../transforms/grad.js'
import { mapLeaves, tensors } from './leaves.js'
import type { LbfgsOptions, LbfgsState } from './lbfgs.js'
import { memories, scaleByLbfgs } from './lbfgs.js'
import type { LineSearchOptions, ValueAndGrad } from './lineSearch.js'
import { searches, wolfeSearch } from './lineSearch.js'
import { increment, noUpdates } from './scale.js'
import type { StatesFor } from './transform.js'

/** Where a minimisation stands: a tree of tensors. */
export interface Minimum<P> {
  readonly params: P
  readonly value: Tensor
  readonly grads: P
  /** Steps so far: int32[]. */
  readonly count: Tensor
  /** The last step along its direction; 0 when no lower value was found there. */
  readonly stepSize: Tensor
  /** Evaluations in the last search: int32[]. */
  readonly evaluations: Tensor
  /** What is remembered of past steps. */
  readonly memory: StatesFor<readonly [LbfgsState], P>
}

/** A method that evaluates its function as often as it needs to, hence takes it, unlike a gradient transformation. */
export interface Minimizer {
  /** The state at `params`; evaluates `f` once. */
  readonly init: <P>(f: (params: P) => Tensor, params: P) => Minimum<P>
  /** One direction and one search along it. Pure; works under `jit` and `vmap`. */
  readonly step: <P>(f: (params: P) => Tensor, state: Minimum<P>) => Minimum<P>
}

const lbfgsOf = optionsOf<LbfgsOptions & LineSearchOptions>(meaningsOf(memories, searches))

const evaluated = <P>(f: (params: P) => Tensor): ValueAndGrad<P> => valueAndGrad(f as never) as never

/**
 * L-BFGS with a line search, for smooth functions of any number of parameters without noise (whole data sets, not mini-batches).
 *
 * @see https://doi.org/10.1007/BF01589116 Liu and Nocedal, On the limited memory BFGS method for large scale optimization
 * @example
 * const f = (p: { x: Tensor }) => np.sum(np.square(np.sub(p.x, 3)))
 * const method = optim.lbfgs()
 * const after = method.step(f, method.init(f, { x: np.array([0, 10]) }))
 */
export const lbfgs = (options: LbfgsOptions & LineSearchOptions = {}): Minimizer => {
  const { memorySize, scaleInitPrecond, ...search } = lbfgsOf('lbfgs', options)
  const precondition = scaleByLbfgs({
    ...(memorySize === undefined ? {} : { memorySize }),
    ...(scaleInitPrecond === undefined ? {} : { scaleInitPrecond }),
  })
  return {
    init: (f, params) => {
      check('lbfgs', 'f', traceable, f)
      const [value, grads] = evaluated(f)(params)
      const held = mapLeaves((p) => p, params)
      return {
        params: held,
        value,
        grads,
        count: noUpdates(),
        stepSize: ones([], { dtype: value.dtype }),
        evaluations: increment(noUpdates()),
        memory: precondition.init(params),
      }
    },
    step: (f, state) => {
      check('lbfgs', 'f', traceable, f)
      check('lbfgs', 'state', { ...record, says: 'what init or step returned', fix: 'minimizer.init(f, params)' }, state)
      const [direction, memory] = precondition.update(state.grads, state.memory, state.params)
      const found = wolfeSearch(evaluated(f), state, mapLeaves(neg, direction), search)
      return { ...found, count: increment(state.count), memory }
    },
  }
}

/** Options of `minimize`. */
export interface MinimizeOptions {
  /** L-BFGS unless told. */
  readonly method?: Minimizer
  /** 100 by default. */
  readonly maxSteps?: number
  /** Stop when no element of the gradient is larger; 1e-5. */
  readonly tolerance?: number
}

const minimizer: Meaning = {
  says: 'a minimizer',
  fix: 'optim.lbfgs()',
  accepts: (x) => record.accepts(x) && typeof x === 'object' && x !== null && 'init' in x && 'step' in x,
}

const minimizeOf = optionsOf<MinimizeOptions>({ method: minimizer, maxSteps: count, tolerance: nonNegative })

const largest = (t: unknown): Tensor => tensors(t).reduce<Tensor>((m, g) => maximum(m, g.size === 0 ? 0 : max(abs(g))), asarray(0))

/**
 * Steps until the gradient vanishes, no step lowers the value, or `maxSteps` are made; one `whileLoop`, so it runs as one
 * Program under `jit` and as many minimisations at once under `vmap`.
 *
 * @example
 * const rosenbrock = (p: Tensor) => {
 *   const [a, b] = np.unstack(p)
 *   return np.add(np.mul(100, np.square(np.sub(b, np.square(a)))), np.square(np.sub(1, a)))
 * }
 * const { params: found } = optim.minimize(rosenbrock, np.array([-1.2, 1], { dtype: 'float64' }))
 * np.round(found, { decimals: 4 })   // [1, 1]
 */
export const minimize = <P>(f: (params: P) => Tensor, params: P, options: MinimizeOptions = {}): Minimum<P> => {
  check('minimize', 'f', traceable, f)
  if (params === undefined || params === null) refuse('minimize', 'params', { ...tensorLike, says: 'a tree of tensors' }, params)
  const { method = lbfgs(), maxSteps = 100, tolerance = 1e-5 } = minimizeOf('minimize', options)
  return whileLoop(
    (s) => {
      const { count, grads, stepSize } = s as Minimum<P>
      return logicalAnd(logicalAnd(less(count, maxSteps), greater(largest(grads), tolerance)), greater(stepSize, 0))
    },
    (s) => method.step(f, s as Minimum<P>) as never,
    method.init(f, params),
  ) as unknown as Minimum<P>
}
