/** Instances of emitted modules: one here, and what other threads need to make theirs. */
import type { Heap } from './heap.js'
import type { Kernel, KernelFunction, SharedModule } from './kernel.js'

/** Instantiates modules; gives their exports by name. */
export type Load = (code: Uint8Array) => (name: string) => Kernel

/** Instances over `heap`, whose own scratch is at `own`. */
export const createLoad = (heap: Heap, own: number): Load => {
  let ids = 0
  const dropped = new FinalizationRegistry<SharedModule>(({ address, length }) => {
    heap.free(address, length)
  })
  return (code) => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code as BufferSource), { env: { memory: heap.memory, own } })
    const names = Object.keys(exports)
    let shared: SharedModule | null = null
    const module = {
      shared: () => {
        if (shared === null) {
          const address = heap.alloc(code.length)
          heap.view('bool', address, code.length).set(code)
          shared = { id: ++ids, address, length: code.length }
          dropped.register(module, shared)
        }
        return shared
      },
    }
    return (name) => ({ call: exports[name] as unknown as KernelFunction, module, index: names.indexOf(name) })
  }
}
