/** NumPy's archives: a zip of `.npy` files, one for every array. DeZero's weights are such files, named by path. */
import type { Meanings } from '../core/options.js'
import { optionsOf } from '../core/options.js'
import { anything, bytes as bytesMeaning, callable, check, flag, listOf, nonNegative, oneOf, text } from '../core/check.js'
import { textEncoder } from '../core/text.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { fail, ValueError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { unmasked } from '../data/disguise.js'
import type { DataFault } from '../data/fault.js'
import { fault, inPlace } from '../data/fault.js'
import type { Deflater } from './deflate.js'
import { platformDeflater } from './deflate.js'
import type { DecodeNpyOptions } from './npy.js'
import { decodeNpy, encodeNpy, isNpy } from './npy.js'
import { readable } from './skipped.js'
import type { Weights } from './weights.js'
import { toWeights } from './weights.js'
import type { ZipFile } from './zip.js'
import { readZip, writeZip } from './zip.js'

/** Options of `encodeNpz`. */
export interface EncodeNpzOptions {
  /** Deflate the arrays, as `numpy.savez_compressed` does; they are stored as they are by default. */
  readonly compress?: boolean
  /** Write 64-bit records even where 32 bits are enough. */
  readonly zip64?: boolean
  /** Who deflates; the platform by default. */
  readonly deflater?: Deflater
}

/** Options of `decodeNpz`. */
export interface DecodeNpzOptions extends DecodeNpyOptions {
  /** Bytes that all arrays that are read together may have when unpacked: 4 GiB by default. */
  readonly limit?: number
  /** Who inflates; the platform by default. */
  readonly deflater?: Deflater
  /** Reads these arrays and no others, by name; where one of them cannot be read or is not there, that is the fault of the whole. */
  readonly only?: readonly string[]
  /** Told of every member that can become no tensor (pickled objects, strings, files that are no arrays), and why it is left out. */
  readonly onSkipped?: (name: string, fault: DataFault) => void
}

/** Names longer than this have no place in an archive. */
const longestName = 0xffff

/** The name of a member as it is read back, or the reason why it would not be. */
const memberName = (name: string): string => {
  const member = `${name}.npy`
  if (/[\ud800-\udfff]/u.test(name))
    fail(ValueError, `encodeNpz: ${JSON.stringify(name.slice(0, 80))} has half of a surrogate pair, which is no text`, {
      fix: 'other keys',
    })
  const length = textEncoder().encode(member).length
  if (length > longestName)
    fail(ValueError, `encodeNpz: '${name.slice(0, 40)}...' is a name of ${length} bytes; an archive has room for ${longestName}`, {
      fix: 'shorter keys, or saveSafetensors',
    })
  return member
}

/** The options of npz files, checked. */
export const npzOptions = optionsOf<EncodeNpzOptions>({ compress: flag, zip64: flag, deflater: anything })
/** What the options of reading npz files mean. */
export const npzReadings: Meanings<DecodeNpzOptions> = {
  raw: oneOf('bfloat16'),
  limit: nonNegative,
  deflater: anything,
  only: listOf(text),
  onSkipped: callable,
}
const npzReading = optionsOf(npzReadings)

/**
 * The tensors of a tree as an `.npz` file, each under its path: `l0/w` is in `l0/w.npy`. The same tree gives the same bytes.
 *
 * @throws TreeError when two leaves have one path; ValueError for a name that could not be read back.
 * @example
 * await encodeNpz({ l0: { w: x } }, { compress: true })()   // a Right of bytes
 */
export const encodeNpz = (params: unknown, options: EncodeNpzOptions = {}): TE.TaskEither<DataFault, Uint8Array> => {
  const { compress = false, zip64 = false, deflater = platformDeflater() } = npzOptions('encodeNpz', options)
  const files = Object.entries(toWeights(params)).map(([name, x]) => ({ name: memberName(name), bytes: encodeNpy(x) }))
  return writeZip(files, { zip64, ...(compress ? { deflate: deflater } : {}) })
}

const arrayName = (member: string): string => member.replace(/\.npy$/, '')

/** A member that is no array of numbers: a folder, or a file of another kind. */
const notAnArray = (name: string): DataFault =>
  fault('Unsupported', `npz: ${name} is ${name.endsWith('/') ? 'a folder' : 'no npy file'}`, 'unzip, for what is no array')

/**
 * The arrays of an `.npz` file by name, without `.npy`. `fromWeights` makes a tree of them, `restore` a tree like a given one.
 * What each becomes is as in `decodeNpy`; those that can become no tensor are left out and told to `onSkipped`, and where there are no
 * others, the fault is that of the whole. Damage always is.
 *
 * @example
 * await pipe(encodeNpz({ l0: { w: x } }), TE.chain(decodeNpz))()   // a Right of { 'l0/w': x }
 */
export const decodeNpz = (bytes: Uint8Array, given: DecodeNpzOptions = {}): TE.TaskEither<DataFault, Weights> => {
  const { limit = 2 ** 32, deflater = platformDeflater(), only, onSkipped = () => undefined, ...options } = npzReading('decodeNpz', given)
  check('decodeNpz', 'bytes', bytesMeaning, bytes)
  const isWanted = (member: string): boolean => only === undefined || only.includes(arrayName(member))
  const arrayIn = ({ name, bytes: contents }: ZipFile): E.Either<DataFault, Tensor> =>
    name.endsWith('/') || (!name.endsWith('.npy') && !isNpy(contents))
      ? E.left(notAnArray(name))
      : pipe(decodeNpy(contents, options), E.mapLeft(inPlace(`npz: ${name}`)))
  return pipe(
    readZip(bytes, { inflate: deflater, limit, keep: isWanted }),
    TE.mapLeft((f) => (startsAsZip(bytes) ? f : unmasked(bytes)(f))),
    TE.chainEitherK((files): E.Either<DataFault, Weights> => {
      const found = files.map((file) => [arrayName(file.name), arrayIn(file)] as const)
      const names = new Set(found.map(([name]) => name))
      if (names.size !== found.length) return E.left(fault('Corrupt', 'npz: two arrays have one name'))
      const missing = only?.find((name) => !names.has(name))
      if (missing !== undefined) return E.left(fault('NotFound', `npz: there is no array called '${missing}'`))
      const refused = only === undefined ? undefined : found.find(([, read]) => E.isLeft(read))
      if (refused !== undefined && E.isLeft(refused[1])) return refused[1]
      return pipe(
        readable(found),
        E.map(([weights, skipped]) => {
          for (const [name, why] of Object.entries(skipped)) onSkipped(name, why)
          return weights
        }),
      )
    }),
  )
}

const startsAsZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b
