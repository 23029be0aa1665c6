/** Shapes and numbers of parameters of image models. */
import type { Tensor } from '../../../src/index.js'
import { evalShape, models, shapeDtype, tree } from '../../../src/index.js'
import type { Entry } from '../dezero.js'

type Model = ReturnType<typeof models.vgg16>
type Shape = readonly number[]

/** The shapes of the outputs of a model's own layers, with the names of the layers: nothing is computed. */
const trace = (model: Model, input: Shape): readonly (readonly [name: string, shape: Shape])[] => {
  const seen: (readonly [string, Shape])[] = []
  const tap = (y: Tensor, { path, name }: { readonly path: string; readonly name: string }): Tensor => {
    if (!path.includes('/')) seen.push([name, y.shape])
    return y
  }
  const run = (k: Tensor, state: unknown, x: Tensor): Tensor => model.apply(model.init(k), { state: state as never, tap })(x)
  evalShape(run, shapeDtype([2], 'uint32'), model.initState() as never, shapeDtype(input))
  return seen
}

const shapesOf = (model: Model): readonly Tensor[] =>
  tree.leaves(evalShape((k: Tensor) => model.init(k), shapeDtype([2], 'uint32'))) as unknown as readonly Tensor[]
const total = (leaves: readonly Tensor[]): number => leaves.reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0)

const vgg16: Entry = ({ inputs: { input } }) => {
  const model = models.vgg16()
  const convolutions = [2, 2, 3, 3, 3].flatMap((count, s) => Array.from({ length: count }, (_, i) => `conv${s + 1}_${i + 1}`))
  const names = [...convolutions, 'fc6', 'fc7', 'fc8']
  const rows = trace(model, input)
  const after = (name: string): readonly Shape[] => rows.filter(([n]) => n === name).map(([, shape]) => shape)
  const next = (name: string): readonly Shape[] => rows.flatMap(([n], i) => (n === name ? [rows[i + 1]![1]] : []))
  const [relus, pools, drops] = [next('conv2d'), after('maxPool2d'), after('dropout')]
  const ends = [1, 3, 6, 9, 12]
  const features = convolutions.flatMap((name, i) => {
    const stage = ends.indexOf(i)
    return [[`${name}+relu`, relus[i]], ...(stage === -1 ? [] : [[`pool${stage + 1}`, pools[stage]]])]
  })
  const dense = [
    ['reshape', rows[rows.map(([n]) => n).lastIndexOf('maxPool2d') + 1]![1]],
    ['fc6+relu+dropout', drops[0]],
    ['fc7+relu+dropout', drops[1]],
    ['fc8', rows.at(-1)![1]],
  ]
  const params = evalShape((k: Tensor) => model.init(k), shapeDtype([2], 'uint32')) as readonly ({ w: Tensor; b: Tensor } | null)[]
  const owners = params.filter((p) => p !== null)
  return {
    shapes: [...features, ...dense],
    param_shapes: Object.fromEntries(
      owners.flatMap(({ w, b }, i) => [
        [`${names[i]!}/W`, w.shape],
        [`${names[i]!}/b`, b.shape],
      ]),
    ),
    param_count: models.countParameters(model),
  }
}

const resNet50: Entry = ({ inputs: { input } }) => {
  const model = models.resNet50({ variant: 'dezero' })
  const rows = trace(model, input).slice(2)
  const names = ['conv1+bn1+relu', 'pool', 'res2', 'res3', 'res4', 'res5', 'gap', 'fc6']
  const statistics = tree.leaves(model.initState()) as readonly Tensor[]
  const params = shapesOf(model)
  return {
    shapes: rows.map(([, shape], i) => [names[i], shape]),
    num_param_arrays: params.length + statistics.length,
    param_count_incl_bn_running_stats: total(params) + total(statistics),
    trainable_param_count: models.countParameters(model),
  }
}

/** Cases `model.*`. */
export const imageModels: Readonly<Record<string, Entry>> = { 'model.vgg16': vgg16, 'model.resnet50': resNet50 }
