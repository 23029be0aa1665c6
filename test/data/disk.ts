/**
 * A disk that forgets: files as Node's functions see them, and what is left of them when the power fails after any call. What a file
 * holds is safe once the file has been forced to the disk, a name once its folder has; anything later may have arrived or not.
 */
import type { FileHandle, NodeFs } from '../../src/data/nodeFiles.js'

type Contents = Uint8Array
interface Inode {
  contents: Contents
  /** What a power cut leaves for certain. */
  safe: Contents
}
/** A change of names in a folder: `path` comes to stand for `inode`, or for nothing. */
interface Change {
  readonly path: string
  readonly inode: Inode | null
}
type Names = ReadonlyMap<string, Inode>

const dirOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
const errorOf = (code: string, path: string): Error => Object.assign(new Error(`${code}: ${path}`), { code })

const applied = (names: Names, changes: readonly (readonly Change[])[]): Names => {
  const out = new Map(names)
  for (const { path, inode } of changes.flat())
    if (inode === null) out.delete(path)
    else out.set(path, inode)
  return out
}

/** What a file may hold after the power has failed: nothing beyond what is safe, all of it, or half of what came later. */
const remains = ({ contents, safe }: Inode): readonly Contents[] =>
  contents === safe ? [safe] : [safe, contents, contents.slice(0, Math.ceil(contents.length / 2))]

const subsets = <A>(items: readonly A[]): readonly (readonly A[])[] =>
  items.reduce<readonly (readonly A[])[]>((all, item) => [...all, ...all.map((s) => [...s, item])], [[]])

/** A disk, and how it fails. */
export interface Disk {
  readonly fs: NodeFs
  /** The calls that change something, in their order. */
  readonly calls: readonly string[]
  /** Throws at the call of this number, and at all later ones, as a process that is gone. */
  readonly stopAt: (call: number) => void
  /** Room for this many bytes more. */
  readonly limit: (bytes: number) => void
  /** Every state that the disk may be found in if the power fails now. */
  readonly afterPowerCut: () => readonly Readonly<Record<string, Contents>>[]
}

export const makeDisk = (): Disk => {
  let names: Names = new Map()
  let safe: Names = new Map()
  let pending: (readonly Change[])[] = []
  let [last, room] = [Infinity, Infinity]
  const calls: string[] = []
  const folders = new Set<string>(['', '.'])
  const note = (call: string): void => {
    if (calls.length >= last) throw errorOf('EGONE', call)
    calls.push(call)
  }
  const change = (call: string, changes: readonly Change[]): void => {
    note(call)
    names = applied(names, [changes])
    pending.push(changes)
  }
  const handleOf = (path: string, inode: Inode, appends: boolean): FileHandle => {
    let at = 0
    const put = (bytes: Contents): void => {
      const from = appends ? inode.contents.length : 0
      const out = new Uint8Array(from + bytes.length)
      out.set(inode.contents.subarray(0, from))
      out.set(bytes, from)
      inode.contents = out
    }
    return {
      read: (into, offset, length, position) => {
        const from = position ?? at
        const piece = inode.contents.subarray(from, from + length)
        into.set(piece, offset)
        at = from + piece.length
        return Promise.resolve({ bytesRead: piece.length })
      },
      writeFile: (bytes) =>
        Promise.resolve().then(() => {
          note(`write ${path}`)
          const fits = Math.min(room, bytes.length)
          room -= fits
          put(bytes.slice(0, fits))
          if (fits < bytes.length) throw errorOf('ENOSPC', path)
        }),
      stat: () => Promise.resolve({ size: inode.contents.length, mode: 0o644, isFile: () => true }),
      truncate: (size) =>
        Promise.resolve().then(() => {
          note(`truncate ${path}`)
          inode.contents = inode.contents.slice(0, size)
        }),
      chmod: () => Promise.resolve(),
      sync: () =>
        Promise.resolve().then(() => {
          note(`sync ${path}`)
          inode.safe = inode.contents
        }),
      close: () => Promise.resolve(),
    }
  }
  const folderHandle = (dir: string): FileHandle => ({
    ...handleOf(dir, { contents: new Uint8Array(), safe: new Uint8Array() }, false),
    sync: () =>
      Promise.resolve().then(() => {
        note(`sync folder ${dir}`)
        const here = (changes: readonly Change[]): boolean => changes.some(({ path }) => dirOf(path) === (dir === '.' ? '' : dir))
        safe = applied(safe, pending.filter(here))
        pending = pending.filter((changes) => !here(changes))
      }),
  })
  const open = (path: string, flags: string): FileHandle => {
    if (folders.has(path)) return folderHandle(path)
    const found = names.get(path)
    if (flags === 'wx' && found !== undefined) throw errorOf('EEXIST', path)
    if (found !== undefined) return handleOf(path, found, flags === 'a')
    if (flags !== 'wx' && flags !== 'a') throw errorOf('ENOENT', path)
    const nothing = new Uint8Array()
    const inode: Inode = { contents: nothing, safe: nothing }
    change(`create ${path}`, [{ path, inode }])
    return handleOf(path, inode, flags === 'a')
  }
  const stat = (path: string): Awaited<ReturnType<NodeFs['stat']>> => {
    const found = names.get(path)
    if (found === undefined) throw errorOf('ENOENT', path)
    return { size: found.contents.length, mode: 0o644, isFile: () => true }
  }
  const fs: NodeFs = {
    open: (path, flags) => Promise.resolve().then(() => open(path, String(flags))),
    stat: (path) => Promise.resolve().then(() => stat(path)),
    lstat: (path) => Promise.resolve().then(() => stat(path)),
    mkdir: (path) => {
      folders.add(path)
      return Promise.resolve(undefined)
    },
    rename: (from, to) =>
      Promise.resolve().then(() => {
        const inode = names.get(from)
        if (inode === undefined) throw errorOf('ENOENT', from)
        change(`rename ${from} ${to}`, [
          { path: from, inode: null },
          { path: to, inode },
        ])
      }),
    readdir: (dir) =>
      Promise.resolve(
        [...names.keys()]
          .filter((path) => dirOf(path) === (dir === '.' ? '' : dir))
          .map((path) => ({ name: path.slice(path.lastIndexOf('/') + 1), isFile: () => true })),
      ),
    rm: (path) =>
      Promise.resolve().then(() => {
        if (names.has(path)) change(`remove ${path}`, [{ path, inode: null }])
      }),
  }
  return {
    fs,
    calls,
    stopAt: (call) => (last = call),
    limit: (bytes) => (room = bytes),
    afterPowerCut: () =>
      subsets(pending)
        .map((changes) => applied(safe, changes))
        .flatMap((found) =>
          [...found].reduce<readonly Readonly<Record<string, Contents>>[]>(
            (states, [path, inode]) => states.flatMap((state) => remains(inode).map((contents) => ({ ...state, [path]: contents }))),
            [{}],
          ),
        ),
  }
}
