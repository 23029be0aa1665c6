/** Tensors in files: one call to write, one to read, for every format. Files are replaced whole or not at all. */
import { check, flag, nonNegative, oneOf, record, tensor, text } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../core/tensor.js'
import type { DataFault } from '../data/fault.js'
import { inPlace, tooLarge } from '../data/fault.js'
import { nodeFiles } from '../data/nodeFiles.js'
import type { DecodeNpyOptions, NpyOptions } from './npy.js'
import { decodeNpy, encodeNpy, npyOptions } from './npy.js'
import type { DecodeNpzOptions, EncodeNpzOptions } from './npz.js'
import { decodeNpz, encodeNpz, npzOptions, npzReadings } from './npz.js'
import type { EncodeSafetensorsOptions, Safetensors, SafetensorsReading } from './safetensors.js'
import { decodeSafetensors, encodeSafetensors, safetensorsOptions } from './safetensors.js'
import type { FilesOption } from './tensorFile.js'
import type { Weights } from './weights.js'

/** Where a file is read from, and how much of it at most. */
export interface LoadOptions extends FilesOption {
  /** Bytes that the file may have: 8 GiB by default. */
  readonly maxBytes?: number
}

/** The bytes of a file that has at most `maxBytes`, whatever size it says it has. */
export const readBounded = (path: string, { files = nodeFiles, maxBytes = 2 ** 33 }: LoadOptions): TE.TaskEither<DataFault, Uint8Array> =>
  pipe(
    files.sizeOf(path),
    TE.chain((size) => (size > maxBytes ? TE.left(tooLarge(path, size, maxBytes)) : files.readFile(path, maxBytes))),
    // A record of one's own may not know of the bound.
    TE.chain((bytes) => (bytes.length > maxBytes ? TE.left(tooLarge(path, bytes.length, maxBytes)) : TE.right(bytes))),
  )

const loading: Meanings<LoadOptions> = { files: record, maxBytes: nonNegative }
const npyLoading = optionsOf<DecodeNpyOptions & LoadOptions>(meaningsOf(loading, { raw: oneOf('bfloat16') }))
const safetensorsLoading = optionsOf<LoadOptions & SafetensorsReading>(meaningsOf(loading, { verify: flag }))
const npzLoading = optionsOf<DecodeNpzOptions & LoadOptions>(meaningsOf(loading, npzReadings))

const load = <A>(
  name: string,
  path: string,
  options: LoadOptions,
  decode: (bytes: Uint8Array) => TE.TaskEither<DataFault, A>,
): TE.TaskEither<DataFault, A> => {
  check(name, 'path', text, path)
  return pipe(
    readBounded(path, options),
    TE.chain((bytes) => pipe(decode(bytes), TE.mapLeft(inPlace(path)))),
  )
}

/**
 * Writes a tensor as an `.npy` file.
 *
 * @example no-run
 * await saveNpy('x.npy', x)()
 */
export const saveNpy = (path: string, x: Tensor, given: NpyOptions & FilesOption = {}): TE.TaskEither<DataFault, void> => {
  const { files = nodeFiles, ...options } = check('saveNpy', 'options', record, given)
  check('saveNpy', 'path', text, path)
  return files.writeFile(path, encodeNpy(check('saveNpy', 'x', tensor, x), npyOptions('saveNpy', options)))
}

/** Reads a tensor from an `.npy` file; what it becomes is as in `decodeNpy`. */
export const loadNpy = (path: string, given: DecodeNpyOptions & LoadOptions = {}): TE.TaskEither<DataFault, Tensor> => {
  const { raw, ...options } = npyLoading('loadNpy', given)
  return load('loadNpy', path, options, (bytes) => TE.fromEither(decodeNpy(bytes, raw === undefined ? {} : { raw })))
}

/**
 * Writes the tensors of a tree as an `.npz` file, each under its path.
 *
 * @example no-run
 * await saveNpz('weights.npz', params, { compress: true })()
 */
export const saveNpz = (path: string, params: unknown, given: EncodeNpzOptions & FilesOption = {}): TE.TaskEither<DataFault, void> => {
  const { files = nodeFiles, ...options } = check('saveNpz', 'options', record, given)
  check('saveNpz', 'path', text, path)
  return pipe(
    encodeNpz(params, npzOptions('saveNpz', options)),
    TE.chain((bytes) => files.writeFile(path, bytes)),
  )
}

/** Reads the arrays of an `.npz` file by name. */
export const loadNpz = (path: string, given: DecodeNpzOptions & LoadOptions = {}): TE.TaskEither<DataFault, Weights> => {
  const { files, maxBytes, ...options } = npzLoading('loadNpz', given)
  return load('loadNpz', path, { ...(files === undefined ? {} : { files }), ...(maxBytes === undefined ? {} : { maxBytes }) }, (bytes) =>
    decodeNpz(bytes, options),
  )
}

/**
 * Writes the tensors of a tree as a safetensors file, each under its path.
 *
 * @example no-run
 * await saveSafetensors('model.safetensors', params, { metadata: { epochs: '3' } })()
 */
export const saveSafetensors = (
  path: string,
  params: unknown,
  given: EncodeSafetensorsOptions & FilesOption = {},
): TE.TaskEither<DataFault, void> => {
  const { files = nodeFiles, ...options } = check('saveSafetensors', 'options', record, given)
  check('saveSafetensors', 'path', text, path)
  return files.writeFile(path, encodeSafetensors(params, safetensorsOptions('saveSafetensors', options)))
}

/** Reads all tensors of a safetensors file; `openSafetensors` reads those that are asked for. */
export const loadSafetensors = (path: string, given: LoadOptions & SafetensorsReading = {}): TE.TaskEither<DataFault, Safetensors> => {
  const { verify = true, ...options } = safetensorsLoading('loadSafetensors', given)
  return load('loadSafetensors', path, options, (bytes) => TE.fromEither(decodeSafetensors(bytes, { verify })))
}
