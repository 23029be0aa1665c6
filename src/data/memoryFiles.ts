/** Files held in memory: for tests, and where there is no disk. */
import { check, record } from '../core/check.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DataFault } from './fault.js'
import { fault, tooLarge } from './fault.js'
import type { Files } from './files.js'
import { dirOf } from './files.js'
import { joinBytes } from './joinBytes.js'

/**
 * Files held in memory, by path: for tests, and where there is no disk. What is written stays in the record's own store;
 * `initial` is not changed.
 *
 * @example
 * const files = data.memoryFiles({ 'a.txt': Uint8Array.of(1, 2, 3) })
 * await files.sizeOf('a.txt')()   // a Right of 3
 */
export const memoryFiles = (initial: Readonly<Record<string, Uint8Array>> = {}): Files => {
  const store = new Map(Object.entries(check('memoryFiles', 'initial', record, initial)))
  const read =
    (path: string): TE.TaskEither<DataFault, Uint8Array> =>
    () => {
      const bytes = store.get(path)
      return Promise.resolve(bytes === undefined ? E.left(fault('NotFound', `${path}: no such file`)) : E.right(bytes))
    }
  return {
    readFile: (path, maxBytes = Infinity) =>
      pipe(
        read(path),
        TE.chain((bytes) => (bytes.length > maxBytes ? TE.left(tooLarge(path, bytes.length, maxBytes)) : TE.right(bytes.slice()))),
      ),
    readRange: (path, from, to) => TE.map((bytes: Uint8Array) => bytes.slice(from, to))(read(path)),
    sizeOf: (path) => TE.map((bytes: Uint8Array) => bytes.length)(read(path)),
    writeFile: (path, bytes) => TE.fromIO(() => void store.set(path, bytes.slice())),
    create: (path, bytes) =>
      TE.fromIO(() => {
        if (store.has(path)) return false
        store.set(path, bytes.slice())
        return true
      }),
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
