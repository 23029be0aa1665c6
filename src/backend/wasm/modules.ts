/** Instances of emitted modules: one here, and what other threads need to make theirs. */
import type { Heap } from './heap.js'
import type { Compile } from './v8.js'
import type { Kernel, KernelFunction, SharedModule } from './kernel.js'
import { type ModuleBuilder, moduleBuilder } from './module.js'

let ids = 0
const newId = (): number => ++ids

/** Instantiates modules; gives their exports by name. */
export type Load = (code: Uint8Array) => (name: string) => Kernel

/**
 * Instances over `heap`, whose own scratch is at `own`. With `handed`, other threads are given the compiled module instead of its
 * bytes: what was compiled with options that are off again cannot be compiled without them.
 */
export const createLoad = (heap: Heap, own: number, compile: Compile, handed: boolean): Load => {
  const dropped = new FinalizationRegistry<SharedModule>(({ address, length }) => {
    heap.free(address, length)
  })
  return (code) => {
    const compiled = compile(code)
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory: heap.memory, own } })
    const names = Object.keys(exports)
    let shared: SharedModule | null = null
    const module = {
      shared: () => {
        if (shared === null && handed) shared = { id: newId(), address: 0, length: 0, compiled }
        if (shared === null) {
          const address = heap.alloc(code.length)
          heap.view('bool', address, code.length).set(code)
          shared = { id: newId(), address, length: code.length, compiled: null }
          dropped.register(module, shared)
        }
        return shared
      },
    }
    return (name) => ({ call: exports[name] as unknown as KernelFunction, module, index: names.indexOf(name) })
  }
}

/** Kernels of modules that are written at first use, by a key that says all that their code depends on. */
export type Library = (key: string, write: (m: ModuleBuilder) => void) => (name: string) => Kernel

/** An empty library of modules over a memory that is shared or not. */
export const createLibrary = (load: Load, shared: boolean): Library => {
  const modules = new Map<string, ReturnType<Load>>()
  return (key, write) => {
    let kernels = modules.get(key)
    if (kernels === undefined) {
      const builder = moduleBuilder(shared)
      write(builder)
      modules.set(key, (kernels = load(builder.finish())))
    }
    return kernels
  }
}
