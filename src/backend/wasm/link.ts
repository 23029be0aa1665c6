/** Linking: the code of every step of a fused Program, written into one module or found among what was written before. */
import type { Fused, LoopKernel, Value } from '../../compile/kernels.js'
import { doingOf } from '../../compile/memory.js'
import { structureOf } from '../../compile/structure.js'
import { dtypes } from '../../core/dtype.js'
import { equationTask } from './equation.js'
import type { Kernel, LoopCode, Piece, HeapTask } from './kernel.js'
import { pieceOf, scratchOf } from './kernel.js'
import { elasticCode, elasticOf, emitElastic, emitLoops } from './loops/emit.js'
import type { Machine } from './machine.js'
import { moduleBuilder } from './module.js'
import type { Promised } from './shelf.js'

/**
 * A kernel whose inputs begin at the first element that it reads, and how many bytes behind the beginning of their blocks that is (`null`
 * for none): positions of slices are added to addresses, so that slices at other positions are the same code.
 */
const anchored = (kernel: LoopKernel): { readonly kernel: LoopKernel; readonly shifts: readonly number[] | null } => {
  const { inputs, values } = kernel
  const first = new Array<number>(inputs.length).fill(Infinity)
  for (const v of values)
    if (v.op === 'gather') first[v.input] = 0
    else if (v.op === 'load') first[v.input] = v.strides.some((n) => n < 0) ? 0 : Math.min(first[v.input]!, v.offset)
  if (first.every((n) => n === 0 || n === Infinity)) return { kernel, shifts: null }
  return {
    kernel: { ...kernel, values: values.map((v): Value => (v.op === 'load' ? { ...v, offset: v.offset - first[v.input]! } : v)) },
    shifts: inputs.map(({ aval }, k) => (first[k] === Infinity ? 0 : first[k]! * dtypes[aval.dtype].bytes)),
  }
}

/** What runs a step, and, where that is one kernel for fused loops, how it can be called by itself. */
export interface Linked {
  readonly task: HeapTask
  readonly alone: { readonly piece: Piece; readonly shifts: readonly number[] | null } | null
}

/** The tasks of the steps that do something, in their order. */
export const link = (fused: Fused, machine: Machine): readonly Linked[] => {
  const {
    heap,
    caps,
    load,
    sweep,
    shelves: { pieces, elastic: kernelsOfAnySize },
  } = machine
  const builder = moduleBuilder(caps.shared)
  const pending: ((kernel: (name: string) => Kernel) => void)[] = []
  const shelved = (key: string | null, values: number, emit: () => LoopCode): Promised => {
    const known = key === null ? undefined : pieces.find(key)
    if (known !== undefined) return known
    const code = emit()
    const promised: Promised = { piece: null, scratch: scratchOf(code, values) }
    pending.push((kernel) => {
      promised.piece = pieceOf(heap, sweep, code, kernel)
      // Not before it is linked: what fails to compile must not be found by others.
      if (key !== null) pieces.put(key, promised)
    })
    return promised
  }
  /** The loops of this Program by structure. */
  const alike = new Map<string, Promised>()
  /** Names of kernels in this module that serve any size. */
  const names = new Map<string, string>()
  const loopsOf = (step: LoopKernel, prefix: string): Promised => {
    const structure = structureOf(step)
    const known = alike.get(structure)
    if (known !== undefined) return known
    const promised = newLoops(step, structure, prefix)
    alike.set(structure, promised)
    return promised
  }
  const newLoops = (step: LoopKernel, structure: string, prefix: string): Promised => {
    const elastic = elasticOf(step, caps)
    const values = step.inputs.length + step.outputs.length
    if (elastic === null) return shelved(structure, values, () => emitLoops(builder, prefix, step, caps))
    const known = kernelsOfAnySize.find(elastic.key)
    if (known !== undefined) {
      const code = elasticCode(prefix, elastic)
      return { piece: pieceOf(heap, sweep, code, () => known), scratch: scratchOf(code, values) }
    }
    let name = names.get(elastic.key)
    if (name === undefined) {
      names.set(elastic.key, (name = prefix))
      emitElastic(builder, name, elastic, caps)
    }
    const code = elasticCode(name, elastic)
    const promised: Promised = { piece: null, scratch: scratchOf(code, values) }
    pending.push((kernel) => {
      promised.piece = pieceOf(heap, sweep, code, kernel)
      kernelsOfAnySize.put(elastic.key, kernel(code.passes[0]!.name))
    })
    return promised
  }
  const taskOf = (promised: Promised, shifts: readonly number[] | null = null): HeapTask => ({
    scratch: promised.scratch,
    beyond: 0,
    run:
      shifts === null
        ? (ins, outs, at) => promised.piece!.run(ins, outs, at)
        : (ins, outs, at) => {
            const moved = new Array<number>(ins.length)
            for (let k = 0; k < ins.length; k++) moved[k] = ins[k]! + shifts[k]!
            promised.piece!.run(moved, outs, at)
          },
  })
  const emitted = (key: string | null, values: number, emit: () => LoopCode): HeapTask => taskOf(shelved(key, values, emit))

  const steps = doingOf(fused).map((step, k) => {
    const prefix = `k${k}`
    if (step.kind === 'loops') {
      const { kernel, shifts } = anchored(step)
      const promised = loopsOf(kernel, prefix)
      return { task: taskOf(promised, shifts), promised, shifts }
    }
    const task = equationTask(step.equation, machine, {
      builder,
      prefix,
      loops: (kernel) => taskOf(loopsOf(kernel, `${prefix}l`)),
      emitted,
    })
    return { task, promised: null, shifts: null }
  })
  if (pending.length > 0) {
    const kernel = load(builder.finish())
    for (const complete of pending) complete(kernel)
  }
  return steps.map(({ task, promised, shifts }) => ({ task, alone: promised === null ? null : { piece: promised.piece!, shifts } }))
}
