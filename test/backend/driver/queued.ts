/**
 * A machine that answers later: the arithmetic of the reference behind promises with random delays, over blocks of which a kernel may name
 * eight, and none that it writes may it read, but where the plan says so; a bool takes a word. Nothing is computed on the host.
 */
import { controlTask } from '../../../src/backend/driver/control.js'
import { hostTask } from '../../../src/backend/driver/host.js'
import type { Code, Task } from '../../../src/backend/driver/allocator.js'
import { createHandles, createQueue, type Handle, type Queue } from '../../../src/backend/driver/queue.js'
import { codeOf } from '../../../src/backend/driver/run.js'
import { equationKernel } from '../../../src/backend/reference/equation.js'
import { programKernel } from '../../../src/backend/reference/program.js'
import { hasRoutine } from '../../../src/backend/reference/routines.js'
import { target as referenceTarget } from '../../../src/backend/reference/target.js'
import type { Backend } from '../../../src/compile/backend.js'
import { fuse } from '../../../src/compile/loops.js'
import type { Action, Doing } from '../../../src/compile/memory.js'
import { doingOf, planMemory } from '../../../src/compile/memory.js'
import type { Target } from '../../../src/compile/target.js'
import { usageOf } from '../../../src/compile/usage.js'
import type { Aval } from '../../../src/core/aval.js'
import type { TypedArray } from '../../../src/core/dtype.js'
import { dtypes } from '../../../src/core/dtype.js'
import { controlOf } from '../../../src/ir/control.js'
import { define } from '../../../src/ir/passes/define.js'
import type { Equation, Program } from '../../../src/ir/program.js'
import { blockMemory, type Place } from './memory.js'
import { rowsOf } from './rows.js'

/** What the compiler knows of it. */
export const target: Target = {
  ...referenceTarget,
  name: 'queued',
  bytesOf: blockMemory('words').memory.bytesOf,
  align: 8,
  apart: true,
  storesLast: true,
  buffers: 8,
}

/** How such a machine behaves. */
export interface Behaviour {
  /** What its delays, and the order of rows, are drawn from. */
  readonly seed?: number
  /** The share of steps that are done later. */
  readonly late?: number
  /** Steps that fail. */
  readonly fails?: (e: Equation) => boolean
}

/** The machine, and what it can tell. */
export interface QueuedMachine {
  readonly backend: Backend
  readonly queue: Queue
  /** Blocks that are taken and not given back. */
  readonly alive: () => number
  /** Resolves when nothing waits. */
  readonly settled: () => Promise<void>
  /** Steps that have run, as names, in order. */
  readonly log: readonly string[]
}

/** Numbers from 0 to 1 (mulberry32). */
export const randomOf = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Copies of parts are made one by one, however many there are. */
const isCopied = (name: string): boolean => name === 'concat' || name === 'split'

/** Refuses what a device would refuse of a kernel: too many blocks, or one that is read and written. */
const checkBlocks = (name: string, { over, reads }: Action, ins: readonly Place[], outs: readonly Place[]): void => {
  const blocks = new Set([...ins, ...outs].map(({ block }) => block))
  if (blocks.size > target.buffers && !isCopied(name)) throw new Error(`${name} names ${blocks.size} blocks`)
  if (new Set(outs.map(({ block }) => block)).size < outs.length) throw new Error(`${name} writes one block twice`)
  outs.forEach(({ block }, k) => {
    ins.forEach((from, i) => {
      if (from.block === block && over[k] !== reads[i]) throw new Error(`${name} reads input ${i}, over which it writes output ${k}`)
    })
  })
}

/** A fresh machine. */
export const queuedMachine = ({ seed = 1, late = 0.3, fails = () => false }: Behaviour = {}): QueuedMachine => {
  const random = randomOf(seed)
  const { memory: now, elementsAt, alive } = blockMemory('words')
  const log: string[] = []
  /** Mostly some turns of the queue of microtasks; now and then a turn of the event loop. */
  const delay = async (): Promise<void> => {
    if (random() < 0.02) await new Promise((resolve) => setImmediate(resolve))
    else for (let k = Math.floor(random() * 4); k >= 0; k--) await Promise.resolve()
  }
  const memory = {
    ...now,
    get: async (at: Place, a: Aval): Promise<number> => {
      await delay()
      return now.get(at, a)
    },
    read: async (at: Place, a: Aval): Promise<TypedArray> => {
      await delay()
      return now.read(at, a)
    },
  }
  const queue = createQueue()
  const handles = createHandles(queue, memory)

  const compiled = new WeakMap<Program, Code<Place>>()
  const codeFor = (program: Program): Code<Place> => {
    let code = compiled.get(program)
    if (code === undefined) compiled.set(program, (code = link(program, [])))
    return code
  }
  /** What a step writes into its outputs. */
  const effectOf = (step: Doing): ((ins: readonly TypedArray[], outs: readonly TypedArray[]) => void) => {
    if (step.kind === 'loops') {
      const rows = rowsOf(step)
      return (ins, outs) => {
        rows(ins, outs, random)
      }
    }
    const { equation: e } = step
    const [ins, outs] = [e.inputs.map((a) => a.aval), e.outputs.map((v) => v.aval)]
    const kernel = equationKernel(e.prim, ins, outs, e.params, programKernel)
    return (inputs, outputs) => {
      // What is a word in memory is a byte to the reference.
      const own = inputs.map((x, k) => dtypes[ins[k]!.dtype].make(x.length))
      own.forEach((x, k) => {
        x.set(inputs[k]!)
      })
      kernel(own).forEach((r, k) => {
        outputs[k]!.set(r)
      })
    }
  }
  const taskOf = (step: Doing, actionOf: () => Action): Task<Place> => {
    const form = step.kind === 'equation' ? controlOf(step.equation) : null
    if (form !== null && step.kind === 'equation') return controlTask(form, step.equation, memory, codeFor)
    if (step.kind === 'equation' && step.equation.prim.lower.kind === 'host')
      return hostTask(step.equation, step.equation.prim.lower, memory)
    const effect = effectOf(step)
    const equations = step.kind === 'loops' ? step.equations : [step.equation]
    const name = equations.map((e) => e.prim.name).join(' ')
    const [ins, outs] =
      step.kind === 'loops'
        ? [step.inputs.map((a) => a.aval), step.outputs.map((o) => o.variable.aval)]
        : [step.equation.inputs.map((a) => a.aval), step.equation.outputs.map((v) => v.aval)]
    const run = (inputs: readonly Place[], outputs: readonly Place[]): void => {
      checkBlocks(name, actionOf(), inputs, outputs)
      const failing = equations.find(fails)
      if (failing !== undefined) throw new Error(`${failing.prim.name} fails`)
      log.push(name)
      effect(
        inputs.map((at, k) => elementsAt(at, ins[k]!.dtype, ins[k]!.size)),
        outputs.map((at, k) => elementsAt(at, outs[k]!.dtype, outs[k]!.size)),
      )
    }
    return {
      scratch: 0,
      beyond: 0,
      run: (inputs, outputs) =>
        random() < late
          ? delay().then(() => {
              run(inputs, outputs)
            })
          : run(inputs, outputs),
    }
  }
  const link = (program: Program, donate: readonly number[]): Code<Place> => {
    const fused = fuse(
      define(program, (e) => hasRoutine(e.prim.name)),
      target,
      donate,
    )
    const tasks = doingOf(fused).map((step, k) => taskOf(step, () => plan.actions[k]!))
    const plan = planMemory(
      fused,
      donate,
      tasks.map((t) => t.scratch),
      target,
    )
    return codeOf(plan, tasks, memory, usageOf(fused, plan, tasks, target).peak)
  }
  const backend: Backend = {
    name: 'queued',
    host: false,
    supports: () => true,
    put: (data, a) => {
      const place = memory.alloc(now.bytesOf(a))
      elementsAt(place, a.dtype, a.size).set(data)
      return handles.own(place, now.bytesOf(a))
    },
    get: async (buffer, a) =>
      handles.read(buffer as Handle<Place>, async (at) => {
        await delay()
        return now.read(at, a)
      }),
    compile: (program, { donate }) =>
      handles.executable(
        link(program, donate),
        program.outputs.map((a) => now.bytesOf(a.aval)),
        donate,
      ),
  }
  const settled = async (): Promise<void> => {
    while (!queue.idle()) await new Promise((resolve) => setImmediate(resolve))
  }
  return { backend, queue, alive, settled, log }
}
