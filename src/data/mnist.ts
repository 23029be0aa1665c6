/** MNIST, and Fashion-MNIST in the same files' format: 28 x 28 grey images in ten classes. */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { byteImages } from './byteImages.js'
import type { Dataset } from './dataset.js'
import type { DataFault } from './fault.js'
import { fault, inPlace } from './fault.js'
import type { Idx } from './idx.js'
import { parseIdx } from './idx.js'
import type { DataPlace } from './located.js'
import { located, placeOf } from './located.js'
import type { Labelled } from './spiral.js'

/** Where the four files are: a directory, or (without one) `ADJOINT_DATA`, the cache, the network. */
export type MnistOptions = DataPlace

/** Training and test examples. */
export interface Split<B> {
  readonly train: Dataset<B>
  readonly test: Dataset<B>
}

const names = {
  train: ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'],
  test: ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'],
} as const

type Name = (typeof names)[keyof typeof names][number]

/** A data set in MNIST's format: its name in errors, its directory, its servers, and SHA-256 of its packed files. */
interface Source {
  readonly title: string
  readonly set: string
  readonly urls: readonly string[]
  readonly sums: Readonly<Record<Name, string>>
}

const digits: Source = {
  title: 'MNIST',
  set: 'mnist',
  urls: ['https://storage.googleapis.com/cvdf-datasets/mnist', 'https://ossci-datasets.s3.amazonaws.com/mnist'],
  sums: {
    'train-images-idx3-ubyte': '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
    'train-labels-idx1-ubyte': '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
    't10k-images-idx3-ubyte': '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
    't10k-labels-idx1-ubyte': 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
  },
}

const clothes: Source = {
  title: 'Fashion-MNIST',
  set: 'fashion-mnist',
  urls: ['http://fashion-mnist.s3-website.eu-central-1.amazonaws.com'],
  sums: {
    'train-images-idx3-ubyte': '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
    'train-labels-idx1-ubyte': 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
    't10k-images-idx3-ubyte': '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
    't10k-labels-idx1-ubyte': '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
  },
}

/** Four times the largest of the four files, unpacked. */
const limit = 4 * 47_040_016

const load = ({ title, set, urls, sums }: Source, name: Name, place: DataPlace): TE.TaskEither<DataFault, Idx> =>
  pipe(
    located(
      {
        title,
        set,
        name,
        names: [...names.train, ...names.test],
        remote: { path: `${set}/${name}.gz`, urls: urls.map((url) => `${url}/${name}.gz`), sha256: sums[name] },
        limit,
      },
      place,
    ),
    TE.chainEitherK((bytes) => pipe(parseIdx(bytes), E.mapLeft(inPlace(`${place.dir ?? set}/${name}`)))),
  )

const pair = (title: string, images: Idx, labels: Idx): E.Either<DataFault, Dataset<Labelled>> => {
  const [n = 0, height = 0, width = 0] = images.shape
  const corrupt = (what: string, fix?: string): E.Either<DataFault, never> => E.left(fault('Corrupt', `${title}: ${what}`, fix))
  if (images.shape.length !== 3 || !(images.data instanceof Uint8Array)) return corrupt('the images are not bytes [n, height, width]')
  if (labels.shape.length !== 1 || !(labels.data instanceof Uint8Array)) return corrupt('the labels are not bytes [n]')
  if (labels.shape[0] !== n) return corrupt(`${n} images but ${String(labels.shape[0])} labels`, 'images and labels of the same set')
  return E.right(
    byteImages(
      n,
      [height, width],
      { bytes: images.data, start: 0, stride: height * width },
      { y: { bytes: labels.data, start: 0, stride: 1 } },
    ),
  )
}

const part = (source: Source, which: keyof typeof names, place: DataPlace): TE.TaskEither<DataFault, Dataset<Labelled>> =>
  pipe(
    load(source, names[which][0], place),
    TE.chain((images) =>
      pipe(
        load(source, names[which][1], place),
        TE.chainEitherK((labels) => pair(source.title, images, labels)),
      ),
    ),
  )

const both = (source: Source, place: DataPlace): TE.TaskEither<DataFault, Split<Labelled>> =>
  pipe(
    part(source, 'train', place),
    TE.chain((train) =>
      pipe(
        part(source, 'test', place),
        TE.map((test) => ({ train, test })),
      ),
    ),
  )

/**
 * The 60 000 training and 10 000 test images of MNIST, from a directory; without one they are fetched once and kept.
 *
 * shapes: x float32[n,28,28] in [0, 1], y int32[n]
 *
 * @example no-run
 * const { train, test } = await pipe(data.mnist({ dir: './mnist' }), TE.getOrElse((fault) => { throw new Error(fault.message) }))()
 */
export const mnist = (place: MnistOptions = {}): TE.TaskEither<DataFault, Split<Labelled>> => both(digits, placeOf('mnist', place))

/**
 * Fashion-MNIST: as many images of clothes of the same size, in files of the same names. `fashionMnistClasses` names the classes.
 *
 * shapes: x float32[n,28,28] in [0, 1], y int32[n]
 *
 * @example no-run
 * const loaded = await data.fashionMnist({ dir: './fashion-mnist' })()
 */
export const fashionMnist = (place: MnistOptions = {}): TE.TaskEither<DataFault, Split<Labelled>> =>
  both(clothes, placeOf('fashionMnist', place))

/** What the labels of Fashion-MNIST stand for. */
export const fashionMnistClasses = [
  'T-shirt/top',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
] as const
