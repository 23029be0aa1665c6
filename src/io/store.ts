/** Tensors in files: one call to write, one to read, for every format. Files are replaced whole or not at all. */
import { pipe } from 'fp-ts/lib/function.js'
import type * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { fail, ValueError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import type { DataFault } from '../data/fault.js'
import { fault, inPlace } from '../data/fault.js'
import { nodeFiles } from '../data/files.js'
import type { NpyOptions } from './npy.js'
import { decodeNpy, encodeNpy } from './npy.js'
import type { DecodeNpzOptions, EncodeNpzOptions } from './npz.js'
import { decodeNpz, encodeNpz } from './npz.js'
import type { EncodeSafetensorsOptions, Safetensors } from './safetensors.js'
import { decodeSafetensors, encodeSafetensors } from './safetensors.js'
import type { FilesOption } from './tensorFile.js'
import type { Weights } from './weights.js'
import { toWeights } from './weights.js'

/** Where a file is read from, and how much of it at most. */
export interface LoadOptions extends FilesOption {
  /** Bytes that the file may have: 8 GiB by default. */
  readonly maxBytes?: number
}

/** The bytes of a file that has at most `maxBytes`. */
export const readBounded = (path: string, { files = nodeFiles, maxBytes = 2 ** 33 }: LoadOptions): TE.TaskEither<DataFault, Uint8Array> =>
  pipe(
    files.sizeOf(path),
    TE.chain((size) =>
      size > maxBytes
        ? TE.left(fault('TooLarge', `${path}: ${size} bytes, more than ${maxBytes}`, 'a larger maxBytes, if the file is to be trusted'))
        : files.readFile(path),
    ),
  )

const load = <A>(
  path: string,
  options: LoadOptions,
  decode: (bytes: Uint8Array) => TE.TaskEither<DataFault, A>,
): TE.TaskEither<DataFault, A> =>
  pipe(
    readBounded(path, options),
    TE.chain((bytes) => pipe(decode(bytes), TE.mapLeft(inPlace(path)))),
  )

const loadWith =
  <A>(decode: (bytes: Uint8Array) => E.Either<DataFault, A>) =>
  (path: string, options: LoadOptions = {}): TE.TaskEither<DataFault, A> =>
    load(path, options, (bytes) => TE.fromEither(decode(bytes)))

/**
 * Writes a tensor as an `.npy` file.
 *
 * @example no-run
 * await saveNpy('x.npy', x)()
 */
export const saveNpy = (
  path: string,
  x: Tensor,
  { files = nodeFiles, ...options }: NpyOptions & FilesOption = {},
): TE.TaskEither<DataFault, void> => files.writeFile(path, encodeNpy(x, options))

/** Reads a tensor from an `.npy` file; what it becomes is as in `decodeNpy`. */
export const loadNpy: (path: string, options?: LoadOptions) => TE.TaskEither<DataFault, Tensor> = loadWith(decodeNpy)

/**
 * Writes the tensors of a tree as an `.npz` file, each under its path.
 *
 * @example no-run
 * await saveNpz('weights.npz', params, { compress: true })()
 */
export const saveNpz = (
  path: string,
  params: unknown,
  { files = nodeFiles, ...options }: EncodeNpzOptions & FilesOption = {},
): TE.TaskEither<DataFault, void> =>
  pipe(
    encodeNpz(params, options),
    TE.chain((bytes) => files.writeFile(path, bytes)),
  )

/** Reads the arrays of an `.npz` file by name. */
export const loadNpz = (
  path: string,
  { limit, deflater, ...options }: DecodeNpzOptions & LoadOptions = {},
): TE.TaskEither<DataFault, Weights> =>
  load(path, options, (bytes) =>
    decodeNpz(bytes, { ...(limit === undefined ? {} : { limit }), ...(deflater === undefined ? {} : { deflater }) }),
  )

/**
 * Writes the tensors of a tree as a safetensors file, each under its path.
 *
 * @example no-run
 * await saveSafetensors('model.safetensors', params, { metadata: { epochs: '3' } })()
 */
export const saveSafetensors = (
  path: string,
  params: unknown,
  { files = nodeFiles, ...options }: EncodeSafetensorsOptions & FilesOption = {},
): TE.TaskEither<DataFault, void> => files.writeFile(path, encodeSafetensors(params, options))

/** Reads all tensors of a safetensors file; `openSafetensors` reads those that are asked for. */
export const loadSafetensors: (path: string, options?: LoadOptions) => TE.TaskEither<DataFault, Safetensors> = loadWith(decodeSafetensors)

/** Options of `saveSharded`. */
export interface ShardOptions extends EncodeSafetensorsOptions, FilesOption {
  /** Bytes of tensors in one file, unless a single tensor has more: 4 GiB by default. */
  readonly maxShardBytes?: number
}

/** Weights in groups of at most `max` bytes, in their order. */
const groupsOf = (weights: Weights, max: number): readonly Weights[] => {
  const groups: [string, Tensor][][] = []
  let room = 0
  for (const entry of Object.entries(weights)) {
    const length = entry[1].size * (entry[1].dtype === 'bool' ? 1 : entry[1].dtype === 'float64' ? 8 : 4)
    if (groups.length === 0 || length > room) {
      groups.push([])
      room = max
    }
    groups[groups.length - 1]!.push(entry)
    room -= length
  }
  return groups.map((group) => Object.fromEntries(group))
}

/**
 * Writes the tensors of a tree as safetensors files `NAME-00001-of-00003.safetensors` and their index,
 * `NAME.safetensors.index.json`, which comes last: where it is, everything is. Returns the path of the index, for `openSharded`.
 *
 * @throws ValueError unless `maxShardBytes` is positive.
 * @example no-run
 * await saveSharded('model/model', params, { maxShardBytes: 2 ** 30 })()
 */
export const saveSharded = (
  base: string,
  params: unknown,
  { files = nodeFiles, maxShardBytes = 2 ** 32, ...options }: ShardOptions = {},
): TE.TaskEither<DataFault, string> => {
  if (!(maxShardBytes > 0)) fail(ValueError, `saveSharded: maxShardBytes must be positive, got ${maxShardBytes}`)
  const name = base.slice(Math.max(base.lastIndexOf('/'), base.lastIndexOf('\\')) + 1)
  const folder = base.slice(0, base.length - name.length)
  const groups = groupsOf(toWeights(params), maxShardBytes)
  const digits = (n: number): string => String(n).padStart(5, '0')
  const shards = groups.map((group, i) => ({ file: `${name}-${digits(i + 1)}-of-${digits(groups.length)}.safetensors`, group }))
  const map = Object.fromEntries(shards.flatMap(({ file, group }) => Object.keys(group).map((key) => [key, file])))
  return pipe(
    shards,
    TE.traverseSeqArray(({ file, group }) => saveSafetensors(folder + file, group, { files, ...options })),
    TE.chain(() => {
      const total = groups.flatMap((g) => Object.values(g)).reduce((n, x) => n + x.size, 0)
      const index = JSON.stringify({ metadata: { total_parameters: total }, weight_map: map }, null, 2)
      return files.writeFile(`${base}.safetensors.index.json`, new TextEncoder().encode(index))
    }),
    TE.map(() => `${base}.safetensors.index.json`),
  )
}
