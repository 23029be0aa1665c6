/** MNIST and the data sets that share its files' format: 28 x 28 grey images in ten classes. */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { aval } from '../core/aval.js'
import { hostTensor } from '../core/tensor.js'
import type { Capabilities } from './capabilities.js'
import { nodeFiles } from './capabilities.js'
import type { Dataset } from './dataset.js'
import { checkRows } from './dataset.js'
import type { DataFault } from './fault.js'
import { fault, inPlace } from './fault.js'
import { gunzip, isGzip } from './gunzip.js'
import type { Idx } from './idx.js'
import { parseIdx } from './idx.js'
import type { Labelled } from './spiral.js'

/** Where the files are and how to read them. */
export interface MnistOptions {
  /** The directory with the four files, each as `NAME.gz` or unpacked as `NAME`. */
  readonly dir: string
  /** Access to files; Node's file system by default. */
  readonly capabilities?: Capabilities
}

/** Training and test examples. */
export interface Split<B> {
  readonly train: Dataset<B>
  readonly test: Dataset<B>
}

const names = {
  train: ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'],
  test: ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'],
} as const

/** Four times the largest of the four files, unpacked. */
const limit = 4 * 47_040_016

const unpack = (bytes: Uint8Array): TE.TaskEither<DataFault, Uint8Array> => (isGzip(bytes) ? gunzip(bytes, limit) : TE.right(bytes))

const missing =
  (dir: string, name: string) =>
  (f: DataFault): DataFault =>
    f._tag !== 'NotFound'
      ? f
      : fault(
          'NotFound',
          `MNIST: neither ${name}.gz nor ${name} is in ${dir}`,
          `put ${[...names.train, ...names.test].join(', ')} (as .gz or unpacked) there, or name the directory that has them`,
        )

const load = (dir: string, name: string, { readFile }: Capabilities): TE.TaskEither<DataFault, Idx> =>
  pipe(
    readFile(`${dir}/${name}.gz`),
    TE.orElse((f) => (f._tag === 'NotFound' ? readFile(`${dir}/${name}`) : TE.left(f))),
    TE.mapLeft(missing(dir, name)),
    TE.chain((bytes) => pipe(unpack(bytes), TE.chainEitherK(parseIdx), TE.mapLeft(inPlace(`${dir}/${name}`)))),
  )

/** Images scaled to `[0, 1]` when they are asked for; in memory they stay bytes. */
const pair = (images: Idx, labels: Idx): E.Either<DataFault, Dataset<Labelled>> => {
  const [n = 0, height = 0, width = 0] = images.shape
  const pixels = images.data
  const classes = labels.data
  if (images.shape.length !== 3 || !(pixels instanceof Uint8Array))
    return E.left(fault('Corrupt', 'MNIST: the images are not bytes [n, height, width]'))
  if (labels.shape.length !== 1 || !(classes instanceof Uint8Array)) return E.left(fault('Corrupt', 'MNIST: the labels are not bytes [n]'))
  if (labels.shape[0] !== n)
    return E.left(fault('Corrupt', `MNIST: ${n} images but ${String(labels.shape[0])} labels`, 'images and labels of the same set'))
  const size = height * width
  const take = (rows: ArrayLike<number>): Labelled => {
    checkRows(rows, n)
    const x = new Float32Array(rows.length * size)
    for (let i = 0; i < rows.length; i++) {
      const from = rows[i]! * size
      for (let p = 0; p < size; p++) x[i * size + p] = pixels[from + p]! / 255
    }
    const y = Int32Array.from(rows, (row) => classes[row]!)
    return { x: hostTensor(aval([rows.length, height, width], 'float32'), x), y: hostTensor(aval([rows.length], 'int32'), y) }
  }
  return E.right({ length: n, take })
}

const part = (which: keyof typeof names, { dir, capabilities = nodeFiles }: MnistOptions): TE.TaskEither<DataFault, Dataset<Labelled>> =>
  pipe(
    load(dir, names[which][0], capabilities),
    TE.chain((images) =>
      pipe(
        load(dir, names[which][1], capabilities),
        TE.chainEitherK((labels) => pair(images, labels)),
      ),
    ),
  )

/**
 * The 60 000 training and 10 000 test images of MNIST (or Fashion-MNIST: same file names) from a directory.
 *
 * shapes: x float32[n,28,28] in [0, 1], y int32[n]
 *
 * @example no-run
 * const { train, test } = await pipe(data.mnist({ dir: './mnist' }), TE.getOrElse((fault) => { throw new Error(fault.message) }))()
 */
export const mnist = (options: MnistOptions): TE.TaskEither<DataFault, Split<Labelled>> =>
  pipe(
    part('train', options),
    TE.chain((train) =>
      pipe(
        part('test', options),
        TE.map((test) => ({ train, test })),
      ),
    ),
  )
