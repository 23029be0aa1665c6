/** Deflate, by the platform: Node's zlib where it is there, the streams of browsers elsewhere. */
import { builtin } from '../core/builtin.js'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DataFault } from '../data/fault.js'
import { fault } from '../data/fault.js'
import { joinBytes } from '../data/joinBytes.js'

/** How members of archives are packed and unpacked. */
export interface Deflater {
  /** The raw deflate stream of `bytes`. */
  readonly deflate: (bytes: Uint8Array) => TE.TaskEither<DataFault, Uint8Array>
  /** What a raw deflate stream holds; more than `limit` bytes are `TooLarge`, and are never made. */
  readonly inflate: (bytes: Uint8Array, limit: number) => TE.TaskEither<DataFault, Uint8Array>
}

/** What of Node's zlib is used here. */
interface Zlib {
  readonly deflateRaw: (bytes: Uint8Array, done: (error: Error | null, result: Uint8Array) => void) => void
  readonly inflateRaw: (
    bytes: Uint8Array,
    options: { readonly maxOutputLength: number },
    done: (error: Error | null, result: Uint8Array) => void,
  ) => void
}

const zlib = (): Zlib | undefined => builtin('node:zlib') as Zlib | undefined

const tooLarge = (limit: number): DataFault => fault('TooLarge', `inflate: more than ${limit} bytes`)

const explain =
  (limit: number) =>
  (error: unknown): DataFault =>
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge(limit)
      : fault('Corrupt', `inflate: ${error instanceof Error ? error.message : String(error)}`, 'fetch the file again')

const settle =
  (resolve: (bytes: Uint8Array) => void, reject: (error: Error) => void) =>
  (error: Error | null, result: Uint8Array): void => {
    if (error === null) resolve(result)
    else reject(error)
  }

const byZlib = ({ deflateRaw, inflateRaw }: Zlib): Deflater => ({
  deflate: (bytes) =>
    TE.tryCatch(
      () =>
        new Promise((resolve, reject) => {
          deflateRaw(bytes, settle(resolve, reject))
        }),
      explain(Infinity),
    ),
  inflate: (bytes, limit) =>
    TE.tryCatch(
      () =>
        new Promise((resolve, reject) => {
          inflateRaw(bytes, { maxOutputLength: Math.max(1, limit) }, settle(resolve, reject))
        }),
      explain(limit),
    ),
})

/** All that comes out of a stream, or null once it is more than `limit` bytes. */
const drain = async (stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array | null> => {
  const reader = stream.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > limit) {
      await reader.cancel()
      return null
    }
    chunks.push(value)
  }
  return joinBytes(chunks)
}

const through = (bytes: Uint8Array, transform: ReadableWritablePair<Uint8Array, BufferSource>): ReadableStream<Uint8Array> =>
  new Blob([bytes.slice()]).stream().pipeThrough(transform)

/** The streams of browsers, Deno, Bun and Node. */
export const streamDeflater: Deflater = {
  deflate: (bytes) =>
    TE.tryCatch(async () => (await drain(through(bytes, new CompressionStream('deflate-raw')), Infinity))!, explain(Infinity)),
  inflate: (bytes, limit) => async () => {
    try {
      const out = await drain(through(bytes, new DecompressionStream('deflate-raw')), limit)
      return out === null ? E.left(tooLarge(limit)) : E.right(out)
    } catch (error) {
      return E.left(explain(limit)(error))
    }
  },
}

/** The platform's own. */
export const platformDeflater = (): Deflater => {
  const found = zlib()
  return found === undefined ? streamDeflater : byZlib(found)
}
