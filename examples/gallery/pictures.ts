/** Small grey pictures in classes: MNIST's digits from a directory; without one discs, squares and crosses, drawn from a key. */
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../../src/index.js'
import { data, nn, np, random, vmap } from '../../src/index.js'
import type { Options } from './example.js'

/** Pictures float32[n, 1, side, side] from 0 to 1, and their classes int32[n]. */
export type Pictures = data.Labelled

/** The side of drawn pictures. */
const side = 16

/** A soft picture of a thing: how far each pixel is outside of it, turned into ink. */
const draw = (key: Tensor): Pictures => {
  const [k1, k2, k3] = random.split(key, 3)
  const middle = random.uniform(k1, [2], { minval: 0.35 * side, maxval: 0.65 * side })
  const radius = random.uniform(k2, [], { minval: 0.2 * side, maxval: 0.32 * side })
  const [across, down] = np.unstack(np.expandDims(middle, [1, 2])) as [Tensor, Tensor]
  const pixels = np.arange(side, { dtype: 'float32' })
  const [x, y] = [np.abs(np.sub(pixels, across)), np.abs(np.sub(np.expandDims(pixels, 1), down))]
  const box = (w: Tensor, h: Tensor): Tensor => np.maximum(np.sub(x, w), np.sub(y, h))
  const thin = np.div(radius, 3)
  const disc = np.sub(np.sqrt(np.add(np.square(x), np.square(y))), radius)
  const cross = np.minimum(box(radius, thin), box(thin, radius))
  const kind = random.randint(k3, [], 0, 3)
  return { x: np.expandDims(nn.sigmoid(np.mul(-3, np.index(np.stack([disc, box(radius, radius), cross]), kind))), 0), y: kind }
}

/** What to learn from, and what to be tested on. */
export interface Split {
  readonly train: Pictures
  readonly test: Pictures
}

/** `count` pictures to learn from and `count / 4` to be tested on. */
export const pictures = ({ data: dir, seed }: Options, count: number): TE.TaskEither<data.DataFault, Split> => {
  const drawn = (n: number, salt: number): Pictures => vmap(draw)(random.split(random.foldIn(random.key(seed), salt), [n]))
  const read = (dataset: data.Dataset<Pictures>, n: number): Pictures => {
    const { x, y } = dataset.take(Array.from({ length: n }, (_, i) => i))
    return { x: np.expandDims(x, 1), y }
  }
  if (dir === undefined) return TE.fromIO(() => ({ train: drawn(count, 1), test: drawn(count / 4, 2) }))
  return pipe(
    data.mnist({ dir }),
    TE.map(({ train, test }) => ({ train: read(train, count), test: read(test, count / 4) })),
  )
}

/** A batch of pictures drawn from a key. */
export const drawBatch = ({ x, y }: Pictures, key: Tensor, size: number): Pictures => {
  const rows = random.randint(key, [size], 0, y.size)
  return { x: np.take(x, rows, { axis: 0 }), y: np.take(y, rows, { axis: 0 }) }
}
