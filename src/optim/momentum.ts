/** Momentum: a running sum of gradients that forgets. */
import { add, mul } from '../numpy/arithmetic.js'
import { zerosLike } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { mapLeaves } from './leaves.js'
import { factorFor } from './scale.js'
import type { GradientTransformation } from './transform.js'
import { fromStep } from './transform.js'

/** Options of `trace`. */
export interface TraceOptions {
  /** How much of the sum is kept from step to step. */
  readonly decay: TensorLike
  /** Look ahead by one step of the sum. */
  readonly nesterov?: boolean
}

/** State of `trace`. */
export interface TraceState {
  readonly trace: unknown
}

/** Replaces a gradient by the sum `t = g + decay * t`; with Nesterov's form by `g + decay * t` of the new sum. */
export const trace = ({ decay, nesterov = false }: TraceOptions): GradientTransformation =>
  fromStep({
    name: 'trace',
    init: (params) => ({ trace: mapLeaves((p) => zerosLike(p), params) }),
    update: (updates, state: TraceState) => {
      const sum = mapLeaves((g, t) => add(g, mul(t, factorFor(t, decay))), updates, state.trace)
      return [nesterov ? mapLeaves((g, t) => add(g, mul(t, factorFor(t, decay))), updates, sum) : sum, { trace: sum }]
    },
  })
