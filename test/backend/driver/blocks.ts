/**
 * A machine whose addresses are no numbers: a buffer and an offset, every block a buffer of its own. Steps are the equations of a Program, run
 * by kernels of the reference on views; memory is planned and steps are driven as on any machine.
 */
import type { Backend } from '../../../src/compile/backend.js'
import type { Fused } from '../../../src/compile/kernels.js'
import { doingOf, planMemory } from '../../../src/compile/memory.js'
import { usageOf } from '../../../src/compile/usage.js'
import type { Aval } from '../../../src/core/aval.js'
import type { TypedArray } from '../../../src/core/dtype.js'
import { dtypes } from '../../../src/core/dtype.js'
import { controlOf } from '../../../src/ir/control.js'
import { define } from '../../../src/ir/passes/define.js'
import type { Equation, Program } from '../../../src/ir/program.js'
import type { Allocator, Code, Task } from '../../../src/backend/driver/allocator.js'
import { controlTask } from '../../../src/backend/driver/control.js'
import { hostTask } from '../../../src/backend/driver/host.js'
import { codeOf } from '../../../src/backend/driver/run.js'
import { equationKernel } from '../../../src/backend/reference/equation.js'
import { programKernel } from '../../../src/backend/reference/program.js'
import { hasRoutine } from '../../../src/backend/reference/routines.js'

/** An address. */
export interface Place {
  readonly block: Block
  readonly offset: number
}

interface Block {
  readonly bytes: Uint8Array
  isFree: boolean
}

/** The machine, and what it can tell of its memory. */
export interface BlocksMachine {
  readonly backend: Backend
  /** Blocks that are taken and not given back. */
  readonly alive: () => number
  /** The code of a Program over addresses, and blocks for its inputs. */
  readonly linked: (
    program: Program,
    donate: readonly number[],
  ) => { readonly code: Code<Place>; readonly place: (a: Aval) => Place; readonly alive: () => number }
}

const bytesOf = (a: Aval): number => a.size * dtypes[a.dtype].bytes

/** A fresh machine, whose steps fail where `fails` says so. What it hands out is filled with noise, so that nothing relies on zeros; freed blocks are made unreadable. */
export const blocksMachine = (fails: (e: Equation) => boolean = () => false): BlocksMachine => {
  let alive = 0
  const memory: Allocator<Place> = {
    alloc: (bytes) => {
      if (!(Number.isInteger(bytes) && bytes >= 0)) throw new Error(`a block of ${bytes} bytes`)
      alive++
      return { block: { bytes: new Uint8Array(Math.ceil(Math.max(bytes, 1) / 8) * 8).fill(0xa5), isFree: false }, offset: 0 }
    },
    free: ({ block, offset }, bytes) => {
      if (block.isFree) throw new Error('a block is freed twice')
      if (offset !== 0 || bytes > block.bytes.length) throw new Error('what is freed is no block')
      block.isFree = true
      block.bytes.fill(0x5a)
      alive--
    },
    at: ({ block, offset }, by) => ({ block, offset: offset + by }),
    copy: (to, from, bytes) => {
      elementsAt(to, 'bool', bytes).set(elementsAt(from, 'bool', bytes))
    },
    set: (at, value, { dtype }) => {
      elementsAt(at, dtype, 1)[0] = value
    },
    get: (at, { dtype }) => elementsAt(at, dtype, 1)[0]!,
    read: (at, { dtype, size }) => elementsAt(at, dtype, size).slice(),
    write: (at, data, { dtype, size }) => {
      elementsAt(at, dtype, size).set(data)
    },
  }
  const elementsAt = ({ block, offset }: Place, dtype: Aval['dtype'], n: number): TypedArray => {
    if (block.isFree) throw new Error('a block is used after it was freed')
    const { bytes } = dtypes[dtype]
    if (offset % bytes !== 0 || offset + n * bytes > block.bytes.length) throw new Error(`${n} elements at ${offset} are not in the block`)
    const whole = dtypes[dtype].make(0).constructor as new (buffer: ArrayBufferLike, offset: number, n: number) => TypedArray
    return new whole(block.bytes.buffer, block.bytes.byteOffset + offset, n)
  }

  const compiled = new WeakMap<Program, Code<Place>>()
  const codeFor = (program: Program): Code<Place> => {
    let code = compiled.get(program)
    if (code === undefined) compiled.set(program, (code = link(program, [])))
    return code
  }
  const taskOf = (e: Equation): Task<Place> => {
    const form = controlOf(e)
    if (form !== null) return controlTask(form, e, memory, codeFor)
    const { lower } = e.prim
    if (lower.kind === 'host') return hostTask(e, lower, memory)
    const [ins, outs] = [e.inputs.map((a) => a.aval), e.outputs.map((v) => v.aval)]
    const kernel = equationKernel(e.prim, ins, outs, e.params, programKernel)
    return {
      scratch: 0,
      beyond: 0,
      run: (inputs, outputs) => {
        if (fails(e)) throw new Error(`${e.prim.name} fails`)
        const results = kernel(inputs.map((at, k) => elementsAt(at, ins[k]!.dtype, ins[k]!.size)))
        results.forEach((r, k) => {
          elementsAt(outputs[k]!, outs[k]!.dtype, outs[k]!.size).set(r)
        })
      },
    }
  }
  const link = (whole: Program, donate: readonly number[]): Code<Place> => {
    const program = define(whole, (e) => hasRoutine(e.prim.name))
    const fused: Fused = {
      inputs: program.inputs,
      steps: program.equations.map((e) =>
        e.prim.lower.kind === 'alias' ? { kind: 'alias', from: e.inputs[0]!, to: e.outputs[0]! } : { kind: 'equation', equation: e },
      ),
      outputs: program.outputs,
    }
    const tasks = doingOf(fused).map((step) => (step.kind === 'equation' ? taskOf(step.equation) : null!))
    const plan = planMemory(
      fused,
      donate,
      tasks.map((t) => t.scratch),
    )
    return codeOf(plan, tasks, memory, usageOf(fused, plan, tasks).peak)
  }
  const backend: Backend = {
    name: 'blocks',
    host: false,
    supports: () => true,
    put: (data, a) => {
      const place = memory.alloc(bytesOf(a))
      elementsAt(place, a.dtype, a.size).set(data)
      return place
    },
    get: (buffer, a) => elementsAt(buffer as Place, a.dtype, a.size).slice(),
    compile: (program, { donate }) => {
      const code = link(program, donate)
      return (inputs) => code(inputs as readonly Place[])
    },
  }
  return {
    backend,
    alive: () => alive,
    linked: (program, donate) => ({
      code: link(program, donate),
      place: (a) => memory.alloc(bytesOf(a)),
      alive: () => alive,
    }),
  }
}
