/** Runs Programs step by step on generated code, cutting ranges as told; steps that are not loops run on the reference. */
import { target } from '../../../src/backend/wasm/target.js'
import type { TypedArray } from '../../../src/core/dtype.js'
import { dtypes } from '../../../src/core/dtype.js'
import type { LoopKernel } from '../../../src/compile/kernels.js'
import { fuse } from '../../../src/compile/loops.js'
import type { Atom, Program } from '../../../src/ir/program.js'
import { equationKernel } from '../../../src/backend/reference/equation.js'
import { programKernel } from '../../../src/backend/reference/program.js'
import type { Heap } from '../../../src/backend/wasm/heap.js'
import { createHeap } from '../../../src/backend/wasm/heap.js'
import type { Caps, KernelFunction, LoopCode } from '../../../src/backend/wasm/kernel.js'
import { moduleBuilder } from '../../../src/backend/wasm/module.js'
import { elasticCode, elasticOf, emitElastic, emitLoops } from '../../../src/backend/wasm/loops/emit.js'
import { emitNest } from '../../../src/backend/wasm/nests/emit.js'
import { nestOf } from '../../../src/backend/wasm/nests/nest.js'
import { writers } from '../../../src/backend/wasm/routines/index.js'
import type { ModuleBuilder } from '../../../src/backend/wasm/module.js'

const heap: Heap = createHeap(false)
/** Nothing beyond plain SIMD. */
export const plain: Caps = { fma: false, ordered: false, wide: false, shared: false }

/** How a range is cut: the ends of consecutive chunks of `0..total`. */
export type Cuts = (total: number, grain: number) => readonly number[]

/** Chunks of one grain. */
export const byGrain: Cuts = (total, grain) => Array.from({ length: Math.ceil(total / grain) }, (_, k) => Math.min(total, (k + 1) * grain))
/** Every index alone when there are few, else uneven pieces. */
export const uneven: Cuts = (total) => {
  const ends: number[] = []
  for (let at = 0, k = 1; at < total; k = (k % 7) + 1) ends.push((at = Math.min(total, at + (total < 64 ? 1 : Math.ceil(total / 97) * k))))
  return ends
}

interface Compiled {
  readonly code: LoopCode
  readonly functions: readonly KernelFunction[]
}

/** Instantiates what `emit` writes. */
export const compiled = (emit: (m: ModuleBuilder) => LoopCode): Compiled => {
  const m = moduleBuilder(false)
  const code = emit(m)
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.finish() as BufferSource), { env: { memory: heap.memory, own: 0 } })
  return { code, functions: code.passes.map((p) => exports[p.name] as unknown as KernelFunction) }
}

/** Runs code on host arrays; results are fresh. Memory beside the outputs is checked to be left alone. */
export const runCode = ({ code, functions }: Compiled, inputs: readonly TypedArray[], outputs: readonly TypedArray[], cuts: Cuts): void => {
  const blocks: [number, number][] = []
  const alloc = (bytes: number): number => {
    const address = heap.alloc(bytes)
    blocks.push([address, bytes])
    return address
  }
  const guard = 64
  const ins = inputs.map((x) => {
    const at = alloc(x.byteLength)
    new Uint8Array(heap.memory.buffer).set(new Uint8Array(x.buffer, x.byteOffset, x.byteLength), at)
    return at
  })
  const outs = outputs.map((x) => alloc(x.byteLength + 2 * guard) + guard)
  const scratch = alloc(Math.max(code.scratch, 8))
  const args = alloc(4 * (ins.length + outs.length + 1))
  const memory = (): Uint8Array => new Uint8Array(heap.memory.buffer)
  outputs.forEach((x, k) => {
    memory().fill(0xa5, outs[k]! - guard, outs[k]! + x.byteLength + guard)
  })
  heap.words().set([...ins, ...outs, code.extent ?? scratch], args >>> 2)
  code.passes.forEach(({ total, grain }, p) => {
    let begin = 0
    for (const end of cuts(total, grain)) {
      functions[p]!(args, begin, end)
      begin = end
    }
  })
  outputs.forEach((x, k) => {
    const m = memory()
    for (let i = 1; i <= guard; i++)
      if (m[outs[k]! - i] !== 0xa5 || m[outs[k]! + x.byteLength + i - 1] !== 0xa5)
        throw new Error(`output ${k}: memory beside it was written`)
    new Uint8Array(x.buffer, x.byteOffset, x.byteLength).set(m.subarray(outs[k], outs[k]! + x.byteLength))
  })
  for (const [address, bytes] of blocks) heap.free(address, bytes)
}

/** The code that the backend has for a kernel. */
const loopCode = (m: ModuleBuilder, kernel: LoopKernel, caps: Caps): LoopCode => {
  const elastic = elasticOf(kernel, caps)
  if (elastic === null) return emitLoops(m, 'k', kernel, caps)
  emitElastic(m, 'k', elastic, caps)
  return elasticCode('k', elastic)
}

/** A Program as a function of host arrays that runs its fused loops as generated code. */
export const compileSteps = (program: Program, caps: Caps = plain): ((inputs: readonly TypedArray[], cuts: Cuts) => TypedArray[]) => {
  const fused = fuse(program, target)
  const steps = fused.steps.map((step) => {
    if (step.kind === 'loops') return { step, run: compiled((m) => loopCode(m, step, caps)) }
    if (step.kind === 'alias') return { step, run: null }
    const { equation: e } = step
    const ins = e.inputs.map((a) => a.aval)
    const outs = e.outputs.map((v) => v.aval)
    const { lower } = e.prim
    const write = writers[e.prim.name]
    if (write !== undefined) return { step, run: compiled((m) => write(m, 'r', e, caps)) }
    if (lower.kind === 'loops' && outs.every((a) => a.size > 0))
      return { step, run: lower.nests(ins, outs, e.params).map((n) => compiled((m) => emitNest(m, 'n', nestOf(n, ins), caps))) }
    return { step, run: equationKernel(e.prim, ins, outs, e.params, programKernel) }
  })
  return (inputs, cuts) => {
    const values = new Map<number, TypedArray>()
    fused.inputs.forEach((v, k) => {
      values.set(v.id, inputs[k]!)
    })
    const read = (a: Atom): TypedArray => (a.kind === 'literal' ? dtypes[a.aval.dtype].make(1).fill(a.value) : values.get(a.id)!)
    for (const { step, run } of steps) {
      if (step.kind === 'alias') values.set(step.to.id, read(step.from))
      else if (step.kind === 'equation') {
        const ins = step.equation.inputs.map(read)
        const results = typeof run === 'function' ? run(ins) : step.equation.outputs.map((v) => dtypes[v.aval.dtype].make(v.aval.size))
        if (!Array.isArray(run) && typeof run !== 'function') runCode(run as Compiled, ins, results, cuts)
        else if (Array.isArray(run))
          run.forEach((c, k) => {
            runCode(c, ins, [results[k]!], cuts)
          })
        step.equation.outputs.forEach((v, k) => {
          values.set(v.id, results[k]!)
        })
      } else {
        const outs = step.outputs.map((o) => dtypes[o.variable.aval.dtype].make(o.variable.aval.size))
        runCode(run as Compiled, step.inputs.map(read), outs, cuts)
        step.outputs.forEach((o, k) => {
          values.set(o.variable.id, outs[k]!)
        })
      }
    }
    return fused.outputs.map(read)
  }
}
