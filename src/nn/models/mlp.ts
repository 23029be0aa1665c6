/** Multi-layer perceptrons. */
import { callable, check, dtype, listOf, positiveWhole, traceable } from '../../core/check.js'
import { fail, ValueError } from '../../core/errors.js'
import { optionsOf } from '../../core/options.js'
import type { Tensor } from '../../core/tensor.js'
import { relu } from '../activation.js'
import type { Affine, DenseOptions } from '../dense.js'
import { dense } from '../dense.js'
import type { Layer, None } from '../layer.js'
import { named } from '../layer.js'
import type { Part } from '../part.js'
import { sequential } from '../sequential.js'

/** Options of `mlp`. */
export interface MlpOptions extends Omit<DenseOptions, 'bias'> {
  /** Between the layers; `relu` by default. DeZero's is `nn.sigmoid`. */
  readonly activation?: (x: Tensor) => Tensor
}

/** Parameters of a perceptron: those of its dense layers, `null` for the activations between them. */
export type MlpParams = readonly (Affine | None)[]

/** The options of a perceptron, checked. */
export const mlpOf = optionsOf<MlpOptions>({ activation: traceable, wInit: callable, bInit: callable, dtype })

/**
 * Dense layers of the sizes given, an activation between them: `mlp([784, 1000, 10])` has two.
 *
 * shapes: x[..., sizes[0]] -> [..., sizes[last]]
 *
 * @throws ValueError for fewer than two sizes.
 * @example
 * const model = models.mlp([784, 1000, 10])
 * model.apply(model.init(random.key(0)))(np.ones([2, 784])).shape   // [2, 10]
 */
export const mlp = (sizes: readonly number[], options: MlpOptions = {}): Layer<MlpParams, readonly None[]> =>
  perceptron('mlp', sizes, mlpOf('mlp', options))

/** `mlp` in the name of a model that is made of it. */
export const perceptron = (
  name: string,
  sizes: readonly number[],
  { activation = relu, ...options }: MlpOptions,
): Layer<MlpParams, readonly None[]> => {
  check(name, 'sizes', listOf(positiveWhole), sizes)
  if (sizes.length < 2)
    return fail(ValueError, `${name}: at least two sizes, got [${sizes.join(', ')}]`, { fix: '[inputs, ...hidden, outputs]' })
  const parts = sizes
    .slice(1)
    .flatMap((outputs, i): readonly Part[] => [...(i === 0 ? [] : [activation]), dense(sizes[i]!, outputs, options)])
  return named('mlp', sequential(...parts)) as Layer<MlpParams, readonly None[]>
}
