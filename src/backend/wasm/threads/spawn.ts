/** Starting a worker wherever there are any: Node, Bun, Deno, browsers. */
import { builtin } from '../host.js'
import type { Duty } from './worker.js'
import { workerSource } from './worker.js'

interface NodeWorker {
  unref(): void
  on(event: string, f: () => void): void
  terminate(): unknown
}
interface NodeThreads {
  readonly Worker: new (source: string, options: Readonly<Record<string, unknown>>) => NodeWorker
}
/**
 * Starts a worker, which does not keep the process alive; `gone` is called when it ends. What is returned stops it; `null` where
 * there are no workers.
 */
export const spawn = (duty: Duty, gone: () => void): (() => void) | null => {
  const threads = builtin('node:worker_threads') as NodeThreads | undefined
  if (threads !== undefined) {
    const worker = new threads.Worker(workerSource, { eval: true, workerData: duty, execArgv: [], stdin: false })
    worker.on('error', () => undefined)
    worker.on('exit', gone)
    worker.unref()
    return () => void worker.terminate()
  }
  const { Worker: Web, Blob: Text, URL: Locator } = globalThis as Partial<Pick<typeof globalThis, 'Worker' | 'Blob' | 'URL'>>
  if (Web === undefined || Text === undefined || Locator === undefined) return null
  const url = Locator.createObjectURL(new Text([workerSource], { type: 'text/javascript' }))
  const worker = new Web(url)
  worker.onerror = gone
  worker.postMessage(duty)
  return () => {
    worker.terminate()
  }
}
