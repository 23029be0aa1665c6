/** CIFAR-10 and CIFAR-100 (Krizhevsky 2009), binary version: 32 x 32 colour images; in a record labels, then red, green, blue. */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../core/tensor.js'
import { byteImages } from './byteImages.js'
import type { Dataset } from './dataset.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'
import { nodeFiles } from './nodeFiles.js'
import type { DataPlace, Published } from './located.js'
import { located, placeOf } from './located.js'
import type { Split } from './mnist.js'
import { concat } from './parts.js'
import type { Labelled } from './spiral.js'
import { untar } from './tar.js'

const shape = [3, 32, 32] as const
const pixels = 3 * 32 * 32

/** The archive of a set, the folder in it, its files, and how many labels a record has. */
interface Layout {
  readonly archive: Published
  readonly folder: string
  readonly train: readonly string[]
  readonly test: readonly string[]
  readonly labels: number
}

const archiveOf = (title: string, set: string, name: string, sha256: string): Published => ({
  title,
  set,
  name: `${name}.tar`,
  names: [`${name}.tar`],
  remote: { path: `${set}/${name}.tar.gz`, urls: [`https://www.cs.toronto.edu/~kriz/${name}.tar.gz`], sha256 },
  limit: 400_000_000,
})

const ten: Layout = {
  archive: archiveOf('CIFAR-10', 'cifar-10', 'cifar-10-binary', 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd'),
  folder: 'cifar-10-batches-bin',
  train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
  test: ['test_batch.bin'],
  labels: 1,
}

const hundred: Layout = {
  archive: archiveOf('CIFAR-100', 'cifar-100', 'cifar-100-binary', '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec'),
  folder: 'cifar-100-binary',
  train: ['train.bin'],
  test: ['test.bin'],
  labels: 2,
}

/** Reads one of a set's files by its name. */
type Read = (name: string) => TE.TaskEither<DataFault, Uint8Array>

/** The files of a directory, when the first of them is there; else of the archive. */
const reader = (layout: Layout, place: DataPlace): TE.TaskEither<DataFault, Read> => {
  const archive = pipe(
    located(layout.archive, place),
    TE.chainEitherK(untar),
    TE.map((files): Read => (name) => {
      const bytes = files[`${layout.folder}/${name}`]
      return bytes === undefined
        ? TE.left(fault('Corrupt', `${layout.archive.title}: the archive has no ${layout.folder}/${name}`))
        : TE.right(bytes)
    }),
  )
  if (place.dir === undefined) return archive
  const { dir, capabilities: { readFile } = nodeFiles } = place
  const all = [...layout.train, ...layout.test]
  return pipe(
    readFile(`${dir}/${layout.train[0]!}`),
    TE.map((): Read => (name) => readFile(`${dir}/${name}`)),
    TE.orElse((f) => (f._tag === 'NotFound' ? archive : TE.left(f))),
    TE.mapLeft((f) =>
      f._tag === 'NotFound'
        ? fault(
            'NotFound',
            `${layout.archive.title}: neither ${layout.train[0]!} nor ${layout.archive.name}.gz is in ${dir}`,
            `put ${all.join(', ')} there, or the archive, or name the directory that has them`,
          )
        : f,
    ),
  )
}

const parse = <B>(layout: Layout, name: string, make: (bytes: Uint8Array, length: number) => Dataset<B>) =>
  E.chain((bytes: Uint8Array): E.Either<DataFault, Dataset<B>> => {
    const record = layout.labels + pixels
    return bytes.length > 0 && bytes.length % record === 0
      ? E.right(make(bytes, bytes.length / record))
      : E.left(
          fault(
            'Corrupt',
            `${layout.archive.title}: ${name}: ${bytes.length} bytes are not a number of records of ${record}`,
            'fetch it again',
          ),
        )
  })

const load = <B>(
  layout: Layout,
  place: DataPlace,
  make: (bytes: Uint8Array, length: number) => Dataset<B>,
): TE.TaskEither<DataFault, Split<B>> =>
  pipe(
    reader(layout, place),
    TE.chain((read) => {
      const part = (names: readonly string[]): TE.TaskEither<DataFault, Dataset<B>> =>
        pipe(
          names,
          TE.traverseSeqArray((name) =>
            pipe(
              read(name),
              TE.chainEitherK((bytes) => parse(layout, name, make)(E.right(bytes))),
            ),
          ),
          TE.map((parts) => concat(...parts)),
        )
      return pipe(
        part(layout.train),
        TE.chain((train) =>
          pipe(
            part(layout.test),
            TE.map((test) => ({ train, test })),
          ),
        ),
      )
    }),
  )

/**
 * The 50 000 training and 10 000 test images of CIFAR-10, from a directory with the `.bin` files or the archive; without one the
 * archive is fetched once and kept. `cifar10Classes` names the classes.
 *
 * shapes: x float32[n,3,32,32] in [0, 1], y int32[n]
 *
 * @example no-run
 * const loaded = await data.cifar10({ dir: './cifar-10-batches-bin' })()
 */
export const cifar10 = (place: DataPlace = {}): TE.TaskEither<DataFault, Split<Labelled>> =>
  load(ten, placeOf('cifar10', place), (bytes, n) =>
    byteImages(n, shape, { bytes, start: 1, stride: 1 + pixels }, { y: { bytes, start: 0, stride: 1 + pixels } }),
  )

/** An image of CIFAR-100: its class `y` (100), and the class `coarse` (20) of its class. */
export interface CoarselyLabelled extends Labelled {
  readonly coarse: Tensor
}

/**
 * CIFAR-100: as many images in 100 classes, which fall into 20 coarse ones. `cifar100Classes` names the 100.
 *
 * shapes: x float32[n,3,32,32] in [0, 1], y int32[n], coarse int32[n]
 *
 * @example no-run
 * const loaded = await data.cifar100({ dir: './cifar-100-binary' })()
 */
export const cifar100 = (place: DataPlace = {}): TE.TaskEither<DataFault, Split<CoarselyLabelled>> =>
  load(hundred, placeOf('cifar100', place), (bytes, n) =>
    byteImages(
      n,
      shape,
      { bytes, start: 2, stride: 2 + pixels },
      { y: { bytes, start: 1, stride: 2 + pixels }, coarse: { bytes, start: 0, stride: 2 + pixels } },
    ),
  )

/** What the labels of CIFAR-10 stand for. */
export const cifar10Classes = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'] as const

/** What the labels of CIFAR-100 stand for. */
export const cifar100Classes: readonly string[] = (
  'apple,aquarium_fish,baby,bear,beaver,bed,bee,beetle,bicycle,bottle,bowl,boy,bridge,bus,butterfly,camel,can,castle,caterpillar,cattle,' +
  'chair,chimpanzee,clock,cloud,cockroach,couch,crab,crocodile,cup,dinosaur,dolphin,elephant,flatfish,forest,fox,girl,hamster,house,' +
  'kangaroo,keyboard,lamp,lawn_mower,leopard,lion,lizard,lobster,man,maple_tree,motorcycle,mountain,mouse,mushroom,oak_tree,orange,' +
  'orchid,otter,palm_tree,pear,pickup_truck,pine_tree,plain,plate,poppy,porcupine,possum,rabbit,raccoon,ray,road,rocket,rose,sea,seal,' +
  'shark,shrew,skunk,skyscraper,snail,snake,spider,squirrel,streetcar,sunflower,sweet_pepper,table,tank,telephone,television,tiger,' +
  'tractor,train,trout,tulip,turtle,wardrobe,whale,willow_tree,wolf,woman,worm'
).split(',')
