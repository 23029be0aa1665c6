/**
 * Memory planning (liveness analysis, register-style allocation of an arena): every value of a fused Program is a slot, and the plan says
 * where each slot lies, when its memory is free again, and which writes may go over what they read.
 */
import type { Aval } from '../core/aval.js'
import { dtypes } from '../core/dtype.js'
import type { Atom } from '../ir/program.js'
import type { Interval } from './arena.js'
import { arrange, separate } from './arena.js'
import type { Fused, LoopKernel, ProgramStep } from './kernels.js'
import type { MemoryKind } from './target.js'

/** A step that does something. */
export type Doing = Exclude<ProgramStep, { kind: 'alias' }>

/** One step of a plan: slots that it reads and writes, with what becomes of their memory. */
export interface Action {
  readonly reads: readonly number[]
  readonly writes: readonly number[]
  /** Bytes of every write. */
  readonly sizes: readonly number[]
  /** For every write: the slot among the reads whose memory it takes over, or -1. Every element of it is read before it is written. */
  readonly over: readonly number[]
  /** Slots outside the arena whose blocks nothing reads after this. */
  readonly free: readonly number[]
}

/** A literal, which has a slot of one element. */
export interface LiteralSlot {
  readonly slot: number
  readonly value: number
  readonly aval: Aval
}

/** A place in the workspace. */
export interface WorkingPlace {
  readonly block: number
  readonly offset: number
}

/** Where the values of a Program lie. The first slots are its inputs. */
export interface MemoryPlan {
  readonly slots: number
  readonly arity: number
  /** Bytes of every slot that is made here or donated. */
  readonly sizes: readonly number[]
  readonly literals: readonly LiteralSlot[]
  readonly actions: readonly Action[]
  /** Positions of donated inputs. */
  readonly donate: readonly number[]
  /** Donated inputs that nothing reads or returns. */
  readonly unread: readonly number[]
  readonly outputs: readonly number[]
  /** Bytes of every output. */
  readonly outputBytes: readonly number[]
  /** For every output: whether its block is handed over. An input, a literal or a second mention of a slot is copied. */
  readonly handed: readonly boolean[]
  /** Slots with blocks of their own that are this Program's to free. */
  readonly owned: readonly number[]
  /** The slot that a slot took its memory over from in the end. */
  readonly origin: readonly number[]
  /** What is taken for a run and given back, for the slots that nobody sees and the scratch of every action: one block, or as many as are needed at once. */
  readonly workspace: {
    /** Bytes of every block. */
    readonly blocks: readonly number[]
    readonly slots: readonly (WorkingPlace & { readonly slot: number })[]
    /** Where the scratch of every action is; `null` where there is none. */
    readonly scratch: readonly (WorkingPlace | null)[]
  }
}

/** Bytes of a literal's slot, whatever its dtype. */
export const literalBytes = 8

const equal = (x: readonly number[], y: readonly number[]): boolean => x.length === y.length && x.every((n, k) => n === y[k])

/** True when output `j` may lie where input `k` does on such a machine: everything is read before it is written. */
const inPlace = ({ inner, values, outputs, inputs }: LoopKernel, k: number, j: number, { apart, storesLast }: MemoryKind): boolean => {
  const out = outputs[j]!
  const [from, to] = [inputs[k]!.aval.dtype, out.variable.aval.dtype]
  if (apart ? from !== to : dtypes[from].bytes !== dtypes[to].bytes) return false
  if (!storesLast && (out.perRow || values.some((v) => v.op === 'reduce' || v.op === 'gather'))) return false
  const strides = out.perRow ? [...out.strides, ...inner.map(() => 0)] : out.strides
  // What is read at computed positions may be what another point has written already.
  if (values.some((v) => v.op === 'gather' && v.input === k)) return false
  return values.every((v) => v.op !== 'load' || v.input !== k || (v.offset === 0 && equal(v.strides, strides)))
}

const writesOf = (step: Doing): readonly Atom[] => (step.kind === 'loops' ? step.outputs.map((o) => o.variable) : step.equation.outputs)
const readsOf = (step: Doing): readonly Atom[] => (step.kind === 'loops' ? step.inputs : step.equation.inputs)

/** The steps that do something: an alias only gives a slot another name. */
export const doingOf = (fused: Fused): readonly Doing[] => fused.steps.flatMap((step) => (step.kind === 'alias' ? [] : [step]))

/** Slots of values; an alias shares the slot of what it is an alias of. */
const numberSlots = (fused: Fused) => {
  const slots = new Map<number, number>()
  const literals: LiteralSlot[] = []
  let count = 0
  const slotOf = (a: Atom): number => {
    if (a.kind === 'literal') {
      literals.push({ slot: count, value: a.value, aval: a.aval })
      return count++
    }
    let s = slots.get(a.id)
    if (s === undefined) slots.set(a.id, (s = count++))
    return s
  }
  for (const v of fused.inputs) slotOf(v)
  for (const step of fused.steps) if (step.kind === 'alias') slots.set(step.to.id, slotOf(step.from))
  const actions = doingOf(fused).map((step) => ({ reads: readsOf(step).map(slotOf), writes: writesOf(step).map(slotOf) }))
  const outputs = fused.outputs.map(slotOf)
  return { actions, outputs, literals, count }
}

/** Where what is alive for a while lies: in one block, or in blocks of their own where a block may not be read and written at once. */
const workspaceOf = (
  intervals: readonly Interval[],
  { align, apart }: MemoryKind,
): { readonly blocks: readonly number[]; readonly places: readonly WorkingPlace[] } => {
  if (apart) {
    const { bytes, block } = separate(intervals)
    return { blocks: bytes, places: block.map((b) => ({ block: b, offset: 0 })) }
  }
  const { bytes, offsets } = arrange(intervals, align)
  return { blocks: bytes === 0 ? [] : [bytes], places: offsets.map((offset) => ({ block: 0, offset })) }
}

/**
 * Plans the memory of a fused Program whose inputs at `donate` become its own, on a machine with memory of a kind; `scratch` are the bytes
 * of scratch of every step that does something.
 */
export const planMemory = (fused: Fused, donate: readonly number[], scratch: readonly number[], kind: MemoryKind): MemoryPlan => {
  const { bytesOf } = kind
  const { actions: numbered, outputs, literals, count } = numberSlots(fused)
  const steps = doingOf(fused)
  const sizes = new Array<number>(count).fill(0)
  /** Slots whose blocks are this Program's own. */
  const made = new Array<boolean>(count).fill(false)
  const make = (s: number, bytes: number): void => {
    made[s] = true
    sizes[s] = bytes
  }
  for (const { slot } of literals) make(slot, literalBytes)
  for (const k of donate) make(k, bytesOf(fused.inputs[k]!.aval))
  const last = new Map<number, number>()
  const actions = numbered.map(({ reads, writes }, i) => {
    const bytes = writesOf(steps[i]!).map((a) => bytesOf(a.aval))
    writes.forEach((s, j) => {
      make(s, bytes[j]!)
      last.set(s, i)
    })
    for (const s of reads) last.set(s, i)
    const free: number[] = []
    return { reads, writes, sizes: bytes, over: writes.map(() => -1), free }
  })
  const returned = new Set(outputs)
  const unread = donate.filter((k) => !last.has(k) && !returned.has(k))
  for (const s of outputs) last.delete(s)
  for (const [s, i] of last) if (made[s]) actions[i]!.free.push(s)

  // A block that nothing reads after a kernel may be written by it, where every element is read before it is written.
  actions.forEach((action, i) => {
    const kernel = steps[i]!
    if (kernel.kind !== 'loops') return
    action.writes.forEach((_, j) => {
      const s = action.free.find(
        (t) =>
          sizes[t] === action.sizes[j] &&
          action.reads.filter((r) => r === t).length === 1 &&
          inPlace(kernel, action.reads.indexOf(t), j, kind),
      )
      if (s === undefined) return
      action.over[j] = s
      action.free = action.free.filter((t) => t !== s)
    })
  })
  const origin = Array.from({ length: count }, (_, s) => s)
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
  const { blocks, places } = workspaceOf([...spans.values(), ...scratch.map((bytes, i) => ({ bytes, from: i, to: i }))], kind)
  const placeOf = new Map([...spans.keys()].map((s, k) => [s, places[k]!]))

  const mentioned = new Set<number>()
  const handed = outputs.map((s) => {
    const first = !mentioned.has(s)
    mentioned.add(s)
    return made[s]! && first
  })
  return {
    slots: count,
    arity: fused.inputs.length,
    sizes,
    literals,
    actions: actions.map((action) => ({ ...action, free: action.free.filter(isOuter) })),
    donate,
    unread,
    outputs,
    outputBytes: fused.outputs.map((a) => bytesOf(a.aval)),
    handed,
    owned: origin.flatMap((_, s) => (made[s] && isOuter(s) ? [s] : [])),
    origin,
    workspace: {
      blocks,
      slots: origin.flatMap((from, slot) => (placeOf.has(from) ? [{ slot, ...placeOf.get(from)! }] : [])),
      scratch: places.slice(spans.size).map((place, i) => (scratch[i] === 0 ? null : place)),
    },
  }
}
