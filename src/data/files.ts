/** Access to files as a record: of the platform, of memory for tests, or a user's own. */
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { DataFault } from './fault.js'

/** What is asked of a file system. */
export interface Files {
  /**
   * All bytes of the file at `path`. With `maxBytes` a file that has more is `TooLarge`, and no more than that are read: what a system
   * says of a size is not believed, since devices have none and files grow.
   */
  readonly readFile: (path: string, maxBytes?: number) => TE.TaskEither<DataFault, Uint8Array>
  /** The bytes from `from` up to `to` (at most as many as there are), without reading the others. */
  readonly readRange: (path: string, from: number, to: number) => TE.TaskEither<DataFault, Uint8Array>
  /** Number of bytes of the file at `path`. */
  readonly sizeOf: (path: string) => TE.TaskEither<DataFault, number>
  /**
   * Makes or replaces the file at `path`, and its folder. All or nothing, also when the process or the machine stops half way, and when
   * others write the same path at once: the last one wins whole.
   */
  readonly writeFile: (path: string, bytes: Uint8Array) => TE.TaskEither<DataFault, void>
  /**
   * Makes the file at `path`, and its folder, where there is none; false, and nothing changes, where there is one. Of several that make
   * one file at once one is told true. Without it, writers that need names of their own choose long ones.
   */
  readonly create?: (path: string, bytes: Uint8Array) => TE.TaskEither<DataFault, boolean>
  /** Adds bytes at the end of a file; makes it, and its folder, when they are not there. What cannot be added whole is not added. */
  readonly append: (path: string, bytes: Uint8Array) => TE.TaskEither<DataFault, void>
  /** Makes sure that what is in `from` is on the disk, then gives it the name `to`, in one step. */
  readonly commit: (from: string, to: string) => TE.TaskEither<DataFault, void>
  /** Names of the files in a folder, links not among them; none for a folder that is not there. */
  readonly list: (dir: string) => TE.TaskEither<DataFault, readonly string[]>
  /** Removes a file; one that is not there is gone already. */
  readonly remove: (path: string) => TE.TaskEither<DataFault, void>
}

/** The folder of a path. */
export const dirOf = (path: string): string => {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
  return end < 0 ? '.' : end === 0 ? path.slice(0, 1) : path.slice(0, end)
}
