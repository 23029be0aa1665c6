/** NumPy's archives: a zip of `.npy` files, one for every array. DeZero's weights are such files, named by path. */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DataFault } from '../data/fault.js'
import { fault, inPlace } from '../data/fault.js'
import type { Deflater } from './deflate.js'
import { platformDeflater } from './deflate.js'
import { decodeNpy, encodeNpy } from './npy.js'
import type { Weights } from './weights.js'
import { toWeights } from './weights.js'
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
export interface DecodeNpzOptions {
  /** Bytes that all arrays together may have when unpacked: 4 GiB by default. */
  readonly limit?: number
  /** Who inflates; the platform by default. */
  readonly deflater?: Deflater
}

/**
 * The tensors of a tree as an `.npz` file, each under its path: `l0/w` is in `l0/w.npy`. The same tree gives the same bytes.
 *
 * @throws TreeError when two leaves have one path.
 * @example
 * await encodeNpz({ l0: { w: x } }, { compress: true })()   // a Right of bytes
 */
export const encodeNpz = (
  params: unknown,
  { compress = false, zip64 = false, deflater = platformDeflater() }: EncodeNpzOptions = {},
): TE.TaskEither<DataFault, Uint8Array> => {
  const files = Object.entries(toWeights(params)).map(([name, x]) => ({ name: `${name}.npy`, bytes: encodeNpy(x) }))
  return writeZip(files, { zip64, ...(compress ? { deflate: deflater } : {}) })
}

/**
 * The arrays of an `.npz` file by name, without `.npy`. `fromWeights` makes a tree of them, `restore` a tree like a given one.
 * What each becomes is as in `decodeNpy`.
 *
 * @example
 * await pipe(encodeNpz({ l0: { w: x } }), TE.chain(decodeNpz))()   // a Right of { 'l0/w': x }
 */
export const decodeNpz = (
  bytes: Uint8Array,
  { limit = 2 ** 32, deflater = platformDeflater() }: DecodeNpzOptions = {},
): TE.TaskEither<DataFault, Weights> =>
  pipe(
    readZip(bytes, { inflate: deflater, limit }),
    TE.chainEitherK(
      E.traverseArray((file) =>
        pipe(
          decodeNpy(file.bytes),
          E.bimap(inPlace(`npz: ${file.name}`), (x) => [file.name.replace(/\.npy$/, ''), x] as const),
        ),
      ),
    ),
    TE.chainEitherK((entries): E.Either<DataFault, Weights> => {
      const weights: Weights = Object.fromEntries(entries)
      return Object.keys(weights).length === entries.length ? E.right(weights) : E.left(fault('Corrupt', 'npz: two arrays have one name'))
    }),
  )
