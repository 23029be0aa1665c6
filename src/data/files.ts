/** Access to files as a record: of the platform, of memory for tests, or a user's own. */
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'
import { joinBytes } from './joinBytes.js'

/** What is asked of a file system. */
export interface Files {
  /** All bytes of the file at `path`. */
  readonly readFile: (path: string) => TE.TaskEither<DataFault, Uint8Array>
  /** The bytes from `from` up to `to` (at most as many as there are), without reading the others. */
  readonly readRange: (path: string, from: number, to: number) => TE.TaskEither<DataFault, Uint8Array>
  /** Number of bytes of the file at `path`. */
  readonly sizeOf: (path: string) => TE.TaskEither<DataFault, number>
  /**
   * Makes or replaces the file at `path`, and its folder. All or nothing, also when the process or the machine stops half way: the
   * bytes go to `path.tmp`, are forced to the disk, and get their name then.
   */
  readonly writeFile: (path: string, bytes: Uint8Array) => TE.TaskEither<DataFault, void>
  /** Adds bytes at the end of a file; makes it, and its folder, when they are not there. */
  readonly append: (path: string, bytes: Uint8Array) => TE.TaskEither<DataFault, void>
  /** Makes sure that what is in `from` is on the disk, then gives it the name `to`, in one step. */
  readonly commit: (from: string, to: string) => TE.TaskEither<DataFault, void>
  /** Names of the files in a folder; none for a folder that is not there. */
  readonly list: (dir: string) => TE.TaskEither<DataFault, readonly string[]>
  /** Removes a file; one that is not there is gone already. */
  readonly remove: (path: string) => TE.TaskEither<DataFault, void>
}

/** An open file of Node, as far as it is used here. */
interface Handle {
  readonly read: (into: Uint8Array, offset: number, length: number, position: number) => Promise<{ readonly bytesRead: number }>
  readonly writeFile: (bytes: Uint8Array) => Promise<void>
  readonly sync: () => Promise<void>
  readonly close: () => Promise<void>
}

/** What of Node's file system is used here. */
interface NodeFs {
  readonly readFile: (path: string) => Promise<Uint8Array>
  readonly appendFile: (path: string, bytes: Uint8Array) => Promise<void>
  readonly open: (path: string, flags: string) => Promise<Handle>
  readonly stat: (path: string) => Promise<{ readonly size: number }>
  readonly mkdir: (path: string, options: { readonly recursive: true }) => Promise<unknown>
  readonly rename: (from: string, to: string) => Promise<void>
  readonly readdir: (
    path: string,
    options: { readonly withFileTypes: true },
  ) => Promise<readonly { readonly name: string; isFile(): boolean }[]>
  readonly rm: (path: string, options: { readonly force: true }) => Promise<void>
}

/** Asked for at run time, so that no bundle for browsers mentions it. */
const nodeFs = (): NodeFs | undefined => {
  const { process } = globalThis as { readonly process?: { readonly getBuiltinModule?: (name: string) => unknown } }
  return process?.getBuiltinModule?.('node:fs/promises') as NodeFs | undefined
}

const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '')

const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const unreadable =
  (path: string) =>
  (error: unknown): DataFault =>
    isMissing(error) ? fault('NotFound', `${path}: no such file`) : fault('Unreadable', `${path}: ${textOf(error)}`)

const unwritable =
  (path: string) =>
  (error: unknown): DataFault =>
    fault('Unwritable', `${path}: ${textOf(error)}`)

/** The file system's answer to `f`, or why there is none. */
const ask = <A>(path: string, f: (fs: NodeFs) => Promise<A>, explain: (error: unknown) => DataFault): TE.TaskEither<DataFault, A> => {
  const fs = nodeFs()
  return fs === undefined
    ? TE.left(fault('Unsupported', `${path}: this platform has no file system`, 'pass files of your own: memoryFiles, or a record'))
    : TE.tryCatch(() => f(fs), explain)
}

/** Opens, uses and closes a file. */
const withFile = async <A>(fs: NodeFs, path: string, flags: string, use: (file: Handle) => Promise<A>): Promise<A> => {
  const file = await fs.open(path, flags)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

const rangeOf =
  (from: number, to: number) =>
  async (file: Handle): Promise<Uint8Array> => {
    const out = new Uint8Array(to - from)
    let length = 0
    while (length < out.length) {
      const { bytesRead } = await file.read(out, length, Math.min(out.length - length, 2 ** 30), from + length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return out.subarray(0, length)
  }

const dirOf = (path: string): string => {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
  return end < 0 ? '.' : end === 0 ? path.slice(0, 1) : path.slice(0, end)
}

const replace = async (fs: NodeFs, path: string, bytes: Uint8Array): Promise<void> => {
  const [dir, temporary] = [dirOf(path), `${path}.tmp`]
  await fs.mkdir(dir, { recursive: true })
  try {
    await withFile(fs, temporary, 'w', async (file) => {
      await file.writeFile(bytes)
      await file.sync()
    })
    await fs.rename(temporary, path)
  } catch (error) {
    // A full disk is not filled further by what could not be written.
    await fs.rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
  // The name is in the folder, which has to reach the disk too; some systems cannot open folders and need not.
  await withFile(fs, dir, 'r', (folder) => folder.sync()).catch(() => undefined)
}

/** The file system of Node, Bun or Deno. */
export const nodeFiles: Files = {
  readFile: (path) => ask(path, (fs) => fs.readFile(path), unreadable(path)),
  readRange: (path, from, to) =>
    ask(
      path,
      async (fs) => {
        const { size } = await fs.stat(path)
        return withFile(fs, path, 'r', rangeOf(from, Math.max(from, Math.min(to, size))))
      },
      unreadable(path),
    ),
  sizeOf: (path) => ask(path, async (fs) => (await fs.stat(path)).size, unreadable(path)),
  writeFile: (path, bytes) => ask(path, (fs) => replace(fs, path, bytes), unwritable(path)),
  append: (path, bytes) =>
    ask(
      path,
      async (fs) => {
        await fs.mkdir(dirOf(path), { recursive: true })
        await fs.appendFile(path, bytes)
      },
      unwritable(path),
    ),
  commit: (from, to) =>
    ask(
      to,
      async (fs) => {
        await withFile(fs, from, 'r+', (file) => file.sync())
        await fs.rename(from, to)
      },
      (error) => (isMissing(error) ? unreadable(from) : unwritable(to))(error),
    ),
  list: (dir) =>
    ask(
      dir,
      async (fs) => {
        try {
          return (await fs.readdir(dir, { withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => entry.name)
        } catch (error) {
          if (isMissing(error)) return []
          throw error
        }
      },
      unreadable(dir),
    ),
  remove: (path) => ask(path, (fs) => fs.rm(path, { force: true }), unwritable(path)),
}

/**
 * Files held in memory, by path: for tests, and where there is no disk. What is written stays in the record's own store;
 * `initial` is not changed.
 *
 * @example
 * const files = data.memoryFiles({ 'a.txt': Uint8Array.of(1, 2, 3) })
 * await files.sizeOf('a.txt')()   // a Right of 3
 */
export const memoryFiles = (initial: Readonly<Record<string, Uint8Array>> = {}): Files => {
  const store = new Map(Object.entries(initial))
  const read =
    (path: string): TE.TaskEither<DataFault, Uint8Array> =>
    () => {
      const bytes = store.get(path)
      return Promise.resolve(bytes === undefined ? E.left(fault('NotFound', `${path}: no such file`)) : E.right(bytes))
    }
  return {
    readFile: (path) => TE.map((bytes: Uint8Array) => bytes.slice())(read(path)),
    readRange: (path, from, to) => TE.map((bytes: Uint8Array) => bytes.slice(from, to))(read(path)),
    sizeOf: (path) => TE.map((bytes: Uint8Array) => bytes.length)(read(path)),
    writeFile: (path, bytes) => TE.fromIO(() => void store.set(path, bytes.slice())),
    append: (path, bytes) => TE.fromIO(() => void store.set(path, joinBytes([store.get(path) ?? new Uint8Array(), bytes]))),
    commit: (from, to) =>
      TE.map((bytes: Uint8Array) => {
        store.delete(from)
        store.set(to, bytes)
      })(read(from)),
    list: (dir) =>
      TE.fromIO(() => [...store.keys()].filter((path) => dirOf(path) === dir).map((path) => path.slice(dir === '.' ? 0 : dir.length + 1))),
    remove: (path) => TE.fromIO(() => void store.delete(path)),
  }
}
