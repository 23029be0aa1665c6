/** Safetensors files read piece by piece: the header first, then the tensors that are asked for. */
import { optionsOf } from '../core/options.js'
import { check, flag, record, text } from '../core/check.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../core/tensor.js'
import { unmasked } from '../data/disguise.js'
import type { DataFault } from '../data/fault.js'
import { fault, inPlace } from '../data/fault.js'
import type { Files } from '../data/files.js'
import { nodeFiles } from '../data/nodeFiles.js'
import type { SafetensorsReading } from './safetensors.js'
import { tensorOf } from './safetensors.js'
import type { SafetensorsHeader, TensorInfo } from './safetensorsHeader.js'
import { headerLength, parseHeader } from './safetensorsHeader.js'
import type { Skipped } from './skipped.js'
import type { Weights } from './weights.js'

/** Tensors that are read when they are asked for. */
export interface TensorFile {
  /** What is there, by name. */
  readonly tensors: Readonly<Record<string, TensorInfo>>
  readonly metadata: Readonly<Record<string, string>>
  /** What is there and can become no tensor, by name, and why. */
  readonly skipped: Skipped
  /** Reads one tensor: its bytes and no others. */
  readonly read: (name: string) => TE.TaskEither<DataFault, Tensor>
  /** Reads all of them, or those that `keep` accepts, one after the other. */
  readonly readAll: (keep?: (name: string) => boolean) => TE.TaskEither<DataFault, Weights>
}

/** Where files come from. */
export interface FilesOption {
  /** Access to files; Node's file system by default. */
  readonly files?: Files
}

/** How tensors are read one by one. */
export interface OpenOptions extends FilesOption, SafetensorsReading {}

type Read = TensorFile['read']

const exactly =
  (length: number) =>
  (bytes: Uint8Array): E.Either<DataFault, Uint8Array> =>
    bytes.length === length ? E.right(bytes) : E.left(fault('Corrupt', `the file ended ${length - bytes.length} bytes too early`))

/** Reads all tensors, or those that are asked for. */
export const allOf =
  (tensors: TensorFile['tensors'], read: Read): TensorFile['readAll'] =>
  (keep = () => true) =>
    pipe(
      Object.keys(tensors).filter(keep),
      TE.traverseSeqArray((name) =>
        pipe(
          read(name),
          TE.map((x) => [name, x] as const),
        ),
      ),
      TE.map((entries): Weights => Object.fromEntries(entries)),
    )

/** The fault of a name that cannot be read. */
export const unknownName = (path: string, name: string, skipped: Skipped): TE.TaskEither<DataFault, never> =>
  TE.left(Object.hasOwn(skipped, name) ? inPlace(path)(skipped[name]!) : fault('NotFound', `${path}: there is no tensor called '${name}'`))

const fileOf = (path: string, { files = nodeFiles, verify = true }: OpenOptions, header: SafetensorsHeader): TensorFile => {
  const { tensors, metadata, start, skipped } = header
  const read: Read = (name) => {
    const info = Object.hasOwn(tensors, name) ? tensors[name] : undefined
    return info === undefined
      ? unknownName(path, name, skipped)
      : pipe(
          files.readRange(path, start + info.begin, start + info.end),
          TE.chainEitherK(exactly(info.end - info.begin)),
          TE.chainEitherK((bytes) => tensorOf(name, info, bytes, verify)),
          TE.mapLeft(inPlace(path)),
        )
  }
  return { tensors, metadata, skipped, read, readAll: allOf(tensors, read) }
}

/** The options of files that are open, checked. */
export const openOptions = optionsOf<OpenOptions>({ files: record, verify: flag })

/**
 * Opens a safetensors file: reads its header, and tensors when they are asked for.
 *
 * @example no-run
 * const file = await openSafetensors('model.safetensors')()   // a Right of a TensorFile
 */
export const openSafetensors = (path: string, options: OpenOptions = {}): TE.TaskEither<DataFault, TensorFile> => {
  const { files = nodeFiles } = openOptions('openSafetensors', options)
  check('openSafetensors', 'path', text, path)
  return pipe(
    files.sizeOf(path),
    TE.chain((size) =>
      pipe(
        files.readRange(path, 0, 8),
        TE.chainEitherK((first) => headerLength(first, size)),
        TE.chain((length) =>
          pipe(
            files.readRange(path, 8, 8 + length),
            TE.chainEitherK(exactly(length)),
            TE.chainEitherK((text) => parseHeader(text, size)),
          ),
        ),
        TE.orElse((f): TE.TaskEither<DataFault, SafetensorsHeader> =>
          pipe(
            files.readRange(path, 0, 1024),
            TE.chain((first) => TE.left(inPlace(path)(unmasked(first)(f)))),
          ),
        ),
      ),
    ),
    TE.map((header) => fileOf(path, options, header)),
  )
}
