/**
 * The file system of Node, Bun or Deno. Files are replaced by write, force to the disk, rename, force the folder: the order that leaves
 * the old file or the new one wherever the power fails.
 */
import { builtin } from '../core/builtin.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DataFault } from './fault.js'
import { fault, tooLarge } from './fault.js'
import type { Files } from './files.js'
import { dirOf } from './files.js'
import { joinBytes } from './joinBytes.js'
import { temporaryOf } from './temporary.js'

/** What is asked about a file. */
interface Stat {
  readonly size: number
  readonly mode: number
  isFile(): boolean
}

/** An open file of Node, as far as it is used here. */
export interface FileHandle {
  readonly read: (into: Uint8Array, offset: number, length: number, position: number | null) => Promise<{ readonly bytesRead: number }>
  readonly writeFile: (bytes: Uint8Array) => Promise<void>
  readonly stat: () => Promise<Stat>
  readonly truncate: (size: number) => Promise<void>
  readonly chmod: (mode: number) => Promise<void>
  readonly sync: () => Promise<void>
  readonly close: () => Promise<void>
}

/** What of Node's file system is used here. */
export interface NodeFs {
  readonly constants?: Readonly<Record<string, number | undefined>>
  readonly open: (path: string, flags: string | number) => Promise<FileHandle>
  readonly stat: (path: string) => Promise<Stat>
  readonly lstat: (path: string) => Promise<Stat>
  readonly mkdir: (path: string, options: { readonly recursive: true }) => Promise<string | undefined>
  readonly rename: (from: string, to: string) => Promise<void>
  readonly readdir: (
    path: string,
    options: { readonly withFileTypes: true },
  ) => Promise<readonly { readonly name: string; isFile(): boolean }[]>
  readonly rm: (path: string, options: { readonly force: true }) => Promise<void>
}

/** Asked for at run time, so that no bundle for browsers mentions it. */
const platform = (): NodeFs | undefined => builtin('node:fs/promises') as NodeFs | undefined

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
    codeOf(error) === 'ELOOP'
      ? fault('Unwritable', `${path}: it is a link, which is not followed`, 'the path that it leads to')
      : fault('Unwritable', `${path}: ${textOf(error)}`)

/** Opens, uses and closes a file. */
const withFile = async <A>(fs: NodeFs, path: string, flags: string | number, use: (file: FileHandle) => Promise<A>): Promise<A> => {
  const file = await fs.open(path, flags)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

/** Fills `out` from `position` on, or from where the file is at; the bytes that there were. */
const fill = async (file: FileHandle, out: Uint8Array, position: number | null): Promise<Uint8Array> => {
  let length = 0
  while (length < out.length) {
    const at = position === null ? null : position + length
    const { bytesRead } = await file.read(out, length, Math.min(out.length - length, 2 ** 30), at)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return length === out.length ? out : out.subarray(0, length)
}

/** Bytes that are asked for beyond the size that a file says it has. */
const beyond = 65536

/** All bytes of a file, or null when there are more than `maxBytes`. */
const contents = async (file: FileHandle, size: number, maxBytes: number): Promise<Uint8Array | null> => {
  const pieces: Uint8Array[] = []
  for (let [length, next] = [0, size]; ; next = beyond) {
    const piece = await fill(file, new Uint8Array(Math.min(next, maxBytes + 1 - length)), null)
    length += piece.length
    pieces.push(piece)
    if (length > maxBytes) return null
    if (piece.length < next) return pieces.length === 1 ? piece : joinBytes(pieces)
  }
}

const readAll = async (fs: NodeFs, path: string, maxBytes: number): Promise<E.Either<DataFault, Uint8Array>> =>
  withFile(fs, path, 'r', async (file) => {
    const { size } = await file.stat()
    if (size > maxBytes) return E.left(tooLarge(path, size, maxBytes))
    const bytes = await contents(file, size, maxBytes)
    return bytes === null ? E.left(tooLarge(path, null, maxBytes)) : E.right(bytes)
  })

/** What systems answer that cannot open a folder, or cannot force one. */
const unforced = new Set(['EACCES', 'EBADF', 'EINVAL', 'EISDIR', 'ENOENT', 'ENOSYS', 'ENOTSUP', 'EPERM'])

/** Forces the names in a folder to the disk, where the system can. */
const syncFolder = async (fs: NodeFs, dir: string): Promise<void> => {
  try {
    await withFile(fs, dir, 'r', (folder) => folder.sync())
  } catch (error) {
    if (!unforced.has(codeOf(error))) throw error
  }
}

/** Makes a folder that is not there, with those that lead to it, on the disk too. */
const makeFolder = async (fs: NodeFs, dir: string): Promise<void> => {
  const first = await fs.mkdir(dir, { recursive: true })
  if (first === undefined) return
  for (let made = dir; made.length > first.length; made = dirOf(made)) await syncFolder(fs, dirOf(made))
  await syncFolder(fs, dirOf(first))
}

/** The rights of the file at `path`, which what replaces it keeps; null where there is none. */
const rightsOf = async (fs: NodeFs, path: string): Promise<number | null> => {
  const found = await fs.lstat(path).catch(() => null)
  return found?.isFile() === true ? found.mode & 0o777 : null
}

/** Writes a file that must not be there yet; `wx` follows no link either. What could not be written whole is removed. */
const make = async (fs: NodeFs, path: string, bytes: Uint8Array, rights: number | null): Promise<void> => {
  const file = await fs.open(path, 'wx')
  try {
    if (rights !== null) await file.chmod(rights)
    await file.writeFile(bytes)
    await file.sync()
    await file.close()
  } catch (error) {
    await file.close().catch(() => undefined)
    await fs.rm(path, { force: true }).catch(() => undefined)
    throw error
  }
}

const replace = async (fs: NodeFs, path: string, bytes: Uint8Array): Promise<void> => {
  await makeFolder(fs, dirOf(path))
  const temporary = temporaryOf(path)
  await make(fs, temporary, bytes, await rightsOf(fs, path))
  try {
    await fs.rename(temporary, path)
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
  await syncFolder(fs, dirOf(path))
}

const create = async (fs: NodeFs, path: string, bytes: Uint8Array): Promise<boolean> => {
  await makeFolder(fs, dirOf(path))
  try {
    await make(fs, path, bytes, null)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
  await syncFolder(fs, dirOf(path))
  return true
}

/** `flags` by their names, and a link as the last step of a path refused, where the system can (Windows cannot). */
const unfollowed = ({ constants }: NodeFs, flags: string, names: readonly string[]): string | number =>
  constants?.O_NOFOLLOW === undefined ? flags : names.reduce((all, name) => all | (constants[name] ?? 0), constants.O_NOFOLLOW)

const append = async (fs: NodeFs, path: string, bytes: Uint8Array): Promise<void> => {
  await makeFolder(fs, dirOf(path))
  await withFile(fs, path, unfollowed(fs, 'a', ['O_WRONLY', 'O_APPEND', 'O_CREAT']), async (file) => {
    const { size } = await file.stat()
    try {
      await file.writeFile(bytes)
    } catch (error) {
      // Half a piece would make everything after it unreadable. More than a piece is not ours alone and stays.
      const now = await file.stat().catch(() => ({ size }))
      if (now.size > size && now.size < size + bytes.length) await file.truncate(size).catch(() => undefined)
      throw error
    }
  })
}

const commit = async (fs: NodeFs, from: string, to: string): Promise<void> => {
  await withFile(fs, from, unfollowed(fs, 'r+', ['O_RDWR']), (file) => file.sync())
  await fs.rename(from, to)
  await syncFolder(fs, dirOf(to))
}

/** `Files` on a file system with Node's functions; asked for at every call. */
export const filesOn = (find: () => NodeFs | undefined): Files => {
  const ask = <A>(path: string, f: (fs: NodeFs) => Promise<A>, explain: (error: unknown) => DataFault): TE.TaskEither<DataFault, A> => {
    const fs = find()
    return fs === undefined
      ? TE.left(fault('Unsupported', `${path}: this platform has no file system`, 'pass files of your own: memoryFiles, or a record'))
      : TE.tryCatch(() => f(fs), explain)
  }
  return {
    readFile: (path, maxBytes = Infinity) =>
      pipe(
        ask(path, (fs) => readAll(fs, path, maxBytes), unreadable(path)),
        TE.chainEitherK((read) => read),
      ),
    readRange: (path, from, to) =>
      ask(
        path,
        (fs) =>
          withFile(fs, path, 'r', async (file) => {
            const { size } = await file.stat()
            return fill(file, new Uint8Array(Math.max(0, Math.min(to, size) - from)), from)
          }),
        unreadable(path),
      ),
    sizeOf: (path) => ask(path, async (fs) => (await fs.stat(path)).size, unreadable(path)),
    writeFile: (path, bytes) => ask(path, (fs) => replace(fs, path, bytes), unwritable(path)),
    create: (path, bytes) => ask(path, (fs) => create(fs, path, bytes), unwritable(path)),
    append: (path, bytes) => ask(path, (fs) => append(fs, path, bytes), unwritable(path)),
    commit: (from, to) =>
      ask(
        to,
        (fs) => commit(fs, from, to),
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
}

/** The file system of Node, Bun or Deno. */
export const nodeFiles: Files = /* @__PURE__ */ filesOn(platform)
