/** Plans of memory: nothing is written over while it is still to be read, whatever the Program. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { programs } from '../../laws/program.js'
import { target } from '../../src/backend/wasm/target.js'
import { bytesOf } from '../../src/compile/cost.js'
import type { Fused } from '../../src/compile/kernels.js'
import { fuse } from '../../src/compile/loops.js'
import type { MemoryPlan } from '../../src/compile/memory.js'
import type { MemoryKind } from '../../src/compile/target.js'
import { doingOf, planMemory } from '../../src/compile/memory.js'
import { usageOf } from '../../src/compile/usage.js'
import { np, trace } from '../../src/index.js'
import { optimizeProgram } from '../../src/extend.js'
import type { Tensor } from '../../src/index.js'

/** Runs a plan on paper: who lies in every byte of the arena and in every block. @throws where a step reads what is not there any more. */
const follow = (plan: MemoryPlan, scratch: readonly number[]): { readonly alive: number } => {
  const { actions, arity, handed, literals, outputs, owned, sizes, unread, workspace } = plan
  /** The blocks of the workspace one behind the other. */
  const starts = workspace.blocks.map((_, k) => workspace.blocks.slice(0, k).reduce((n, b) => n + b, 0))
  const bytes = new Int32Array(workspace.blocks.reduce((n, b) => n + b, 0)).fill(-1)
  const place = new Map(workspace.slots.map(({ slot, block, offset }) => [slot, starts[block]! + offset]))
  const isOwned = new Set(owned)
  /** The slot whose value lies in a block; blocks are known by the slot that they were made for. */
  const blocks = new Map<number, number>()
  const blockOf = new Map<number, number>()
  const claim = (s: number): void => {
    const from = place.get(s)
    if (from === undefined) {
      if (!blockOf.has(s)) blockOf.set(s, s)
      blocks.set(blockOf.get(s)!, s)
    } else bytes.fill(s, from, from + Math.max(sizes[s]!, 1))
  }
  const holds = (s: number): boolean => {
    const from = place.get(s)
    if (from === undefined) return blocks.get(blockOf.get(s)!) === s
    return bytes.subarray(from, from + Math.max(sizes[s]!, 1)).every((owner) => owner === s)
  }
  const release = (s: number): void => {
    if (!blocks.delete(blockOf.get(s)!)) throw new Error(`slot ${s} is freed without a block`)
    blockOf.delete(s)
  }
  for (let s = 0; s < arity; s++) claim(s)
  for (const { slot } of literals) claim(slot)
  unread.forEach(release)
  actions.forEach((action, i) => {
    for (const s of action.reads) if (!holds(s)) throw new Error(`step ${i} reads slot ${s}, which is gone`)
    const own = workspace.scratch[i]!
    const scratchFrom = own === null ? 0 : starts[own.block]! + own.offset
    if (scratch[i]! > 0) bytes.fill(-2, scratchFrom, scratchFrom + scratch[i]!)
    // scratch is written while the inputs are still read
    for (const s of action.reads) if (!holds(s)) throw new Error(`the scratch of step ${i} lies over slot ${s}`)
    action.writes.forEach((s, j) => {
      const from = action.over[j]!
      if (from >= 0 && place.get(s) === undefined) {
        blockOf.set(s, blockOf.get(from)!)
        blockOf.delete(from)
      }
      claim(s)
    })
    for (const s of action.writes) if (!holds(s)) throw new Error(`two results of step ${i} overlap`)
    const over = new Set(action.over)
    for (const s of action.reads)
      if (!over.has(s) && !holds(s)) throw new Error(`step ${i} writes over slot ${s}, which it reads element by element`)
    if (scratch[i]! > 0 && bytes.subarray(scratchFrom, scratchFrom + scratch[i]!).some((owner) => owner !== -2))
      throw new Error(`a result of step ${i} lies over its scratch`)
    action.free.forEach(release)
  })
  outputs.forEach((s, k) => {
    if (!holds(s)) throw new Error(`output ${k} is gone`)
    if (handed[k] && !isOwned.has(s)) throw new Error(`output ${k} is handed over and not owned`)
  })
  return { alive: [...blocks.values()].filter((s) => isOwned.has(s)).length }
}

const fusedOf = (f: (...xs: Tensor[]) => Tensor | readonly Tensor[], ...shapes: readonly (readonly number[])[]): Fused =>
  fuse(optimizeProgram(trace(f, ...shapes.map((s) => np.zeros(s))).program), target)

/** A machine with blocks apart, whose kernels store last. */
const blocks: MemoryKind = { bytesOf, align: 8, apart: true, storesLast: true }

/** Blocks of the workspace that an action both reads and writes, but where a result lies over what it is made of. */
const readAndWritten = ({ actions, workspace }: MemoryPlan): readonly number[] => {
  const block = new Map(workspace.slots.map((s) => [s.slot, s.block]))
  return actions.flatMap(({ reads, writes, over }, i) => {
    const own = workspace.scratch[i]?.block
    return [...writes.map((s, j) => [block.get(s), over[j]!] as const), [own, -1] as const].flatMap(([b, from]) =>
      b !== undefined && reads.some((s) => s !== from && block.get(s) === b) ? [b] : [],
    )
  })
}

describe('planMemory', () => {
  it.each([
    ['one block', target],
    ['blocks apart', blocks],
  ] as const)('writes over nothing that is still to be read, for random Programs, donations and scratch, in %s', (_, kind) => {
    fc.assert(
      fc.property(
        programs(14),
        fc.infiniteStream(fc.integer({ min: 0, max: 300 })),
        fc.infiniteStream(fc.boolean()),
        ({ f, inputs }, bytes, gives) => {
          const fused = fuse(optimizeProgram(trace(f, ...inputs).program), target)
          const donate = fused.inputs.flatMap((_, k) => (gives.next().value === true ? [k] : []))
          const scratch = doingOf(fused).map(() => {
            const n = bytes.next().value as number
            return n < 150 ? 0 : n
          })
          const plan = planMemory(fused, donate, scratch, kind)
          const { alive } = follow(plan, scratch)
          if (kind.apart) expect(readAndWritten(plan)).toEqual([])
          else expect(plan.workspace.blocks.length).toBeLessThan(2)
          // what is left at the end is handed over, and nothing else
          expect(alive).toBe(plan.handed.filter(Boolean).length)
        },
      ),
      { numRuns: 300 },
    )
  })
  it('lets a result take the block of an argument that is given away, where it is read before it is written', () => {
    const fused = fusedOf((x, y) => np.add(np.mul(x, 2), y), [8], [8])
    expect(planMemory(fused, [0], [0], target).actions[0]!.over).toEqual([0])
    expect(planMemory(fused, [], [0], target).actions[0]!.over).toEqual([-1])
    // a transpose reads elements after they would have been written
    expect(
      planMemory(
        fusedOf((x) => np.add(np.transpose(x), x), [3, 3]),
        [0],
        [0],
        target,
      ).actions[0]!.over,
    ).toEqual([-1])
  })
  it('lets results of rows take the blocks of arguments where everything is loaded before it is stored', () => {
    const fused = fusedOf((x, w) => np.sub(w, np.sum(x, { axis: 1 })), [3, 5], [3])
    expect(doingOf(fused)).toHaveLength(1)
    expect(planMemory(fused, [1], [0], blocks).actions[0]!.over).toEqual([1])
    expect(planMemory(fused, [1], [0], target).actions[0]!.over).toEqual([-1])
    // what is spread over the row is not what is stored
    const softmax = fusedOf((x) => np.exp(np.sub(x, np.max(x, { axis: 1, keepdims: true }))), [3, 5])
    expect(planMemory(softmax, [0], [0], blocks).actions.at(-1)!.over).toEqual([0])
    expect(planMemory(softmax, [0], [0], target).actions.at(-1)!.over).toEqual([-1])
  })
  it('lets a value lie over one of another dtype only where blocks have none', () => {
    const fused = fusedOf((x) => np.astype(np.floor(x), 'int32'), [8])
    expect(planMemory(fused, [0], [0], blocks).actions[0]!.over).toEqual([-1])
    expect(planMemory(fused, [0], [0], target).actions[0]!.over).toEqual([0])
  })
  it('hands over what it made, once, and copies the rest', () => {
    const fused = fusedOf(
      (x) => {
        const y = np.sum(x)
        return [y, x, y]
      },
      [4],
    )
    expect(planMemory(fused, [], [0], target).handed).toEqual([true, false, false])
    expect(planMemory(fused, [0], [0], target).handed).toEqual([true, true, false])
  })
  it('frees a donated input that nothing reads', () => {
    expect(
      planMemory(
        fusedOf((_x, y) => np.sin(y), [4], [4]),
        [0, 1],
        [0],
        target,
      ).unread,
    ).toEqual([0])
  })
})

describe('usageOf', () => {
  it('counts the arena, the blocks and what steps take themselves', () => {
    const fused = fusedOf((x) => np.sum(np.matmul(x, x)), [16, 16])
    const needs = doingOf(fused).map((_, k) => ({ scratch: k === 0 ? 128 : 0, beyond: k === 1 ? 1000 : 0 }))
    const plan = planMemory(
      fused,
      [],
      needs.map((n) => n.scratch),
      target,
    )
    const usage = usageOf(fused, plan, needs, target)
    expect(usage.working).toBe(1024 + 128)
    expect(usage.peak).toBe(1024 + 128 + 64 + 1000)
    expect(usage.scratch).toEqual([128, 1000])
    expect(usage.places).toEqual([[0], [1]])
  })
})
