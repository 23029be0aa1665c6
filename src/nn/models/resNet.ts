/** Residual networks of 18 to 152 layers. */
import { oneOf } from '../../core/check.js'
import { meaningsOf, optionsOf } from '../../core/options.js'
import { relu } from '../activation.js'
import { batchNorm } from '../batchNorm.js'
import { conv2d } from '../conv.js'
import { dense } from '../dense.js'
import { heNormal } from '../initializer.js'
import type { Layer } from '../layer.js'
import { named } from '../layer.js'
import type { Part } from '../part.js'
import { globalAvgPool, maxPool2d } from '../pool.js'
import { residual } from '../residual.js'
import { sequential } from '../sequential.js'
import type { Classes, ImageParams, ImageStates } from './image.js'
import { classMeanings } from './image.js'

/** Options of residual networks. */
export interface ResNetOptions extends Classes {
  /**
   * `'torchvision'` by default. `'dezero'` is the original's and DeZero's form: the first convolution has a bias, the pooling after
   * it no padding, and blocks of three convolutions take their stride in the first of them instead of the second.
   */
  readonly variant?: 'torchvision' | 'dezero'
}

type Block = (inputs: number, width: number, stride: number, variant: ResNetOptions['variant']) => Layer<ImageParams, ImageStates>

const wInit = heNormal({ inAxis: 1, outAxis: 0 })

/** A convolution and its normalisation. */
const normalised = (inputs: number, outputs: number, window: number, strides: number, bias = false): readonly Part[] => {
  const geometry = { strides, padding: (window - 1) / 2, wInit }
  return [
    bias ? conv2d(inputs, outputs, window, geometry) : conv2d(inputs, outputs, window, { ...geometry, bias: false }),
    batchNorm(outputs),
  ]
}

/** The sum of a body and its input, then relu; a convolution of 1 x 1 stands beside a body that changes the shape. */
const joined = (inputs: number, outputs: number, stride: number, body: readonly Part[]): Layer<ImageParams, ImageStates> => {
  const main = sequential<readonly Part[]>(...body)
  const sum =
    stride === 1 && inputs === outputs
      ? residual(main)
      : residual(main, sequential<readonly Part[]>(...normalised(inputs, outputs, 1, stride)))
  return named('block', sequential<readonly Part[]>(sum, relu))
}

const basic: Block = (inputs, width, stride) =>
  joined(inputs, width, stride, [...normalised(inputs, width, 3, stride), relu, ...normalised(width, width, 3, 1)])

const bottleneck: Block = (inputs, width, stride, variant) => {
  const [first, second] = variant === 'dezero' ? [stride, 1] : [1, stride]
  return joined(inputs, 4 * width, stride, [
    ...normalised(inputs, width, 1, first),
    relu,
    ...normalised(width, width, 3, second),
    relu,
    ...normalised(width, 4 * width, 1, 1),
  ])
}

const resNetOf = optionsOf<ResNetOptions>(meaningsOf(classMeanings, { variant: oneOf('torchvision', 'dezero') }))

const resNet =
  (name: string, block: Block, expansion: number, counts: readonly number[]) =>
  (options: ResNetOptions = {}): Layer<ImageParams, ImageStates> => {
    const { classes = 1000, variant = 'torchvision' } = resNetOf(name, options)
    const original = variant === 'dezero'
    const stages = counts.map((count, s) => {
      const width = 64 * 2 ** s
      const before = s === 0 ? 64 : (width / 2) * expansion
      const blocks = Array.from({ length: count }, (_, i) =>
        block(i === 0 ? before : width * expansion, width, i === 0 && s > 0 ? 2 : 1, variant),
      )
      return named(`stage${s + 1}`, sequential<readonly Part[]>(...blocks))
    })
    return named(
      name,
      sequential<readonly Part[]>(
        ...normalised(3, 64, 7, 2, original),
        relu,
        maxPool2d(3, { strides: 2, padding: original ? 0 : 1 }),
        ...stages,
        globalAvgPool,
        dense(512 * expansion, classes),
      ),
    )
  }

/**
 * ResNet of 18 layers: 11 689 512 parameters for 1000 classes.
 *
 * shapes: x[N, 3, 224, 224] -> [N, classes]
 *
 * @see https://arxiv.org/abs/1512.03385 (He et al., 2015)
 * @example
 * const model = models.resNet18({ classes: 10 })
 * const params = model.init(random.key(0))
 * model.apply(params, { state: model.initState() })(np.ones([1, 3, 32, 32])).shape   // [1, 10]
 */
export const resNet18 = /* @__PURE__ */ resNet('resNet18', basic, 1, [2, 2, 2, 2])

/**
 * ResNet of 34 layers: 21 797 672 parameters for 1000 classes.
 *
 * shapes: x[N, 3, 224, 224] -> [N, classes]
 *
 * @example
 * models.countParameters(models.resNet34())   // 21797672
 */
export const resNet34 = /* @__PURE__ */ resNet('resNet34', basic, 1, [3, 4, 6, 3])

/**
 * ResNet of 50 layers, in blocks of three convolutions: 25 557 032 parameters for 1000 classes.
 *
 * shapes: x[N, 3, 224, 224] -> [N, classes]
 *
 * @example
 * models.countParameters(models.resNet50())   // 25557032
 */
export const resNet50 = /* @__PURE__ */ resNet('resNet50', bottleneck, 4, [3, 4, 6, 3])

/**
 * ResNet of 101 layers: 44 549 160 parameters for 1000 classes.
 *
 * shapes: x[N, 3, 224, 224] -> [N, classes]
 *
 * @example
 * models.countParameters(models.resNet101())   // 44549160
 */
export const resNet101 = /* @__PURE__ */ resNet('resNet101', bottleneck, 4, [3, 4, 23, 3])

/**
 * ResNet of 152 layers: 60 192 808 parameters for 1000 classes.
 *
 * shapes: x[N, 3, 224, 224] -> [N, classes]
 *
 * @example
 * models.countParameters(models.resNet152())   // 60192808
 */
export const resNet152 = /* @__PURE__ */ resNet('resNet152', bottleneck, 4, [3, 8, 36, 3])
