/** Files that are fetched once: with progress, resumed after an interruption, checked, and kept in a cache directory. */
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { World } from './capabilities.js'
import { nodeWorld } from './capabilities.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'

/** A file that can be fetched. */
export interface Remote {
  /** Its path in the cache directory: `mnist/train-images-idx3-ubyte.gz`. */
  readonly path: string
  /** Where it can be had from, the first choice first. */
  readonly urls: readonly string[]
  /** SHA-256 of its bytes, 64 hexadecimal digits. */
  readonly sha256: string
}

/** How far a download has come. */
export interface Progress {
  readonly url: string
  /** Bytes there are, those of an earlier attempt included. */
  readonly received: number
  /** Bytes there will be, when the server says so. */
  readonly total: number | null
  /** Milliseconds since this attempt began. */
  readonly elapsed: number
}

/** Options of `download`. */
export interface DownloadOptions {
  /** Where files are kept; `cacheDirectory` by default. */
  readonly directory?: string
  /** Called for every piece that arrives. */
  readonly onProgress?: (progress: Progress) => void
  /** Files, network, environment and clock; those of Node by default. */
  readonly capabilities?: World
}

/**
 * Where downloaded data is kept: `ADJOINT_DATA`, else `adjoint` in `XDG_CACHE_HOME`, in `.cache` of the home directory, or in
 * `LOCALAPPDATA`; else `.adjoint` of the working directory.
 *
 * @example
 * data.cacheDirectory(data.memoryWorld({ environment: { HOME: '/home/ada' } }))   // '/home/ada/.cache/adjoint'
 */
export const cacheDirectory = ({ environment }: Pick<World, 'environment'> = nodeWorld): string => {
  const of = (name: string, rest: string): string | undefined => {
    const value = environment(name)
    return value === undefined || value === '' ? undefined : value + rest
  }
  return (
    of('ADJOINT_DATA', '') ??
    of('XDG_CACHE_HOME', '/adjoint') ??
    of('HOME', '/.cache/adjoint') ??
    of('LOCALAPPDATA', '/adjoint') ??
    '.adjoint'
  )
}

/**
 * SHA-256 of bytes, in hexadecimal.
 *
 * @example
 * await data.sha256(new Uint8Array(0)).then((digest) => digest.slice(0, 8))   // 'e3b0c442'
 */
export const sha256 = async (bytes: Uint8Array): Promise<string> => {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', bytes.slice())
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** What to do about a file that cannot be fetched. */
const byHand = (file: string, { sha256: digest, urls }: Remote): string =>
  `when there is a network again; or put the file (SHA-256 ${digest}), from ${urls.join(' or ')}, at ${file}; or set ADJOINT_DATA to a directory that has it`

/** Bytes of a file; 0 when there is none. */
const lengthOf = (path: string, { sizeOf }: World): TE.TaskEither<DataFault, number> =>
  TE.orElse((f: DataFault) => (f._tag === 'NotFound' ? TE.right(0) : TE.left(f)))(sizeOf(path))

/** Adds to `part` what `url` has beyond it. */
const receive = async (
  url: string,
  part: string,
  world: World,
  onProgress: (progress: Progress) => void,
): Promise<E.Either<DataFault, void>> => {
  const before = await lengthOf(part, world)()
  if (E.isLeft(before)) return before
  const start = world.now()
  const asked = await world.request(url, before.right)()
  if (E.isLeft(asked)) return asked
  const { status, length, body } = asked.right
  // What is there is all there is (or is not this file at all: the checksum will tell).
  if (status === 416 && before.right > 0) return E.right(undefined)
  if (status !== 200 && status !== 206) return E.left(fault('Offline', `${url}: the server answers ${status}`))
  const from = status === 206 ? before.right : 0
  if (from === 0) {
    const removed = await world.remove(part)()
    if (E.isLeft(removed)) return removed
  }
  const total = length === null ? null : from + length
  let received = from
  try {
    for await (const bytes of body) {
      const written = await world.append(part, bytes)()
      if (E.isLeft(written)) return written
      received += bytes.length
      onProgress({ url, received, total, elapsed: world.now() - start })
    }
  } catch (error) {
    return E.left(fault('Offline', `${url}: after ${received} bytes: ${error instanceof Error ? error.message : String(error)}`))
  }
  return total !== null && received < total
    ? E.left(fault('Offline', `${url}: ended after ${received} of ${total} bytes`))
    : E.right(undefined)
}

/** The file's bytes when they are the right ones; null when it is not there; `Left` names both checksums. */
const checked = async (file: string, { sha256: expected }: Remote, world: World): Promise<E.Either<DataFault, Uint8Array | null>> => {
  const read = await world.readFile(file)()
  if (E.isLeft(read)) return read.left._tag === 'NotFound' ? E.right(null) : read
  const digest = await sha256(read.right)
  return digest === expected
    ? read
    : E.left(fault('Corrupt', `${file}: SHA-256 is ${digest}, expected ${expected}`, 'remove it and fetch it again'))
}

/**
 * The bytes of a file, from the cache directory, or fetched into it. What arrives is kept beside it as `.part`, so that an interrupted
 * download goes on where it stopped; only when its checksum is right does it get its name, in one step. Without a network the
 * `Left` (`Offline`) says which file to put where.
 *
 * @example
 * const file = { path: 'a.bin', urls: ['https://example.org/a.bin'], sha256: await data.sha256(new Uint8Array(5)) }
 * const world = data.memoryWorld({ pages: { 'https://example.org/a.bin': new Uint8Array(5) } })
 * const fetched = await data.download(file, { directory: 'cache', capabilities: world })()
 * E.isRight(fetched) && fetched.right.length   // 5
 */
export const download =
  (
    remote: Remote,
    { capabilities: world = nodeWorld, directory = cacheDirectory(world), onProgress = () => undefined }: DownloadOptions = {},
  ): TE.TaskEither<DataFault, Uint8Array> =>
  async () => {
    const file = `${directory}/${remote.path}`
    const part = `${file}.part`
    const cached = await checked(file, remote, world)
    if (E.isLeft(cached)) return cached
    if (cached.right !== null) return E.right(cached.right)
    const faults: DataFault[] = []
    for (const url of remote.urls) {
      const received = await receive(url, part, world, onProgress)
      if (E.isLeft(received)) {
        faults.push(received.left)
        if (received.left._tag !== 'Offline') return received
        continue
      }
      const bytes = await checked(part, remote, world)
      if (E.isRight(bytes) && bytes.right !== null) {
        const committed = await world.commit(part, file)()
        return E.isLeft(committed) ? committed : E.right(bytes.right)
      }
      if (E.isLeft(bytes) && bytes.left._tag !== 'Corrupt') return bytes
      // A wrong file must not be resumed.
      const removed = await world.remove(part)()
      if (E.isLeft(removed)) return removed
      faults.push(fault('Corrupt', `${url}: what came is not the file: its SHA-256 is another`))
    }
    const tag = faults.every((f) => f._tag === 'Corrupt') && faults.length > 0 ? 'Corrupt' : 'Offline'
    return E.left(fault(tag, `${remote.path}: ${faults.map((f) => f.message).join('; ')}`, byHand(file, remote)))
  }
