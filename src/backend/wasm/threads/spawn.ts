/** Starting a worker wherever there are any: Node, Bun, Deno, browsers. */
import { builtin } from '../../../core/builtin.js'
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

/** A worker of Node, Bun or Deno. */
const nodeHand = (threads: NodeThreads, duty: Duty, gone: (why: string) => void): Hand => {
  const { port1, port2 } = new threads.MessageChannel()
  const workerData = { ...duty, port: port2 }
  const worker = new threads.Worker(workerSource, { eval: true, workerData, transferList: [port2], execArgv: [], stdin: false })
  worker.on('error', () => undefined)
  worker.on('exit', () => {
    gone('workers end as they start')
  })
  worker.unref()
  port1.unref()
  return {
    stop: () => void worker.terminate(),
    give: (id, module) => {
      port1.postMessage({ id, module })
    },
  }
}

/** What of trusted types is used here. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ): { readonly createScriptURL: (url: string) => string }
}

let trust: ((url: string) => string) | undefined
/** The address as a page wants it that requires trusted types; as it is where there are none, or the policy is refused. */
const trusted = (url: string): string => {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  if (trust === undefined) {
    trust = (u) => u
    try {
      const policy = trustedTypes?.createPolicy('adjoint', { createScriptURL: (u) => u })
      if (policy !== undefined) trust = (u) => policy.createScriptURL(u)
    } catch {
      // The worker is refused then, or does not need it.
    }
  }
  return trust(url)
}

const webHand = ({ Worker, Blob, URL }: typeof globalThis, duty: Duty, gone: (why: string) => void): Hand => {
  const worker = new Worker(trusted(URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }))))
  worker.onerror = () => {
    gone("workers from blobs fail: the page's content policy may lack worker-src blob:")
  }
  worker.postMessage(duty)
  return {
    stop: () => {
      worker.terminate()
    },
    give: () => undefined, // only options of Node's make modules that have to be given
  }
}

const whyNot = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error)
  if (/trusted/i.test(text)) return 'the page requires trusted types: its content policy lacks `trusted-types adjoint`'
  if (/content security policy|insecure/i.test(text))
    return "the page's content policy refuses workers from blobs: it lacks worker-src blob:"
  return `workers are refused: ${text.split('\n')[0]!}`
}

/** Starts a worker, which does not keep the process alive; `gone` is called when it ends. A string says why there is none. */
export const spawn = (duty: Duty, gone: (why: string) => void): Hand | string => {
  const threads = builtin('node:worker_threads') as NodeThreads | undefined
  const web = globalThis as Partial<Pick<typeof globalThis, 'Worker' | 'Blob' | 'URL'>>
  try {
    if (threads?.Worker !== undefined) return nodeHand(threads, duty, gone)
    if (web.Worker === undefined || web.Blob === undefined || web.URL === undefined) return 'there are no workers here'
    return webHand(globalThis, duty, gone)
  } catch (error) {
    return whyNot(error)
  }
}
