/** The wasm backend: Programs compiled to WebAssembly. Its buffers are host arrays; what it reads often stays in its memory. */
import type { Aval } from '../../core/aval.js'
import { dtypes, type TypedArray } from '../../core/dtype.js'
import type { Backend, Executable } from '../../compile/backend.js'
import type { Program } from '../../ir/program.js'
import { reference } from '../reference/index.js'
import { createHeap, type Heap } from './heap.js'
import { createCopies } from './copies.js'
import type { Caps } from './kernel.js'
import { bytesOf, type Code, type Machine } from './machine.js'
import { compileProgram } from './program.js'
import { isSmallAndExact } from './small.js'

/** Bytes of host arrays whose copies may stay in the heap between calls. */
const budget = 256 * 2 ** 20

const capabilities = (): Caps => ({ fma: false, shared: false })

interface Engine extends Machine {
  readonly copies: ReturnType<typeof createCopies>
}

let engine: Engine | null = null
const start = (): Engine => {
  const caps = capabilities()
  const heap: Heap = createHeap(caps.shared)
  const compiled = new WeakMap<Program, Code>()
  const machine: Engine = {
    heap,
    caps,
    copies: createCopies(heap, budget),
    compile: (program) => {
      let code = compiled.get(program)
      if (code === undefined) compiled.set(program, (code = compileProgram(program, machine)))
      return code
    },
  }
  return machine
}

const executable = (program: Program): Executable => {
  const machine = (engine ??= start())
  const { heap, copies } = machine
  const code = machine.compile(program)
  const ins: readonly Aval[] = program.inputs.map((v) => v.aval)
  const outs: readonly Aval[] = program.outputs.map((v) => v.aval)
  return (inputs) => {
    copies.enter()
    try {
      const results = code(inputs.map((x, k) => copies.address(x as TypedArray, ins[k]!)))
      return results.map((address, k) => {
        const a = outs[k]!
        const array = dtypes[a.dtype].make(a.size)
        array.set(heap.view(a.dtype, address, a.size))
        copies.keep(array, address, bytesOf(a))
        return array
      })
    } finally {
      copies.leave()
    }
  }
}

/** Runs wherever WebAssembly SIMD does. */
export const wasm: Backend = {
  name: 'wasm',
  host: true,
  supports: () => true,
  put: (data) => data,
  get: (buffer) => buffer as TypedArray,
  compile: (program, options) => (isSmallAndExact(program) ? reference.compile(program, options) : executable(program)),
}
