/** Gradient noise. */
import { anything, finite, nonNegative } from '../core/check.js'
import { recordOf } from '../core/options.js'
import { add, div, mul, pow, sqrt } from '../numpy/arithmetic.js'
import { astype } from '../numpy/create.js'
import type { Key } from '../random/key.js'
import { checkKey, foldIn } from '../random/key.js'
import { normal } from '../random/draw.js'
import { mapLeaves, tensors } from './leaves.js'
import type { Counted } from './scale.js'
import { increment, noUpdates } from './scale.js'
import type { GradientTransformation } from './transform.js'
import { fromStep } from './transform.js'

/** Options of `addNoise`. */
export interface NoiseOptions {
  /** Variance of the noise of the first update. */
  readonly eta: number
  /** The variance of update `t` is `eta / t^gamma`; 0.55 in the paper. */
  readonly gamma: number
  /** Where the noise comes from: the same key gives the same run. */
  readonly key: Key
}

const noises = recordOf<NoiseOptions>({ eta: nonNegative, gamma: finite, key: anything }, ['eta', 'gamma'])

/**
 * Adds normal noise of variance `eta / t^gamma` to every element. The noise of an update is drawn from the key and the number of
 * the update, so nothing but that number is state.
 *
 * @see https://arxiv.org/abs/1511.06807 Neelakantan et al., Adding Gradient Noise Improves Learning for Very Deep Networks
 * @example
 * optim.chain(optim.addNoise({ eta: 0.01, gamma: 0.55, key }), optim.sgd(0.1))
 */
export const addNoise = (options: NoiseOptions): GradientTransformation<readonly [Counted]> => {
  const { eta, gamma, key } = noises('addNoise', options)
  checkKey('addNoise', key)
  return fromStep({
    name: 'addNoise',
    init: () => ({ count: noUpdates() }),
    update: (updates, state: Counted) => {
      const count = increment(state.count)
      const now = foldIn(key, count)
      const leaf = tensors(updates).keys()
      return [
        mapLeaves((g) => {
          const deviation = sqrt(div(eta, pow(astype(count, g.dtype), gamma)))
          return add(g, mul(normal(foldIn(now, leaf.next().value!), g.shape, { dtype: g.dtype }), deviation))
        }, updates),
        { count },
      ]
    },
  })
}
