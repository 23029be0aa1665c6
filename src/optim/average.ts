/** Averages over time: of updates, and of parameters. */
import { check, decay as decayRate, flag, probability } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add, div, mul, sub } from '../numpy/arithmetic.js'
import { astype } from '../numpy/create.js'
import { mapLeaves, mapLeavesOf } from './leaves.js'
import { average, correction, zeros } from './moments.js'
import { increment, noUpdates } from './scale.js'
import type { GradientTransformation, ParamsTree } from './transform.js'
import { fromStep } from './transform.js'

/** Options of `ema`. */
export interface EmaOptions {
  /** Divide by `1 - decay^t`, so that the start at zero does not show; `true`. */
  readonly debias?: boolean
}

const emaOf = optionsOf<EmaOptions>({ debias: flag })

/** State of `ema`. */
export interface EmaState<P = ParamsTree> {
  readonly count: Tensor
  readonly ema: P
}

/** Replaces updates by their exponential moving average, `m = decay * m + (1 - decay) * u`. */
export const ema = (decay: number, options: EmaOptions = {}): GradientTransformation<readonly [EmaState]> => {
  check('ema', 'decay', decayRate, decay)
  const { debias = true } = emaOf('ema', options)
  return fromStep({
    name: 'ema',
    init: (params) => ({ count: noUpdates(), ema: zeros(params) }),
    update: (updates, state: EmaState) => {
      const count = increment(state.count)
      const means = mapLeaves((u, m) => average(decay, m, u), updates, state.ema)
      return [debias ? mapLeaves((m) => div(m, correction(decay, count, m)), means) : means, { count, ema: means }]
    },
  })
}

/**
 * `old + stepSize * (next - old)`, leaf by leaf: a moving average of parameters, kept beside them and used for evaluation; a target
 * network that follows slowly.
 *
 * @throws TreeError when the trees differ.
 * @example
 * const averaged = optim.incrementalUpdate({ w: np.array([1, 2]) }, { w: np.array([0, 0]) }, 0.25)
 * averaged.w  // [0.25, 0.5]
 */
export const incrementalUpdate = <P>(next: P, old: P, stepSize: number): P =>
  mapLeavesOf(
    'incrementalUpdate',
    'two trees of the same parameters',
    (o, n) => add(o, mul(sub(astype(n, o.dtype), o), check('incrementalUpdate', 'stepSize', probability, stepSize))),
    old,
    [next],
  )
