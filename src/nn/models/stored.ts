/** Where others keep the weights of these models: torchvision's and DeZero's names for the places of a tree of parameters. */
import { layers } from '../layer.js'
import { check } from '../../core/check.js'
import { fail, ValueError } from '../../core/errors.js'
import type { Tensor } from '../../core/tensor.js'
import { transpose } from '../../numpy/shape.js'
import { evalShape, shapeDtype } from '../../transforms/evalShape.js'
import * as tree from '../../tree/index.js'
import type { Layer } from '../layer.js'
import { stages } from './vgg.js'

/** How stored weights become those of a model: options of `io.restore`. */
export interface StoredNames {
  /** The stored name of a path, of parameters, of state, or of `{ params, state }`. */
  readonly rename: (path: string) => string
  /** A stored tensor in the layout that it has here. */
  readonly convert: (stored: Tensor) => Tensor
  /** Stored names without a counterpart here. */
  readonly ignore: (name: string) => boolean
}

/** The name of a layer of its publisher, from the place of a layer here: `4/0/0/body/3` -> `layer1.0.conv2`. */
type Module = (place: readonly string[]) => string

interface Publisher {
  readonly name: string
  readonly separator: string
  /** Names of a layer's tensors. */
  readonly leaves: Readonly<Record<string, string>>
  readonly convert: (stored: Tensor) => Tensor
  readonly ignore: (name: string) => boolean
  /** By the names of models. */
  readonly modules: readonly (readonly [RegExp, Module])[]
}

const storedAs =
  ({ name, separator, leaves, convert, ignore, modules }: Publisher) =>
  <P, S>(model: Layer<P, S>): StoredNames => {
    check(name, 'model', layers, model)
    const found = modules.find(([of]) => of.test(model.name))
    if (found === undefined) return fail(ValueError, `${name}: it has no model '${model.name}'`, { fix: 'rename, an option of io.restore' })
    return {
      rename: (path) => {
        const steps = path.replace(/^(params|state)\//, '').split('/')
        const leaf = steps.at(-1)!
        return `${found[1](steps.slice(0, -1))}${separator}${leaves[leaf] ?? leaf}`
      },
      convert,
      ignore,
    }
  }

/** The place of each convolution of VGG16 -> its name in the paper: `5` -> `conv2_1`. */
const vggNames: Readonly<Record<string, string>> = /* @__PURE__ */ Object.fromEntries(
  stages.flatMap((stage, s) => {
    const start = stages.slice(0, s).reduce((n, { length }) => n + 2 * length + 1, 0)
    return stage.map((_, i) => [String(start + 2 * i), `conv${s + 1}_${i + 1}`])
  }),
)
/** The place of VGG16's first dense layer. */
const vggDense = 32

/** The parts of a residual network: its stem, stage, block and the place inside, or its head. */
const resNetPlace = ([part = '', block = '', , side = '', at = '']: readonly string[]) => ({
  part: Number(part),
  block,
  shortcut: side === 'shortcut',
  kind: Number(at) % 3 === 0 ? 'conv' : 'bn',
  number: Math.floor(Number(at) / 3) + 1,
  at,
})
const stem = ['conv1', 'bn1']
const head = 9

/** Places of squeezes and of the expansions beside each other in a `fire` of SqueezeNet. */
const fire: Readonly<Record<string, string>> = { '0': '.squeeze', '2/0': '.expand1x1', '2/1': '.expand3x3', '': '' }

/**
 * Names of torchvision's `state_dict` for VGG16, ResNet and SqueezeNet, as options of `io.restore`. Dense weights, which it stores as
 * `[out, in]`, are transposed; its counters `num_batches_tracked` are left out. DeZero's pooling and strides differ: use the default
 * variant of residual networks.
 *
 * @throws ValueError for other models.
 * @example
 * const names = models.torchvision(models.resNet18())
 * names.rename('params/4/0/0/body/3/w')   // 'layer1.0.conv2.weight'
 * names.rename('state/5/0/0/shortcut/1/mean')   // 'layer2.0.downsample.1.running_mean'
 * names.rename('params/9/w')   // 'fc.weight'
 */
export const torchvision: <P, S>(model: Layer<P, S>) => StoredNames = /* @__PURE__ */ storedAs({
  name: 'torchvision',
  separator: '.',
  leaves: { w: 'weight', b: 'bias', scale: 'weight', bias: 'bias', mean: 'running_mean', var: 'running_var' },
  convert: (x) => (x.ndim === 2 ? transpose(x) : x),
  ignore: (name) => name.endsWith('.num_batches_tracked'),
  modules: [
    [/^vgg16$/, ([at = '']) => (Number(at) < vggDense ? `features.${at}` : `classifier.${Number(at) - vggDense}`)],
    [
      /^resNet\d+$/,
      (place) => {
        const { part, block, shortcut, kind, number, at } = resNetPlace(place)
        return part === head ? 'fc' : (stem[part] ?? `layer${part - 3}.${block}.${shortcut ? `downsample.${at}` : `${kind}${number}`}`)
      },
    ],
    [/^squeezeNet$/, ([at = '', ...inside]) => (Number(at) > 12 ? 'classifier.1' : `features.${at}${fire[inside.join('/')] ?? ''}`)],
  ],
})

/**
 * Names of DeZero's `.npz` files for VGG16 and ResNet 50 to 152 in their variant `'dezero'`, as options of `io.restore`.
 *
 * @throws ValueError for other models.
 * @example
 * models.dezero(models.vgg16()).rename('5/w')   // 'conv2_1/W'
 * models.dezero(models.resNet50({ variant: 'dezero' })).rename('params/5/1/0/body/3/w')   // 'res3/b1/conv2/W'
 */
export const dezero: <P, S>(model: Layer<P, S>) => StoredNames = /* @__PURE__ */ storedAs({
  name: 'dezero',
  separator: '/',
  leaves: { w: 'W', b: 'b', scale: 'gamma', bias: 'beta', mean: 'avg_mean', var: 'avg_var' },
  convert: (x) => x,
  ignore: () => false,
  modules: [
    [/^vgg16$/, ([at = '']) => vggNames[at] ?? `fc${(Number(at) - vggDense) / 3 + 6}`],
    [
      /^resNet(50|101|152)$/,
      (place) => {
        const { part, block, shortcut, kind, number, at } = resNetPlace(place)
        const inside = shortcut ? `${at === '0' ? 'conv' : 'bn'}4` : `${kind}${number}`
        return part === head ? 'fc6' : (stem[part] ?? `res${part - 2}/${block === '0' ? 'a' : `b${block}`}/${inside}`)
      },
    ],
  ],
})

/**
 * Whether a path of an image model's parameters (or of `{ params, state }`) is in its classifier, the last layer with parameters:
 * what stays when weights of other classes are loaded, and what is trained first.
 *
 * @example
 * const isHead = models.isHead(models.vgg16({ classes: 10 }))
 * isHead('params/38/w')   // true
 * isHead('35/w')          // false
 */
export const isHead = <P, S>(model: Layer<P, S>): ((path: string) => boolean) => {
  check('isHead', 'model', layers, model)
  const last = tree.paths(evalShape((key: Tensor) => model.init(key), shapeDtype([2], 'uint32'))).at(-1)!
  const own = last.slice(0, last.indexOf('/') + 1)
  return (path) => path.replace(/^params\//, '').startsWith(own)
}
