/** What loaders need of the world outside, as records, so that tests and browsers can supply their own. */
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'

/** Access to files. */
export interface Capabilities {
  /** The bytes of the file at `path`. */
  readonly readFile: (path: string) => TE.TaskEither<DataFault, Uint8Array>
}

/** What a server answers. */
export interface Answer {
  /** 200: all of it; 206: the part from the asked byte on; anything else is a refusal. */
  readonly status: number
  /** Bytes still to come, when the server says so. */
  readonly length: number | null
  readonly body: AsyncIterable<Uint8Array>
}

/** What downloading into a cache needs besides reading: a file system to write to, the network, the environment, a clock. */
export interface World extends Capabilities {
  /** Bytes of the file at `path`; 0 when there is none. */
  readonly size: (path: string) => TE.TaskEither<DataFault, number>
  /** Adds bytes at the end of a file; makes it, and the directories above it, when they are not there. */
  readonly append: (path: string, bytes: Uint8Array) => TE.TaskEither<DataFault, void>
  /** Makes sure that `from` is on the disk, then gives it the name `to`, in one step. */
  readonly commit: (from: string, to: string) => TE.TaskEither<DataFault, void>
  /** Removes a file; nothing when there is none. */
  readonly remove: (path: string) => TE.TaskEither<DataFault, void>
  /** Asks a server for what is at `url`, from byte `from` on. */
  readonly request: (url: string, from: number) => TE.TaskEither<DataFault, Answer>
  /** A variable of the environment. */
  readonly environment: (name: string) => string | undefined
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '')

/** A fault in words; `fetch` hides what happened in the cause of its error. */
const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}

const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'

const explain =
  (path: string) =>
  (error: unknown): DataFault =>
    isMissing(error) ? fault('NotFound', `${path}: no such file`) : fault('Unreadable', `${path}: ${reason(error)}`)

/** What of a server's file system is used here. */
interface Files {
  readonly readFile: (path: string) => Promise<Uint8Array>
  readonly appendFile: (path: string, bytes: Uint8Array) => Promise<void>
  readonly mkdir: (path: string, options: { readonly recursive: true }) => Promise<unknown>
  readonly open: (path: string, flags: string) => Promise<{ readonly sync: () => Promise<void>; readonly close: () => Promise<void> }>
  readonly rename: (from: string, to: string) => Promise<void>
  readonly rm: (path: string, options: { readonly force: true }) => Promise<void>
  readonly stat: (path: string) => Promise<{ readonly size: number }>
}

/** What of a server's process is used here. */
interface Process {
  readonly getBuiltinModule?: (name: string) => unknown
  readonly env?: Readonly<Record<string, string | undefined>>
}

const processOf = (): Process | undefined => (globalThis as { readonly process?: Process }).process

/** The file system of Node, Bun or Deno, asked for at run time so that no bundle for browsers mentions it. */
const serverFiles = (): Files | undefined => processOf()?.getBuiltinModule?.('node:fs/promises') as Files | undefined

const withFiles = <A>(path: string, use: (files: Files) => Promise<A>): TE.TaskEither<DataFault, A> => {
  const files = serverFiles()
  return files === undefined
    ? TE.left(fault('Unsupported', `${path}: this platform has no file system`, 'pass capabilities of your own'))
    : TE.tryCatch(() => use(files), explain(path))
}

/** The directory of `path`. */
const parent = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'), 0)) || '.'

/** What is at `url`, by the platform's `fetch`; servers that send packed bytes are asked not to, so that bytes can be counted. */
const request = (url: string, from: number): TE.TaskEither<DataFault, Answer> =>
  TE.tryCatch(
    async () => {
      const headers = { 'accept-encoding': 'identity', ...(from > 0 ? { range: `bytes=${from}-` } : {}) }
      const response = await fetch(url, { headers })
      const length = response.headers.get('content-length')
      return { status: response.status, length: length === null ? null : Number(length), body: chunksOf(response) }
    },
    (error) => fault('Offline', `${url}: ${reason(error)}`),
  )

/** The bytes of a response as they arrive; a loop that is left early hangs up. */
async function* chunksOf(response: Response): AsyncGenerator<Uint8Array, void> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value
  } finally {
    await reader.cancel()
  }
}

/** The file system of Node, Bun or Deno. */
export const nodeFiles: Capabilities = {
  readFile: (path) => withFiles(path, (files) => files.readFile(path)),
}

/** The files, network, environment and clock of Node, Bun or Deno. */
export const nodeWorld: World = {
  ...nodeFiles,
  size: (path) =>
    withFiles(path, (files) =>
      files.stat(path).then(
        ({ size }) => size,
        (error: unknown) => (isMissing(error) ? 0 : Promise.reject(error as Error)),
      ),
    ),
  append: (path, bytes) =>
    withFiles(path, async (files) => {
      await files.mkdir(parent(path), { recursive: true })
      await files.appendFile(path, bytes)
    }),
  commit: (from, to) =>
    withFiles(to, async (files) => {
      const file = await files.open(from, 'r+')
      await file.sync().finally(() => file.close())
      await files.rename(from, to)
    }),
  remove: (path) => withFiles(path, (files) => files.rm(path, { force: true })),
  request,
  environment: (name) => processOf()?.env?.[name],
  now: () => performance.now(),
}

/** Files held in memory, by path. */
export const memoryFiles = (files: Readonly<Record<string, Uint8Array>>): Capabilities => ({
  readFile: (path) => {
    const bytes = Object.hasOwn(files, path) ? files[path] : undefined
    return bytes === undefined ? TE.left(fault('NotFound', `${path}: no such file`)) : TE.right(bytes)
  },
})

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

/**
 * A world in memory: files, servers that understand ranges, an environment, a clock that ticks once a look.
 *
 * @example
 * const world = data.memoryWorld({ files: { 'a.txt': new Uint8Array(3) } })
 * await world.size('a.txt')().then((size) => E.isRight(size) && size.right)   // 3
 */
export const memoryWorld = ({ files = {}, pages = {}, environment = {}, chunk = 1000 }: MemoryWorld = {}): World => {
  const disk = new Map(Object.entries(files))
  let ticks = 0
  const missing = (path: string): DataFault => fault('NotFound', `${path}: no such file`)
  async function* parts(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
    for (let at = 0; at < bytes.length; at += chunk) yield await Promise.resolve(bytes.slice(at, at + chunk))
  }
  const effect =
    <A>(f: () => TE.TaskEither<DataFault, A>): TE.TaskEither<DataFault, A> =>
    () =>
      f()()
  return {
    readFile: (path) => effect(() => (disk.has(path) ? TE.right(disk.get(path)!.slice()) : TE.left(missing(path)))),
    size: (path) => effect(() => TE.right(disk.get(path)?.length ?? 0)),
    append: (path, bytes) =>
      effect(() => {
        disk.set(path, Uint8Array.from([...(disk.get(path) ?? []), ...bytes]))
        return TE.right(undefined)
      }),
    commit: (from, to) =>
      effect(() => {
        const bytes = disk.get(from)
        if (bytes === undefined) return TE.left(missing(from))
        disk.delete(from)
        disk.set(to, bytes)
        return TE.right(undefined)
      }),
    remove: (path) =>
      effect(() => {
        disk.delete(path)
        return TE.right(undefined)
      }),
    request: (url, from) =>
      effect(() => {
        const bytes = Object.hasOwn(pages, url) ? pages[url] : undefined
        if (bytes === undefined) return TE.left(fault('Offline', `${url}: no such server`))
        if (from >= bytes.length && from > 0) return TE.right({ status: 416, length: 0, body: parts(new Uint8Array(0)) })
        return TE.right({ status: from > 0 ? 206 : 200, length: bytes.length - from, body: parts(bytes.subarray(from)) })
      }),
    environment: (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined),
    now: () => ++ticks,
  }
}
