/** What a memory plan amounts to: blocks, how often each is used, the bytes alive at once. */
import { aligned } from './arena.js'
import type { Fused } from './kernels.js'
import type { MemoryPlan } from './memory.js'
import { literalBytes } from './memory.js'
import type { MemoryKind } from './target.js'

/** What a backend does with memory to run the steps of a Program. */
export interface MemoryUsage {
  /** Where the steps write. */
  readonly blocks: readonly ExplainedBlock[]
  /** For every step: the blocks of its outputs. */
  readonly places: readonly (readonly number[])[]
  /** For every step: bytes of scratch. */
  readonly scratch: readonly number[]
  /** Bytes of what nobody sees: values between steps, and scratch. */
  readonly working: number
  /** Bytes alive at once at most, inputs not included. */
  readonly peak: number
}

/** A block of memory that steps write to, one after the other. */
export interface ExplainedBlock {
  /** Its size. */
  readonly bytes: number
  /** How many values lie in it in the course of a run. */
  readonly uses: number
}

/** What one step takes besides its inputs and outputs. */
export interface Needs {
  /** Bytes of scratch, which have a place in the arena. */
  readonly scratch: number
  /** Bytes that it takes from the heap itself at most, while it runs. */
  readonly beyond: number
}

/** The use of memory by a planned Program whose steps need what `needs` says. */
export const usageOf = (fused: Fused, plan: MemoryPlan, needs: readonly Needs[], { align }: MemoryKind): MemoryUsage => {
  const { actions, handed, literals, origin, outputBytes, outputs, sizes, unread, workspace } = plan
  const inLines = (bytes: number): number => aligned(bytes, align)
  const working = workspace.blocks.reduce((n, bytes) => n + inLines(bytes), 0)
  const owned = new Set(plan.owned)
  const placeOf = new Map(workspace.slots.map(({ slot, block, offset }) => [slot, `${block} ${offset}`]))
  const blocks: { bytes: number; uses: number }[] = []
  const numbers = new Map<string, number>()
  const place = (s: number, bytes: number): number => {
    const key = owned.has(s) ? `block ${origin[s]!}` : `place ${placeOf.get(s)!}`
    let n = numbers.get(key)
    if (n === undefined) numbers.set(key, (n = blocks.push({ bytes: 0, uses: 0 }) - 1))
    blocks[n] = { bytes: Math.max(blocks[n]!.bytes, inLines(Math.max(bytes, 1))), uses: blocks[n]!.uses + 1 }
    return n
  }
  let now = 0
  for (const { slot } of literals) if (owned.has(slot)) now += inLines(literalBytes)
  let most = now
  const take = (bytes: number): void => {
    now += inLines(Math.max(bytes, 1))
    most = Math.max(most, now)
  }
  for (const s of unread) now -= inLines(sizes[s]!)
  const places = actions.map((action, i) => {
    action.writes.forEach((s, j) => {
      if (owned.has(s) && action.over[j]! < 0) take(action.sizes[j]!)
    })
    most = Math.max(most, now + needs[i]!.beyond)
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
    working,
    peak: working + most,
    places: each(places, []),
    scratch: each(
      needs.map(({ scratch, beyond }) => scratch + beyond),
      0,
    ),
  }
}
