/** Gzip, decompressed by the platform, within a bound. */
import { bytes as bytesMeaning, check, nonNegative } from '../core/check.js'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { unmasked } from './disguise.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'
import { joinBytes } from './joinBytes.js'

/** True for bytes that start as a gzip member does. */
export const isGzip = (bytes: Uint8Array): boolean => check('isGzip', 'bytes', bytesMeaning, bytes)[0] === 0x1f && bytes[1] === 0x8b

const inflate = async (bytes: Uint8Array, limit: number): Promise<E.Either<DataFault, Uint8Array>> => {
  const stream = new Blob([bytes.slice()]).stream().pipeThrough(new DecompressionStream('gzip'))
  const reader = stream.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return E.right(joinBytes(chunks))
    length += value.length
    if (length > limit) {
      await reader.cancel()
      return E.left(fault('TooLarge', `gunzip: more than ${limit} bytes`, 'a larger limit, if the file is to be trusted'))
    }
    chunks.push(value)
  }
}

/**
 * The contents of a gzip file. Stops with `TooLarge` once more than `limit` bytes come out; a damaged
 * or truncated file is `Corrupt`.
 */
export const gunzip = (bytes: Uint8Array, limit: number): TE.TaskEither<DataFault, Uint8Array> => {
  check('gunzip', 'bytes', bytesMeaning, bytes)
  check('gunzip', 'limit', nonNegative, limit)
  return async () => {
    if (!isGzip(bytes)) return E.left(unmasked(bytes)(fault('Corrupt', 'gunzip: not a gzip file: it does not start with 1f 8b')))
    try {
      return await inflate(bytes, limit)
    } catch (error) {
      return E.left(fault('Corrupt', `gunzip: ${error instanceof Error ? error.message : String(error)}`, 'fetch the file again'))
    }
  }
}
