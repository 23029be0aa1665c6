/** What is inside a model: the outputs of all its parts. */
import { check } from '../core/check.js'
import type { Tensor } from '../core/tensor.js'
import type { Context, Layer, InitPlace } from './layer.js'
import { layers } from './layer.js'

/** The output of a model, and those of its parts by their paths in the parameters. */
export interface Intermediates {
  readonly y: Tensor
  /** `{ '0': ..., '2/body': ..., '2/body/1': ... }` */
  readonly parts: Readonly<Record<string, Tensor>>
}

/**
 * A model as a function to its output and to the outputs of its parts: features for other losses, activations to look at.
 * A `tap` in the context runs before, and what it returns is what is seen: with one that adds a zero to a part, the
 * derivative by that zero is the derivative by the part.
 *
 * @example
 * const model = nn.sequential(nn.dense(4, 3), nn.relu, nn.dense(3, 1))
 * const { y, parts } = nn.intermediates(model, model.init(random.key(0)))(np.ones([2, 4]))
 * Object.keys(parts)   // ['0', '1', '2']
 * parts['1'].shape     // [2, 3]
 * y.shape              // [2, 1]
 */
export const intermediates =
  <P, S>(model: Layer<P, S>, params: P, context: Context<S> = {}) =>
  (x: Tensor): Intermediates => {
    check('intermediates', 'model', layers, model)
    // eslint-disable-next-line functional/no-let -- what the tap has seen so far
    let parts: Readonly<Record<string, Tensor>> = {}
    const { tap: before = (y) => y } = context
    const tap = (y: Tensor, at: InitPlace): Tensor => {
      const seen = before(y, at)
      parts = { ...parts, [at.path]: seen }
      return seen
    }
    const y = model.apply(params, { ...context, tap })(x)
    return { y, parts }
  }
