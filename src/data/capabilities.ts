/** What loaders need of the world outside, as a record, so that tests and browsers can supply their own. */
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'

/** Access to files. */
export interface Capabilities {
  /** The bytes of the file at `path`. */
  readonly readFile: (path: string) => TE.TaskEither<DataFault, Uint8Array>
}

const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '')

const explain =
  (path: string) =>
  (error: unknown): DataFault =>
    codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
      ? fault('NotFound', `${path}: no such file`)
      : fault('Unreadable', `${path}: ${error instanceof Error ? error.message : String(error)}`)

/** What of a server's file system is used here. */
interface Files {
  readonly readFile: (path: string) => Promise<Uint8Array>
}

/** The file system of Node, Bun or Deno, asked for at run time so that no bundle for browsers mentions it. */
const serverFiles = (): Files | undefined => {
  const { process } = globalThis as { readonly process?: { readonly getBuiltinModule?: (name: string) => unknown } }
  return process?.getBuiltinModule?.('node:fs/promises') as Files | undefined
}

/** The file system of Node, Bun or Deno. */
export const nodeFiles: Capabilities = {
  readFile: (path) => {
    const files = serverFiles()
    return files === undefined
      ? TE.left(fault('Unsupported', `${path}: this platform has no file system`, 'pass capabilities with a readFile of your own'))
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
