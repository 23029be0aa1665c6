/** Starting a worker wherever there are any: Node, Bun, Deno, browsers. */
import { builtin } from '../host.js'
import type { Duty } from './worker.js'
import { workerSource } from './worker.js'

interface NodeWorker {
  unref(): void
  on(event: string, f: () => void): void
  terminate(): unknown
}
interface NodePort {
  postMessage(message: unknown): void
  unref(): void
}
interface NodeThreads {
  readonly MessageChannel: new () => { readonly port1: NodePort; readonly port2: NodePort }
  readonly Worker: new (source: string, options: Readonly<Record<string, unknown>>) => NodeWorker
}
/** A worker as its team knows it. */
export interface Hand {
  readonly stop: () => void
  /** Gives it a compiled module. */
  readonly give: (id: number, module: WebAssembly.Module) => void
}

/** Starts a worker, which does not keep the process alive; `gone` is called when it ends. `null` where there are no workers. */
export const spawn = (duty: Duty, gone: () => void): Hand | null => {
  const threads = builtin('node:worker_threads') as NodeThreads | undefined
  if (threads !== undefined) {
    const { port1, port2 } = new threads.MessageChannel()
    const workerData = { ...duty, port: port2 }
    const worker = new threads.Worker(workerSource, { eval: true, workerData, transferList: [port2], execArgv: [], stdin: false })
    worker.on('error', () => undefined)
    worker.on('exit', gone)
    worker.unref()
    port1.unref()
    return {
      stop: () => void worker.terminate(),
      give: (id, module) => {
        port1.postMessage({ id, module })
      },
    }
  }
  const { Worker: Web, Blob: Text, URL: Locator } = globalThis as Partial<Pick<typeof globalThis, 'Worker' | 'Blob' | 'URL'>>
  if (Web === undefined || Text === undefined || Locator === undefined) return null
  const url = Locator.createObjectURL(new Text([workerSource], { type: 'text/javascript' }))
  const worker = new Web(url)
  worker.onerror = gone
  worker.postMessage(duty)
  return {
    stop: () => {
      worker.terminate()
    },
    give: () => undefined, // only options of Node's make modules that have to be given
  }
}
