/** Momentum: a running sum of gradients that forgets. */
import { either, flag, probability, scalar } from '../core/check.js'
import { recordOf } from '../core/options.js'
import { isTensor } from '../core/tensor.js'
import { add, mul } from '../numpy/arithmetic.js'
import { zerosLike } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { mapLeaves } from './leaves.js'
import { factorFor } from './scale.js'
import type { GradientTransformation, ParamsTree } from './transform.js'
import { fromStep } from './transform.js'

/** Options of `trace`. */
export interface TraceOptions {
  /** How much of the sum is kept from step to step. */
  readonly decay: TensorLike
  /** Look ahead by one step of the sum. */
  readonly nesterov?: boolean
}

/** What the decay of a running sum may be. */
export const momenta = either(probability, { ...scalar, says: 'a scalar tensor', accepts: (x) => isTensor(x) && x.ndim === 0 })

const traces = recordOf<TraceOptions>({ decay: momenta, nesterov: flag }, ['decay'])

/** State of `trace`. */
export interface TraceState<P = ParamsTree> {
  readonly trace: P
}

/** Replaces a gradient by the sum `t = g + decay * t`; with Nesterov's form by `g + decay * t` of the new sum. */
export const trace = (options: TraceOptions): GradientTransformation<readonly [TraceState]> => {
  const { decay, nesterov = false } = traces('trace', options)
  return fromStep({
    name: 'trace',
    init: (params) => ({ trace: mapLeaves((p) => zerosLike(p), params) }),
    update: (updates, state: TraceState) => {
      const sum = mapLeaves((g, t) => add(g, mul(t, factorFor(t, decay))), updates, state.trace)
      return [nesterov ? mapLeaves((g, t) => add(g, mul(t, factorFor(t, decay))), updates, sum) : sum, { trace: sum }]
    },
  })
}
