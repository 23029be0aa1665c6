/** Data sets, preprocessing, and NumPy's old random numbers. */
import type { Tensor } from '../../../src/index.js'
import { data, io, np } from '../../../src/index.js'
import type { Entry } from '../dezero.js'

const spiral =
  (train: boolean): Entry =>
  () => {
    const set = data.spiral({ train })
    const { x, y } = set.take(Array.from({ length: set.length }, (_, i) => i))
    return { x, t: y }
  }

/** The numbers 0 to n - 1 as a data set of one column. */
const counting = (n: number): Tensor => np.arange(n, { dtype: 'int32' })
const batchesOf = (n: number, size: number, order?: readonly number[]): readonly Tensor[] => [
  ...data.batches(counting(n), order === undefined ? { size } : { size, order }),
]

/** Families `loader.*`, `data.*`, `io.*`, `transform.*` and `rng.*`. */
export const datasets: Readonly<Record<string, Entry>> = {
  'data.spiral.train': spiral(true),
  'data.spiral.test': spiral(false),
  'loader.sizes': ({ inputs: { n, batch } }) => ({ batch_sizes: batchesOf(n, batch).map((b) => b.shape[0]) }),
  // Consecutive batches continue `batch` series that run through the data side by side.
  'loader.seq': ({ inputs: { n, batch } }) => {
    const rows = [...data.sequenceBatches(counting(n), { size: batch })]
    return { num_batches: rows.length, batch0: rows[0], batch1: rows[1], batch33: rows[33] }
  },
  'transform.normalize.channels': ({ inputs: { x, mean, std } }) => ({
    y: data.normalise({ mean, std, axis: 0 })(np.astype(x, 'float64')),
  }),
  // An image whose pixels are their own places shows the box that was cut out: left, top, right, bottom.
  'transform.center_crop': ({ inputs: { cases }, through }) => ({
    boxes: (cases as readonly (readonly [number, number, number, number])[]).map(([width, height, w, h]) => {
      const places = through(data.centerCrop([h, w]))(np.reshape(np.arange(width * height, { dtype: 'int32' }), [height, width]))
      const [first, last] = [places.toTypedArray()[0]!, places.toTypedArray()[places.size - 1]!]
      return [first % width, Math.floor(first / width), (last % width) + 1, Math.floor(last / width) + 1]
    }),
  }),
  'transform.mnist_default': ({ inputs: { x } }) => ({ y: data.normalise({ std: 255 })(np.reshape(np.astype(x, 'float64'), [-1])) }),
  'transform.vgg_preprocess': ({ inputs: { rgb_hwc: rgb } }) => {
    const bgr = np.transpose(np.flip(np.astype(rgb, 'float64'), { axis: 2 }), [2, 0, 1])
    return { chw: data.normalise({ mean: [103.939, 116.779, 123.68], axis: 0 })(bgr) }
  },
  'rng.legacy.0': ({ inputs: { seed } }) => {
    const generator = data.randomState(seed)
    const list = (n: number, draw: () => number): Tensor => np.array(Float64Array.from({ length: n }, draw))
    const [rand, randn] = [list(4, () => generator.uniform()), list(5, () => generator.normal())]
    const permutation = np.array(generator.permutation(10))
    return { rand, randn, permutation, uniform: list(3, () => generator.uniform(-0.05, 0.05)) }
  },
  'io.npz.mlp': async ({ inputs: { npz_base64: text } }) => {
    const weights = await io.decodeNpz(new Uint8Array(Buffer.from(text, 'base64')))()
    if (weights._tag === 'Left') throw new Error(weights.left.message)
    const mlp = Object.fromEntries([0, 1].map((i) => [`l${i}`, { W: np.zeros([2 + i, 3 - i]), b: np.zeros([3 - i]) }]))
    const restored = io.restore(mlp, weights.right)
    if (restored._tag === 'Left') throw new Error(restored.left.message)
    return { arrays: io.toWeights(restored.right.tree) }
  },
}
