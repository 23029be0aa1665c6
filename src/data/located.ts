/** Where a published data set is: in a directory that the caller names, in `ADJOINT_DATA`, in the cache, or on the network. */
import { meaningsOf, optionsOf } from '../core/options.js'
import { text } from '../core/check.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { ReadAccess } from './capabilities.js'
import { nodeWorld } from './capabilities.js'
import type { DownloadOptions, Remote } from './download.js'
import { download, downloadMeanings } from './download.js'
import type { DataFault } from './fault.js'
import { fault, inPlace } from './fault.js'
import { nodeFiles } from './nodeFiles.js'
import { gunzip, isGzip } from './gunzip.js'

/** A directory that has the files: nothing is fetched. */
export interface InDirectory {
  /** The directory with the files, packed (`NAME.gz`) or unpacked (`NAME`). */
  readonly dir: string
  /** Access to files; Node's file system by default. */
  readonly capabilities?: ReadAccess
}

/** No directory: `ADJOINT_DATA`, then the cache, then the network. */
export interface Fetched extends DownloadOptions {
  readonly dir?: undefined
}

/** Where a data set's files come from. */
export type DataPlace = InDirectory | Fetched

const places = optionsOf<DownloadOptions & { readonly dir?: unknown }>(meaningsOf(downloadMeanings, { dir: text }))

/** Where the data set `name` is, checked. @throws ValueError */
export const placeOf = (name: string, place: DataPlace): DataPlace => places(name, place as DownloadOptions) as DataPlace

/** A file of a published data set. */
export interface Published {
  /** The data set as errors name it. */
  readonly title: string
  /** Its directory in a cache. */
  readonly set: string
  /** The file, without `.gz`. */
  readonly name: string
  /** All files of the set, for the error that says what to put where. */
  readonly names: readonly string[]
  /** The file as it can be fetched. */
  readonly remote: Remote
  /** No more bytes than this come out of it unpacked. */
  readonly limit: number
}

/** The bytes of a file in `dir`, packed or not. */
const inDirectory = (dir: string, { title, name, names }: Published, { readFile }: ReadAccess): TE.TaskEither<DataFault, Uint8Array> =>
  pipe(
    readFile(`${dir}/${name}.gz`),
    TE.orElse((f) => (f._tag === 'NotFound' ? readFile(`${dir}/${name}`) : TE.left(f))),
    TE.mapLeft((f) =>
      f._tag !== 'NotFound'
        ? f
        : fault(
            'NotFound',
            `${title}: neither ${name}.gz nor ${name} is in ${dir}`,
            `put ${names.join(', ')} (as .gz or unpacked) there, or name the directory that has them`,
          ),
    ),
  )

const raw = (file: Published, place: DataPlace): TE.TaskEither<DataFault, Uint8Array> => {
  if (place.dir !== undefined) return inDirectory(place.dir, file, place.capabilities ?? nodeFiles)
  const world = place.capabilities ?? nodeWorld
  const fetched = download(file.remote, place)
  const own = world.environment('ADJOINT_DATA')
  if (own === undefined || own === '' || place.directory !== undefined) return fetched
  // What a user has put there is what the user wants: it is not held against a checksum, only against its format.
  return pipe(
    inDirectory(`${own}/${file.set}`, file, world),
    TE.orElse((f) => (f._tag === 'NotFound' ? fetched : TE.left(f))),
  )
}

/** The contents of a file of a published data set, unpacked. */
export const located = (file: Published, place: DataPlace): TE.TaskEither<DataFault, Uint8Array> =>
  pipe(
    raw(file, place),
    TE.chain((bytes) =>
      isGzip(bytes) ? pipe(gunzip(bytes, file.limit), TE.mapLeft(inPlace(`${place.dir ?? file.set}/${file.name}`))) : TE.right(bytes),
    ),
  )
