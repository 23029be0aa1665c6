/**
 * Programs to runnable code: fused steps over memory that is planned. Values that nobody sees, and the scratch of steps, have places in one
 * block of the heap, which a run takes and gives back; results and donated inputs have blocks of their own.
 */
import { arrange, inLines } from '../../compile/arena.js'
import { target } from './target.js'
import type { Memory } from '../../compile/explanation.js'
import { fuse } from '../../compile/loops.js'
import type { Fused, LoopKernel, Step, Value } from '../../compile/kernels.js'
import { structureOf } from '../../compile/structure.js'
import { dtypes } from '../../core/dtype.js'
import { define } from '../../ir/passes/define.js'
import type { Atom, Program } from '../../ir/program.js'
import type { Kernel, LoopCode, Solo, Task } from './kernel.js'
import { pieceOf, scratchOf } from './kernel.js'
import { moduleBuilder } from './module.js'
import { elasticCode, elasticOf, emitElastic, emitLoops } from './loops/emit.js'
import { equationTask, hasRoutine } from './equation.js'
import type { Code, Machine } from './machine.js'
import { bytesOf } from './machine.js'
import type { Promised } from './shelf.js'

interface Action {
  readonly task: Task
  /** The fused loops that it runs. */
  readonly loops: Promised | null
  /** Bytes by which its inputs begin later than their blocks. */
  readonly shifts: readonly number[] | null
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

/**
 * A kernel whose inputs begin at the first element that it reads, and how many bytes behind the beginning of their blocks that is (`null`
 * for none): positions of slices are added to addresses, so that slices at other positions are the same code.
 */
const anchored = (kernel: LoopKernel): { readonly kernel: LoopKernel; readonly shifts: readonly number[] | null } => {
  const { inputs, values } = kernel
  const first = new Array<number>(inputs.length).fill(Infinity)
  for (const v of values) if (v.op === 'load') first[v.input] = v.strides.some((n) => n < 0) ? 0 : Math.min(first[v.input]!, v.offset)
  if (first.every((n) => n === 0 || n === Infinity)) return { kernel, shifts: null }
  return {
    kernel: { ...kernel, values: values.map((v): Value => (v.op === 'load' ? { ...v, offset: v.offset - first[v.input]! } : v)) },
    shifts: inputs.map(({ aval }, k) => (first[k] === Infinity ? 0 : first[k]! * dtypes[aval.dtype].bytes)),
  }
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

/** A Program that is one call of one kernel: positions of the inputs and of the outputs in the order of its arguments. */
export interface Single extends Solo {
  readonly reads: readonly number[]
  readonly writes: readonly number[]
  /** Bytes by which what it reads begins later than the inputs. */
  readonly shifts: readonly number[] | null
}

/** A compiled Program. */
export interface Compiled {
  readonly code: Code
  readonly solo: Single | null
  /** What it does with memory. */
  readonly memory: Memory
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
  const fused = fuse(define(program, hasRoutine), target)
  const { slotOf, literals, count } = numberSlots(fused)
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
  const taskOf = (promised: Promised, shifts: readonly number[] | null = null): Task => ({
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
  const emitted = (key: string | null, values: number, emit: () => LoopCode): Task => taskOf(shelved(key, values, emit))

  const actions = fused.steps.flatMap((step, k): Action[] => {
    if (step.kind === 'alias') return []
    const from = step.kind === 'loops' ? anchored(step) : null
    const loops = from === null ? null : loopsOf(from.kernel, `k${k}`)
    const writes = writesOf(step)
    return [
      {
        loops,
        shifts: from?.shifts ?? null,
        task:
          step.kind === 'loops'
            ? taskOf(loops!, from!.shifts)
            : equationTask(step.equation, machine, {
                builder,
                prefix: `k${k}`,
                loops: (kernel) => taskOf(loopsOf(kernel, `k${k}l`)),
                emitted,
              }),
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
  const returned = new Set(outputs)
  for (const k of donate) if (!last.has(k) && !returned.has(k)) unread.push(k)
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
  /** The slot that a slot took its block over from in the end. */
  const origin = Array.from({ length: slots }, (_, s) => s)
  for (const { writes, over } of actions) writes.forEach((s, j) => (origin[s] = over[j]! < 0 ? s : origin[over[j]!]!))
  /** Slots whose blocks there are before the run or after it; the others have places in the arena. */
  const outer = new Set([...donate, ...outputs].filter((s) => made[s]).map((s) => origin[s]!))
  const isOuter = (s: number): boolean => outer.has(origin[s]!)
  const spans = new Map<number, { bytes: number; from: number; to: number }>()
  const span = (s: number, i: number): void => {
    if (!made[s] || isOuter(s)) return
    const known = spans.get(origin[s]!)
    if (known === undefined) spans.set(origin[s]!, { bytes: Math.max(sizes[s]!, 1), from: i, to: i })
    else known.to = i
  }
  for (const { slot } of literals) span(slot, 0)
  actions.forEach(({ reads, writes }, i) => {
    for (const s of [...reads, ...writes]) span(s, i)
  })
  const inside = [...spans.keys()]
  const scratches = actions.map(({ task }, i) => ({ bytes: task.scratch, from: i, to: i }))
  const arena = arrange([...spans.values(), ...scratches])
  const offsetOf = new Map(inside.map((s, k) => [s, arena.offsets[k]!]))
  const scratchAt = arena.offsets.slice(inside.length)
  const placed = Array.from({ length: slots }, (_, s) => s).filter((s) => offsetOf.has(origin[s]!))
  const offsets = placed.map((s) => offsetOf.get(origin[s]!)!)
  for (const action of actions) action.free = action.free.filter(isOuter)

  /** An output's own block is handed over once; an input, a literal or a second mention is copied. */
  const mentioned = new Set<number>()
  const handed = outputs.map((s) => {
    const first = !mentioned.has(s)
    mentioned.add(s)
    return made[s]! && first
  })
  const memory = ((): Memory => {
    const blocks: { bytes: number; uses: number }[] = []
    const numbers = new Map<string, number>()
    const place = (s: number, bytes: number): number => {
      const key = isOuter(s) ? `block ${origin[s]!}` : `place ${offsetOf.get(origin[s]!)!}`
      let n = numbers.get(key)
      if (n === undefined) numbers.set(key, (n = blocks.push({ bytes: 0, uses: 0 }) - 1))
      blocks[n] = { bytes: Math.max(blocks[n]!.bytes, inLines(Math.max(bytes, 1))), uses: blocks[n]!.uses + 1 }
      return n
    }
    let now = 0
    for (const { slot } of literals) if (isOuter(slot)) now += inLines(8)
    let most = now
    const take = (bytes: number): void => {
      now += inLines(Math.max(bytes, 1))
      most = Math.max(most, now)
    }
    for (const s of unread) now -= inLines(sizes[s]!)
    const places = actions.map((action) => {
      action.writes.forEach((s, j) => {
        if (isOuter(s) && action.over[j]! < 0) take(action.sizes[j]!)
      })
      most = Math.max(most, now + action.task.beyond)
      for (const s of action.free) now -= inLines(sizes[s]!)
      return action.writes.map((s, j) => place(s, action.sizes[j]!))
    })
    outputs.forEach((_, k) => {
      if (!handed[k]) take(outputBytes[k]!)
    })
    let next = 0
    const each = <T>(list: readonly T[], none: T): readonly T[] =>
      fused.steps.map((step) => (step.kind === 'alias' ? none : list[next++ % Math.max(list.length, 1)]!))
    return {
      blocks,
      working: arena.bytes,
      peak: arena.bytes + most,
      places: each(places, []),
      scratch: each(
        actions.map(({ task }) => task.scratch + task.beyond),
        0,
      ),
    }
  })()

  const runAll = (at: number[], base: number): number[] => {
    for (let i = 0; i < placed.length; i++) at[placed[i]!] = base + offsets[i]!
    for (const { slot, atom } of literals) {
      if (at[slot] === 0) at[slot] = heap.alloc(8)
      if (atom.kind === 'literal') heap.view(atom.aval.dtype, at[slot]!, 1)[0] = atom.value
    }
    const drop = (s: number): void => {
      heap.free(at[s]!, sizes[s]!)
      at[s] = 0
    }
    unread.forEach(drop)
    for (let k = 0; k < actions.length; k++) {
      const { task, reads, writes, over, free, sizes: bytes } = actions[k]!
      const ins = new Array<number>(reads.length)
      for (let i = 0; i < reads.length; i++) ins[i] = at[reads[i]!]!
      const outs = new Array<number>(writes.length)
      for (let i = 0; i < writes.length; i++) {
        const s = writes[i]!
        const from = over[i]!
        if (from >= 0) {
          at[s] = at[from]!
          at[from] = 0
        } else if (at[s] === 0) at[s] = heap.alloc(bytes[i]!, true)
        outs[i] = at[s]!
      }
      task.run(ins, outs, base + scratchAt[k]!)
      for (const s of free) drop(s)
    }
    return outputs.map((s, k) => {
      if (handed[k]) return at[s]!
      const copy = heap.alloc(outputBytes[k]!)
      heap.copy(copy, at[s]!, outputBytes[k]!)
      return copy
    })
  }
  const run = (inputs: readonly number[], lost?: number[]): number[] => {
    const at = new Array<number>(slots).fill(0)
    for (let k = 0; k < arity; k++) at[k] = inputs[k]!
    let base = 0
    try {
      if (arena.bytes > 0) base = heap.alloc(arena.bytes)
      return runAll(at, base)
    } catch (error) {
      for (const k of donate)
        if (at[k] === 0) lost?.push(k)
        else at[k] = 0
      for (let s = 0; s < slots; s++) if (made[s]! && isOuter(s) && at[s] !== 0) heap.free(at[s]!, sizes[s]!)
      // eslint-disable-next-line functional/no-throw-statements -- passed on, once its blocks are free
      throw error
    } finally {
      if (base > 0) heap.free(base, arena.bytes)
    }
  }
  const code: Code = Object.assign(run, { most: memory.peak })
  const [only, ...others] = actions
  const solo = only?.loops?.piece?.solo ?? null
  const alone = solo !== null && others.length === 0 && literals.length === 0 && donate.length === 0 && outputs.every((t) => made[t])
  return {
    code,
    solo:
      alone && outputs.length === only!.writes.length
        ? { ...solo, reads: only!.reads, shifts: only!.shifts, writes: only!.writes.map((t) => outputs.indexOf(t)) }
        : null,
    memory,
  }
}
