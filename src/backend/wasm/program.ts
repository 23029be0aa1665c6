/** Programs to runnable code: fused steps over blocks of the heap, freed after their last reader. */
import { fuse } from '../../compile/loops.js'
import type { Fused, LoopKernel, Step } from '../../compile/kernels.js'
import { structureOf } from '../../compile/structure.js'
import { dtypes } from '../../core/dtype.js'
import type { Atom, Program } from '../../ir/program.js'
import type { Kernel, LoopCode, Run, Solo } from './kernel.js'
import { pieceOf } from './kernel.js'
import { moduleBuilder } from './module.js'
import { elasticCode, elasticOf, emitElastic, emitLoops } from './loops/emit.js'
import { equationRun } from './equation.js'
import type { Code, Machine } from './machine.js'
import { bytesOf } from './machine.js'
import type { Promised } from './shelf.js'

interface Action {
  readonly run: Run
  /** The fused loops that it runs. */
  readonly loops: Promised | null
  readonly reads: readonly number[]
  readonly writes: readonly number[]
  readonly sizes: readonly number[]
  /** Slots whose blocks nothing reads after this. */
  free: number[]
  /** For every write: the slot among the reads whose block it takes over, or -1. */
  over: number[]
}

const equal = (x: readonly number[], y: readonly number[]): boolean => x.length === y.length && x.every((n, k) => n === y[k])

/** True when output `j` may lie where input `k` does: element by element, each is read before it is written. */
const inPlace = ({ values, outputs, inputs }: LoopKernel, k: number, j: number): boolean => {
  const out = outputs[j]!
  const bytes = ({ aval }: Atom): number => dtypes[aval.dtype].bytes
  return (
    !out.perRow &&
    bytes(out.variable) === bytes(inputs[k]!) &&
    values.every((v) => v.op !== 'reduce' && (v.op !== 'load' || v.input !== k || (v.offset === 0 && equal(v.strides, out.strides))))
  )
}

/** Slots of values; an alias shares the slot of what it is an alias of. */
const numberSlots = (
  fused: Fused,
): {
  readonly slotOf: (a: Atom) => number
  readonly literals: readonly { readonly slot: number; readonly atom: Atom }[]
  readonly count: () => number
} => {
  const slots = new Map<number, number>()
  const literals: { slot: number; atom: Atom }[] = []
  let count = 0
  const slotOf = (a: Atom): number => {
    if (a.kind === 'literal') {
      literals.push({ slot: count, atom: a })
      return count++
    }
    let s = slots.get(a.id)
    if (s === undefined) slots.set(a.id, (s = count++))
    return s
  }
  for (const v of fused.inputs) slotOf(v)
  for (const step of fused.steps) if (step.kind === 'alias') slots.set(step.to.id, slotOf(step.from))
  return { slotOf, literals, count: () => count }
}

const writesOf = (step: Exclude<Step, { kind: 'alias' }>): readonly Atom[] =>
  step.kind === 'loops' ? step.outputs.map((o) => o.variable) : step.equation.outputs
const readsOf = (step: Exclude<Step, { kind: 'alias' }>): readonly Atom[] => (step.kind === 'loops' ? step.inputs : step.equation.inputs)

/** Steps between the writing of a value and its last reading up to which its block is soon given back. */
const brief = 10
/** Bytes below which it does not matter how blocks lie. */
const worthReserving = 2 ** 20

/** Bytes that a run should find in one piece: those of its values alive at once, and a share for what does not fit behind each other. */
const roomFor = (actions: readonly Action[], sizes: readonly number[]): number => {
  let now = 0
  let most = 0
  for (const { writes, over, free } of actions) {
    writes.forEach((s, j) => (now += over[j]! < 0 ? sizes[s]! : 0))
    most = Math.max(most, now)
    for (const s of free) now -= sizes[s]!
  }
  return most < worthReserving ? 0 : Math.ceil(most * 1.15)
}

/** A Program that is one call of one kernel: positions of the inputs and of the outputs in the order of its arguments. */
export interface Single extends Solo {
  readonly reads: readonly number[]
  readonly writes: readonly number[]
}

/** A compiled Program. */
export interface Compiled {
  readonly code: Code
  readonly solo: Single | null
}

/** Compiles a Program that `optimize` has been over. The blocks of inputs at positions `donate` become its own. */
export const compileProgram = (program: Program, machine: Machine, donate: readonly number[] = []): Compiled => {
  const {
    heap,
    caps,
    load,
    sweep,
    shelves: { pieces, elastic: kernelsOfAnySize },
  } = machine
  const fused = fuse(program)
  const { slotOf, literals, count } = numberSlots(fused)
  const builder = moduleBuilder(caps.shared)
  const pending: ((kernel: (name: string) => Kernel) => void)[] = []
  const shelved = (key: string | null, emit: () => LoopCode): Promised => {
    const known = key === null ? undefined : pieces.find(key)
    if (known !== undefined) return known
    const code = emit()
    const promised: Promised = { piece: null }
    pending.push((kernel) => {
      promised.piece = pieceOf(heap, sweep, code, kernel)
      // Not before it is linked: what fails to compile must not be found by others.
      if (key !== null) pieces.put(key, promised)
    })
    return promised
  }
  /** Names of kernels in this module that serve any size. */
  const names = new Map<string, string>()
  const loopsOf = (step: LoopKernel, prefix: string): Promised => {
    const elastic = elasticOf(step, caps)
    if (elastic === null) return shelved(structureOf(step), () => emitLoops(builder, prefix, step, caps))
    const known = kernelsOfAnySize.find(elastic.key)
    if (known !== undefined) return { piece: pieceOf(heap, sweep, elasticCode(prefix, elastic), () => known) }
    let name = names.get(elastic.key)
    if (name === undefined) {
      names.set(elastic.key, (name = prefix))
      emitElastic(builder, name, elastic, caps)
    }
    const promised: Promised = { piece: null }
    const code = elasticCode(name, elastic)
    pending.push((kernel) => {
      promised.piece = pieceOf(heap, sweep, code, kernel)
      kernelsOfAnySize.put(elastic.key, kernel(code.passes[0]!.name))
    })
    return promised
  }
  const emitted = (key: string | null, emit: () => LoopCode): Run => {
    const promised = shelved(key, emit)
    return (ins, outs) => promised.piece!.run(ins, outs)
  }

  const actions = fused.steps.flatMap((step, k): Action[] => {
    if (step.kind === 'alias') return []
    const loops = step.kind === 'loops' ? loopsOf(step, `k${k}`) : null
    const writes = writesOf(step)
    return [
      {
        loops,
        run:
          step.kind === 'loops'
            ? (ins, outs) => loops!.piece!.run(ins, outs)
            : equationRun(step.equation, machine, { builder, prefix: `k${k}`, emitted }),
        reads: readsOf(step).map(slotOf),
        writes: writes.map(slotOf),
        sizes: writes.map((a) => bytesOf(a.aval)),
        free: [],
        over: writes.map(() => -1),
      },
    ]
  })
  if (pending.length > 0) {
    const kernel = load(builder.finish())
    for (const link of pending) link(kernel)
  }

  const kernels = fused.steps.flatMap((step) => (step.kind === 'alias' ? [] : [step.kind === 'loops' ? step : null]))
  const outputs = fused.outputs.map(slotOf)
  const outputBytes = fused.outputs.map((a) => bytesOf(a.aval))
  const slots = count()
  const arity = fused.inputs.length
  const sizes = new Array<number>(slots).fill(0)
  /** Slots whose blocks are this code's own. */
  const made = new Array<boolean>(slots).fill(false)
  const last = new Map<number, number>()
  const unread: number[] = []
  for (const { slot } of literals) {
    made[slot] = true
    sizes[slot] = 8
  }
  for (const k of donate) {
    made[k] = true
    sizes[k] = bytesOf(fused.inputs[k]!.aval)
  }
  actions.forEach((action, i) => {
    action.writes.forEach((s, j) => {
      made[s] = true
      sizes[s] = action.sizes[j]!
      last.set(s, i)
    })
    for (const s of action.reads) last.set(s, i)
  })
  for (const k of donate) if (!last.has(k) && !outputs.includes(k)) unread.push(k)
  for (const s of outputs) last.delete(s)
  for (const [s, i] of last) if (made[s]) actions[i]!.free.push(s)
  // A block that nothing reads after a kernel may be written by it, where every element is read before it is written.
  actions.forEach((action, i) => {
    const kernel = kernels[i]!
    if (kernel === null) return
    action.writes.forEach((_, j) => {
      const s = action.free.find(
        (t) =>
          sizes[t] === action.sizes[j] && action.reads.filter((r) => r === t).length === 1 && inPlace(kernel, action.reads.indexOf(t), j),
      )
      if (s === undefined) return
      action.over[j] = s
      action.free = action.free.filter((t) => t !== s)
    })
  })
  /** Values that are read long after they are written, or handed out. */
  const lasts = new Array<boolean>(slots).fill(false)
  actions.forEach((action, i) => {
    for (const s of action.writes) lasts[s] = (last.get(s) ?? Infinity) - i > brief
  })
  const room = roomFor(actions, sizes)
  /** An output's own block is handed over once; an input, a literal or a second mention is copied. */
  const handed = outputs.map((s, k) => made[s]! && outputs.indexOf(s) === k)

  const runAll = (at: number[]): number[] => {
    for (const { slot, atom } of literals) {
      const address = (at[slot] = heap.alloc(8))
      if (atom.kind === 'literal') heap.view(atom.aval.dtype, address, 1)[0] = atom.value
    }
    if (room > 0) heap.reserve(room)
    const drop = (s: number): void => {
      heap.free(at[s]!, sizes[s]!)
      at[s] = 0
    }
    unread.forEach(drop)
    for (const action of actions) {
      const { reads, writes, over } = action
      const ins = new Array<number>(reads.length)
      for (let i = 0; i < reads.length; i++) ins[i] = at[reads[i]!]!
      const outs = new Array<number>(writes.length)
      for (let i = 0; i < writes.length; i++) {
        const from = over[i]!
        outs[i] = at[writes[i]!] = from < 0 ? heap.alloc(action.sizes[i]!, lasts[writes[i]!]) : at[from]!
        if (from >= 0) at[from] = 0
      }
      action.run(ins, outs)
      for (const s of action.free) drop(s)
    }
    return outputs.map((s, k) => {
      if (handed[k]) return at[s]!
      const copy = heap.alloc(outputBytes[k]!)
      heap.copy(copy, at[s]!, outputBytes[k]!)
      return copy
    })
  }
  const code: Code = (inputs) => {
    const at = new Array<number>(slots).fill(0)
    for (let k = 0; k < arity; k++) at[k] = inputs[k]!
    try {
      return runAll(at)
    } catch (error) {
      for (let s = 0; s < slots; s++) if (made[s]! && at[s] !== 0) heap.free(at[s]!, sizes[s]!)
      // eslint-disable-next-line functional/no-throw-statements -- passed on, once its blocks are free
      throw error
    }
  }
  const [only, ...others] = actions
  const solo = only?.loops?.piece?.solo ?? null
  const alone = solo !== null && others.length === 0 && literals.length === 0 && donate.length === 0 && outputs.every((t) => made[t])
  return {
    code,
    solo:
      alone && outputs.length === only!.writes.length
        ? { ...solo, reads: only!.reads, writes: only!.writes.map((t) => outputs.indexOf(t)) }
        : null,
  }
}
