/** How often something compiles: a backend that counts, and the modules that WebAssembly is given. */
import type { Backend } from '../../src/compile/backend.js'
import { configure, device, devices } from '../../src/device/select.js'

/** Programs that the backend `name` compiles, and WebAssembly modules made, while `f` runs; what it compiled before does not count. */
export const compilations = (name: string, f: () => void): { readonly programs: number; readonly modules: number } => {
  const before = device()
  const made = { programs: 0, modules: 0 }
  const backend: Backend = {
    ...devices[name]!,
    compile: (program, options) => {
      made.programs++
      return devices[name]!.compile(program, options)
    },
  }
  const { Module } = WebAssembly
  WebAssembly.Module = new Proxy(Module, {
    construct: (target, args: [BufferSource]) => {
      made.modules++
      return new target(...args)
    },
  })
  configure({ backend })
  try {
    f()
  } finally {
    WebAssembly.Module = Module
    configure({ backend: before })
  }
  return made
}

/** Milliseconds of `f`, the least of some runs; a first one does not count. */
export const fastest = (f: () => void, runs = 3): number => {
  f()
  let least = Infinity
  for (let k = 0; k < runs; k++) {
    const start = performance.now()
    f()
    least = Math.min(least, performance.now() - start)
  }
  return least
}
