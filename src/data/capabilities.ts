/** What loaders need of the world outside, as a record, so that tests and browsers can supply their own. */
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'

/** Access to files. */
export interface Capabilities {
  /** The bytes of the file at `path`. */
  readonly readFile: (path: string) => TE.TaskEither<DataFault, Uint8Array>
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''

const explain = (path: string) => (error: unknown): DataFault =>
  codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
    ? fault('NotFound', `${path}: no such file`)
    : fault('Unreadable', `${path}: ${error instanceof Error ? error.message : String(error)}`)

/** Node's module, asked of the running process: an import would break bundles for browsers. */
const fileSystem = () => (typeof process === 'undefined' ? undefined : process.getBuiltinModule('node:fs/promises'))

/** The file system of Node, Bun or Deno; a fault where there is none. */
export const nodeFiles: Capabilities = {
  readFile: (path) => {
    const files = fileSystem()
    return files === undefined
      ? TE.left(fault('Unreadable', `${path}: there is no file system here; pass capabilities of your own`))
      : TE.tryCatch(() => files.readFile(path), explain(path))
  },
}

/** Files held in memory, by path. */
export const memoryFiles = (files: Readonly<Record<string, Uint8Array>>): Capabilities => ({
  readFile: (path) => {
    const bytes = Object.hasOwn(files, path) ? files[path] : undefined
    return bytes === undefined ? TE.left(fault('NotFound', `${path}: no such file`)) : TE.right(bytes)
  },
})
