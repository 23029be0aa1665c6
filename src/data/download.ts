/** Files that are fetched once: with progress, resumed after an interruption, checked, and kept in a cache directory. */
import { optionsOf } from '../core/options.js'
import { anything, bytes as bytesMeaning, callable, check, listOf, nonNegative, positive, record, text } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { fail, ValueError } from '../core/errors.js'
import type { Cancellation, World } from './capabilities.js'
import { nodeWorld } from './capabilities.js'
import { unmasked } from './disguise.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'
import { dirOf } from './files.js'
import type { Bounds, DownloadProgress } from './receive.js'
import { aborted, receive } from './receive.js'
import { unique, uniquePattern } from './temporary.js'

/** A file that can be fetched. */
export interface Remote {
  /** Its path in the cache directory: `mnist/train-images-idx3-ubyte.gz`. */
  readonly path: string
  /** Where it can be had from, the first choice first. */
  readonly urls: readonly string[]
  /** SHA-256 of its bytes, 64 hexadecimal digits, small or capital. */
  readonly sha256: string
}

/** Options of `download`. */
export interface DownloadOptions {
  /** Where files are kept; `cacheDirectory` by default. */
  readonly directory?: string
  /** Called for every piece that arrives. */
  readonly onProgress?: (progress: DownloadProgress) => void
  /** Milliseconds in which nothing arrives before a server is given up: a minute by default. A bound on the whole is `AbortSignal.timeout`. */
  readonly timeout?: number
  /** Calls the download off (`Aborted`); what has arrived is kept, and the next attempt goes on from there. */
  readonly signal?: Cancellation
  /** Bytes that the file may have (`TooLarge`): 8 GiB by default. */
  readonly maxBytes?: number
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
export const cacheDirectory = (world: Pick<World, 'environment'> = nodeWorld): string => {
  const { environment } = check('cacheDirectory', 'world', record, world)
  check('cacheDirectory', 'environment', callable, environment)
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
  check('sha256', 'bytes', bytesMeaning, bytes)
  const digest = await globalThis.crypto.subtle.digest('SHA-256', bytes.slice())
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** What to do about a file that cannot be fetched. */
const byHand = (file: string, { sha256: digest, urls }: Remote): string =>
  `when there is a network again; or put the file (SHA-256 ${digest}), from ${urls.join(' or ')}, at ${file}; or set ADJOINT_DATA to a directory that has it`

/** The file's bytes when they are the right ones; null when it is not there; `Left` names both checksums, or what the file is instead. */
const checked = async (file: string, expected: string, maxBytes: number, world: World): Promise<E.Either<DataFault, Uint8Array | null>> => {
  const read = await world.readFile(file, maxBytes)()
  if (E.isLeft(read)) return read.left._tag === 'NotFound' ? E.right(null) : read
  const digest = await sha256(read.right)
  const wrong = (): DataFault => {
    const f = unmasked(read.right)(fault('Corrupt', `${file}: SHA-256 is ${digest}, expected ${expected}`))
    return fault('Corrupt', f.message.split('\n')[0]!, 'remove it and fetch it again')
  }
  return digest === expected ? read : E.left(wrong())
}

/** What there is of the file already, under the name `own`: how many bytes, and whether another download may still be at them. */
interface Begun {
  readonly bytes: number
  readonly copied: boolean
}

/** The names of the parts of a file: that of an attempt that has failed, and those of attempts under way or killed. */
const partsOf = async (file: string, world: World): Promise<readonly string[]> => {
  const base = file.slice(dirOf(file).length + 1)
  const own = new RegExp(`^\\.${uniquePattern}\\.part$`)
  const names = await world.list(dirOf(file))()
  const isPart = (name: string): boolean => name === `${base}.part` || (name.startsWith(base) && own.test(name.slice(base.length)))
  return E.isLeft(names) ? [] : names.right.filter(isPart).map((name) => `${dirOf(file)}/${name}`)
}

/**
 * Takes over what an earlier attempt has left. Where that attempt may not be over (its process was killed, or is at work), its bytes
 * are copied: they only ever grow at their end.
 */
const takeOver = async (file: string, own: string, maxBytes: number, world: World): Promise<E.Either<DataFault, Begun>> => {
  const parts = await partsOf(file, world)
  if (parts.includes(`${file}.part`)) {
    const taken = await world.commit(`${file}.part`, own)()
    if (E.isLeft(taken) && taken.left._tag !== 'NotFound') return taken
    const size = E.isLeft(taken) ? E.right(0) : await world.sizeOf(own)()
    return E.isLeft(size) ? size : E.right({ bytes: size.right, copied: false })
  }
  let longest = new Uint8Array()
  for (const part of parts) {
    const read = await world.readFile(part, maxBytes)()
    if (E.isRight(read) && read.right.length > longest.length) longest = read.right as typeof longest
  }
  if (longest.length === 0) return E.right({ bytes: 0, copied: false })
  const written = await world.append(own, longest)()
  return E.isLeft(written) ? written : E.right({ bytes: longest.length, copied: true })
}

/** What the options of a download mean. */
export const downloadMeanings: Meanings<DownloadOptions> = {
  directory: text,
  onProgress: callable,
  timeout: positive,
  signal: anything,
  maxBytes: nonNegative,
  capabilities: record,
}
const downloads = optionsOf(downloadMeanings)

/**
 * The bytes of a file, from the cache directory, or fetched into it. What arrives is kept beside it as `.part`, so that an interrupted
 * download goes on where it stopped; only when its checksum is right does it get its name, in one step. Several downloads of one file at
 * once, in one process or in many, have parts of their own. Without a network the `Left` (`Offline`) says which file to put where.
 *
 * @throws ValueError when `sha256` is no SHA-256, `timeout` not positive, or `maxBytes` negative.
 * @example
 * const file = { path: 'a.bin', urls: ['https://example.org/a.bin'], sha256: await data.sha256(new Uint8Array(5)) }
 * const world = data.memoryWorld({ pages: { 'https://example.org/a.bin': new Uint8Array(5) } })
 * const fetched = await data.download(file, { directory: 'cache', capabilities: world })()
 * E.isRight(fetched) && fetched.right.length   // 5
 */
export const download = (remote: Remote, options: DownloadOptions = {}): TE.TaskEither<DataFault, Uint8Array> => {
  const {
    capabilities: world = nodeWorld,
    directory = cacheDirectory(world),
    onProgress = () => undefined,
    timeout = 60_000,
    maxBytes = 2 ** 33,
    signal,
  } = downloads('download', options)
  check('download', 'remote', record, remote)
  check('download', 'path', text, remote.path)
  check('download', 'urls', listOf(text), remote.urls)
  if (!/^[0-9a-f]{64}$/i.test(remote.sha256)) fail(ValueError, `download: sha256 must be 64 hexadecimal digits, got '${remote.sha256}'`)
  const expected = remote.sha256.toLowerCase()
  const file = `${directory}/${remote.path}`
  const bounds: Bounds = { timeout, maxBytes, signal }
  /** The file, when another download has finished meanwhile; else the fault. */
  const orElse = async (f: DataFault): Promise<E.Either<DataFault, Uint8Array>> => {
    const there = await checked(file, expected, maxBytes, world)
    return E.isRight(there) && there.right !== null ? E.right(there.right) : E.left(f)
  }
  const fetchInto = async (own: string): Promise<E.Either<DataFault, Uint8Array>> => {
    const begun = await takeOver(file, own, maxBytes, world)
    if (E.isLeft(begun)) return begun
    let { copied } = begun.right
    const faults: DataFault[] = []
    // A copy that turns out to be of something else costs no address: the first one is asked again, from the beginning.
    const urls = copied ? [remote.urls[0]!, ...remote.urls] : remote.urls
    for (const url of urls) {
      const received = await receive(url, own, bounds, world, onProgress)
      if (E.isLeft(received)) {
        faults.push(received.left)
        if (received.left._tag !== 'Offline') return received
        copied = false
        continue
      }
      const bytes = await checked(own, expected, maxBytes, world)
      if (E.isRight(bytes) && bytes.right !== null) {
        const committed = await world.commit(own, file)()
        return E.isLeft(committed) ? committed : E.right(bytes.right)
      }
      if (E.isLeft(bytes) && bytes.left._tag !== 'Corrupt') return bytes
      // A wrong file must not be resumed.
      const removed = await world.remove(own)()
      if (E.isLeft(removed)) return removed
      const [instead] = /(?<=: )it is [^\n]*/.exec(E.isLeft(bytes) ? bytes.left.message : '') ?? ['its SHA-256 is another']
      if (!copied) faults.push(fault('Corrupt', `${url}: what came is not the file: ${instead}`))
      copied = false
    }
    const tag = faults.every((f) => f._tag === 'Corrupt') && faults.length > 0 ? 'Corrupt' : 'Offline'
    const said = [...new Set(faults.map((f) => f.message))].join('; ')
    return E.left(fault(tag, `${remote.path}: ${said}`, byHand(file, remote)))
  }
  return async () => {
    if (signal?.aborted === true) return E.left(aborted(remote.path))
    const cached = await checked(file, expected, maxBytes, world)
    if (E.isLeft(cached)) return cached
    if (cached.right !== null) return E.right(cached.right)
    const own = `${file}.${unique()}.part`
    const fetched = await fetchInto(own)
    if (E.isRight(fetched)) {
      for (const part of await partsOf(file, world)) await world.remove(part)()
      return fetched
    }
    const result = await orElse(fetched.left)
    // What has arrived is there for the next attempt, unless there is nothing left to fetch.
    if (E.isRight(result) || fetched.left._tag === 'TooLarge') await world.remove(own)()
    else if ((await partsOf(file, world)).includes(own)) await world.commit(own, `${file}.part`)()
    return result
  }
}
