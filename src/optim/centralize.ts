/** Gradients without their mean. */
import type { Axis } from '../core/axis.js'
import { axes } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import { sub } from '../numpy/arithmetic.js'
import { mean } from '../numpy/reduce.js'
import { mapLeaves } from './leaves.js'
import { unitAxes } from './norms.js'
import type { EmptyState, GradientTransformation } from './transform.js'
import { stateless } from './transform.js'

const units = optionsOf<{ readonly axis?: Axis }>({ axis: axes })

/**
 * Subtracts from the gradient of every unit its mean over the unit's inputs; vectors and scalars pass unchanged. By default
 * a unit is a column of a matrix `[in, out]` or a filter of `[out, in, ...]`; `axis` says otherwise.
 *
 * @see https://arxiv.org/abs/2004.01461 Yong et al., Gradient Centralization
 */
export const centralize = (options: { readonly axis?: Axis } = {}): GradientTransformation<readonly [EmptyState]> => {
  const { axis } = units('centralize', options)
  return stateless('centralize', (updates) =>
    mapLeaves((g) => (g.ndim < 2 ? g : sub(g, mean(g, { axis: axis === undefined ? unitAxes(g.shape) : axis, keepdims: true }))), updates),
  )
}
