/** Safetensors files read piece by piece: the header first, then the tensors that are asked for, from one file or from many. */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../core/tensor.js'
import type { DataFault } from '../data/fault.js'
import { fault, inPlace } from '../data/fault.js'
import type { Files } from '../data/files.js'
import { nodeFiles } from '../data/files.js'
import { tensorOf } from './safetensors.js'
import type { SafetensorsHeader, TensorInfo } from './safetensorsHeader.js'
import { headerLength, parseHeader } from './safetensorsHeader.js'
import type { Weights } from './weights.js'

/** Tensors that are read when they are asked for. */
export interface TensorFile {
  /** What is there, by name. */
  readonly tensors: Readonly<Record<string, TensorInfo>>
  readonly metadata: Readonly<Record<string, string>>
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

type Read = TensorFile['read']

const exactly =
  (length: number) =>
  (bytes: Uint8Array): E.Either<DataFault, Uint8Array> =>
    bytes.length === length ? E.right(bytes) : E.left(fault('Corrupt', `the file ended ${length - bytes.length} bytes too early`))

const allOf =
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

const unknownName = (path: string, name: string): TE.TaskEither<DataFault, never> =>
  TE.left(fault('NotFound', `${path}: there is no tensor called '${name}'`))

const fileOf = (path: string, files: Files, { tensors, metadata, start }: SafetensorsHeader): TensorFile => {
  const read: Read = (name) => {
    const info = Object.hasOwn(tensors, name) ? tensors[name] : undefined
    return info === undefined
      ? unknownName(path, name)
      : pipe(
          files.readRange(path, start + info.begin, start + info.end),
          TE.chainEitherK(exactly(info.end - info.begin)),
          TE.chainEitherK((bytes) => tensorOf(name, info, bytes)),
          TE.mapLeft(inPlace(path)),
        )
  }
  return { tensors, metadata, read, readAll: allOf(tensors, read) }
}

/**
 * Opens a safetensors file: reads its header, and tensors when they are asked for.
 *
 * @example no-run
 * const file = await openSafetensors('model.safetensors')()   // a Right of a TensorFile
 */
export const openSafetensors = (path: string, { files = nodeFiles }: FilesOption = {}): TE.TaskEither<DataFault, TensorFile> =>
  pipe(
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
        TE.mapLeft(inPlace(path)),
      ),
    ),
    TE.map((header) => fileOf(path, files, header)),
  )

/** An index of a sharded model is a few megabytes for the largest there are. */
const maxIndex = 64 * 2 ** 20
const maxShards = 10_000

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !Array.isArray(x)

/** A name in the index's own folder: nothing that leads out of it. */
const isPlain = (name: unknown): name is string => typeof name === 'string' && /^[^/\\:\0]+$/.test(name) && name !== '.' && name !== '..'

/** The file that holds each tensor. */
const parseIndex = (bytes: Uint8Array): E.Either<DataFault, ReadonlyMap<string, string>> => {
  const corrupt = (what: string): E.Either<DataFault, never> => E.left(fault('Corrupt', `safetensors index: ${what}`))
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return corrupt('it is no JSON')
  }
  const map = isRecord(json) && Object.hasOwn(json, 'weight_map') ? json.weight_map : undefined
  if (!isRecord(map)) return corrupt('it has no weight_map')
  const bad = Object.entries(map).find(([, file]) => !isPlain(file))
  if (bad !== undefined)
    return corrupt(`'${bad[0]}' is said to be in ${JSON.stringify(bad[1])?.slice(0, 80)}, which is no name of a file beside it`)
  const shards = new Map(Object.entries(map) as [string, string][])
  const count = new Set(shards.values()).size
  return count > maxShards ? corrupt(`${count} files`) : E.right(shards)
}

/**
 * Opens a model in several safetensors files by its index, `NAME.safetensors.index.json`: reads the headers of all files, and tensors
 * when they are asked for. Files are looked for in the folder of the index and nowhere else.
 *
 * @example no-run
 * const model = await openSharded('model.safetensors.index.json')()   // a Right of a TensorFile
 */
export const openSharded = (path: string, { files = nodeFiles }: FilesOption = {}): TE.TaskEither<DataFault, TensorFile> => {
  const folder = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  const missing = (name: string, file: string): DataFault => fault('Corrupt', `${path}: '${name}' is not in ${file}`, 'fetch both again')
  return pipe(
    files.sizeOf(path),
    TE.chain((size) => (size > maxIndex ? TE.left(fault('TooLarge', `${path}: an index of ${size} bytes`)) : files.readFile(path))),
    TE.chainEitherK((bytes) => pipe(parseIndex(bytes), E.mapLeft(inPlace(path)))),
    TE.chain((index) =>
      pipe(
        [...new Set(index.values())],
        TE.traverseSeqArray((name) =>
          pipe(
            openSafetensors(folder + name, { files }),
            TE.map((file) => [name, file] as const),
          ),
        ),
        TE.chainEitherK((opened): E.Either<DataFault, TensorFile> => {
          const shards = new Map(opened)
          const lost = [...index].find(([name, file]) => !Object.hasOwn(shards.get(file)!.tensors, name))
          if (lost !== undefined) return E.left(missing(...lost))
          const tensors = Object.fromEntries([...index].map(([name, file]) => [name, shards.get(file)!.tensors[name]!]))
          const read: Read = (name) => {
            const file = index.get(name)
            return file === undefined ? unknownName(path, name) : shards.get(file)!.read(name)
          }
          const metadata = Object.assign({}, ...opened.map(([, file]) => file.metadata)) as Readonly<Record<string, string>>
          return E.right({ tensors, metadata, read, readAll: allOf(tensors, read) })
        }),
      ),
    ),
  )
}
