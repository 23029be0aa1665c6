/**
 * Threads for tfjs' wasm backend in Node. Upstream turns them off there, and asks for half of the cores at most. Its worker and its
 * main script are blobs, which Node's workers cannot load: here they become files. Nothing of what is timed changes.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Foreign } from '../workload.js'

/** What upstream's bundle has in scope around the main script. */
const around = `var require$$0=require('fs'),require$$1=require('path'),require$$3=require('perf_hooks'),require$$4=require('os')
var commonjsGlobal=globalThis,_scriptDir='/'
`

/** Makes `setThreadsCount` work; before `setBackend`. */
export const allowThreads = (tf: Foreign): void => {
  const os = createRequire(import.meta.url)('node:os') as { cpus: () => unknown[] }
  const cpus = os.cpus()
  os.cpus = () => [...cpus, ...cpus]
  const folder = mkdtempSync(join(tmpdir(), 'adjoint-bench-tfjs-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  let files = 0
  class FileBlob {
    readonly path = join(folder, `${files++}.js`)
    constructor(parts: readonly string[]) {
      const source = parts.join('').replaceAll('URL.createObjectURL(e.data.urlOrBlob)', 'e.data.urlOrBlob.path')
      writeFileSync(this.path, around + source.replaceAll('URL.revokeObjectURL(objectUrl)', ''))
    }
  }
  const scope = globalThis as Foreign
  scope.Blob = FileBlob
  scope.URL.createObjectURL = (blob: FileBlob) => blob.path
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', true)
}
