/** What loaders need of the world outside, as records, so that tests and browsers can supply their own. */
import { optionsOf } from '../core/options.js'
import { positiveWhole, record } from '../core/check.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'
import type { Files } from './files.js'
import { memoryFiles } from './memoryFiles.js'
import { nodeFiles } from './nodeFiles.js'

/** Access to files, as far as reading them goes. */
export type ReadAccess = Pick<Files, 'readFile'>

/** What a server answers. */
export interface ServerAnswer {
  /** 200: all of it; 206: the part from the asked byte on; anything else is a refusal. */
  readonly status: number
  /** Bytes still to come, when the server says so. */
  readonly length: number | null
  /** The byte at which a 206 begins, when the server says so: not every server begins where it was asked to. */
  readonly from?: number
  readonly body: AsyncIterable<Uint8Array>
}

/** What calls work off: an `AbortSignal`, in the words that are used of it, so that these types need no library of the browser. */
export interface Cancellation {
  readonly aborted: boolean
  /** Has `listener` called when the call is off. */
  readonly addEventListener: (event: 'abort', listener: () => void) => void
  /** Forgets `listener`. */
  readonly removeEventListener: (event: 'abort', listener: () => void) => void
}

/** What downloading into a cache needs besides reading: a file system to write to, the network, the environment, a clock. */
export interface World extends Pick<Files, 'readFile' | 'sizeOf' | 'append' | 'commit' | 'list' | 'remove'> {
  /** Asks a server for what is at `url`, from byte `from` on; hangs up when `signal` says so. */
  readonly request: (url: string, from: number, signal?: Cancellation) => TE.TaskEither<DataFault, ServerAnswer>
  /** A variable of the environment. */
  readonly environment: (name: string) => string | undefined
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

/** A fault in words; `fetch` hides what happened in the cause of its error. */
const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}

/** What of a server's process is used here. */
interface Process {
  readonly env?: Readonly<Record<string, string | undefined>>
}

const processOf = (): Process | undefined => (globalThis as { readonly process?: Process }).process

/** A number in a header, or null. */
const numberIn = (text: string | null | undefined): number | null =>
  typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : null

/** What is at `url`, by the platform's `fetch`; servers that send packed bytes are asked not to, so that bytes can be counted. */
const request = (url: string, from: number, signal?: Cancellation): TE.TaskEither<DataFault, ServerAnswer> =>
  TE.tryCatch(
    async () => {
      const asked = { 'accept-encoding': 'identity', ...(from > 0 ? { range: `bytes=${from}-` } : {}) }
      const { status, headers, body } = await fetch(url, {
        headers: asked,
        ...(signal === undefined ? {} : { signal: signal as AbortSignal }),
      })
      // What is unpacked on the way has another length than the header says.
      const packed = (headers.get('content-encoding') ?? 'identity') !== 'identity'
      const begins = numberIn(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1])
      const length = packed ? null : numberIn(headers.get('content-length'))
      return { status, length, ...(begins === null ? {} : { from: begins }), body: chunksOf(body) }
    },
    (error) => fault('Offline', `${url}: ${reason(error)}`),
  )

/** The bytes of a response as they arrive; a loop that is left early hangs up. */
async function* chunksOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array, void> {
  const reader = body?.getReader()
  if (reader === undefined) return
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** The files, network, environment and clock of Node, Bun or Deno. */
export const nodeWorld: World = {
  ...nodeFiles,
  request,
  environment: (name) => {
    try {
      return processOf()?.env?.[name]
    } catch {
      return undefined // Deno asks for permission
    }
  },
  now: () => performance.now(),
}

/** A world of its own, for tests: what it begins with. */
export interface MemoryWorld {
  /** Files by path. */
  readonly files?: Readonly<Record<string, Uint8Array>>
  /** What servers have, by address; nothing else can be reached. */
  readonly pages?: Readonly<Record<string, Uint8Array>>
  readonly environment?: Readonly<Record<string, string>>
  /** Bytes that arrive at once. */
  readonly chunk?: number
}

const worlds = optionsOf<MemoryWorld>({ files: record, pages: record, environment: record, chunk: positiveWhole })

/**
 * A world in memory: files, servers that understand ranges, an environment, a clock that ticks once a look.
 *
 * @example
 * const world = data.memoryWorld({ files: { 'a.txt': new Uint8Array(3) } })
 * await world.sizeOf('a.txt')().then((size) => E.isRight(size) && size.right)   // 3
 */
export const memoryWorld = (options: MemoryWorld = {}): World => {
  const { files = {}, pages = {}, environment = {}, chunk = 1000 } = worlds('memoryWorld', options)
  let ticks = 0
  async function* parts(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
    for (let at = 0; at < bytes.length; at += chunk) yield await Promise.resolve(bytes.slice(at, at + chunk))
  }
  const effect =
    <A>(f: () => TE.TaskEither<DataFault, A>): TE.TaskEither<DataFault, A> =>
    () =>
      f()()
  return {
    ...memoryFiles(files),
    request: (url, from) =>
      effect(() => {
        const bytes = Object.hasOwn(pages, url) ? pages[url] : undefined
        if (bytes === undefined) return TE.left(fault('Offline', `${url}: no such server`))
        if (from >= bytes.length && from > 0) return TE.right({ status: 416, length: 0, body: parts(new Uint8Array(0)) })
        return TE.right({ status: from > 0 ? 206 : 200, length: bytes.length - from, from, body: parts(bytes.subarray(from)) })
      }),
    environment: (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined),
    now: () => ++ticks,
  }
}
