/** The run loop: the steps of a planned Program over its memory, on whatever machine. */
import type { MemoryPlan } from '../../compile/memory.js'
import { literalBytes } from '../../compile/memory.js'
import type { Allocator, Code, Task } from './allocator.js'

/** The code of a planned Program whose actions run `tasks`; it takes `most` bytes at most. */
export const codeOf = <A>(plan: MemoryPlan, tasks: readonly Task<A>[], memory: Allocator<A>, most: number): Code<A> => {
  const { actions, arena, arity, donate, handed, literals, outputBytes, outputs, owned, sizes, slots, unread } = plan

  const runAll = (at: (A | null)[], base: A | null): A[] => {
    for (let i = 0; i < arena.slots.length; i++) at[arena.slots[i]!] = memory.at(base!, arena.offsets[i]!)
    for (const { slot, value, aval } of literals) {
      const place = (at[slot] ??= memory.alloc(literalBytes))
      memory.set(place, value, aval)
    }
    const drop = (s: number): void => {
      memory.free(at[s]!, sizes[s]!)
      at[s] = null
    }
    unread.forEach(drop)
    for (let k = 0; k < actions.length; k++) {
      const { reads, writes, over, free, sizes: bytes } = actions[k]!
      const ins = new Array<A>(reads.length)
      for (let i = 0; i < reads.length; i++) ins[i] = at[reads[i]!]!
      const outs = new Array<A>(writes.length)
      for (let i = 0; i < writes.length; i++) {
        const s = writes[i]!
        const from = over[i]!
        if (from >= 0) {
          at[s] = at[from]!
          at[from] = null
        } else if (at[s] === null) at[s] = memory.alloc(bytes[i]!, true)
        outs[i] = at[s]!
      }
      // Without an arena no step has scratch, and none looks at its place.
      tasks[k]!.run(ins, outs, base === null ? outs[0]! : memory.at(base, arena.scratch[k]!))
      for (const s of free) drop(s)
    }
    return outputs.map((s, k) => {
      if (handed[k]) return at[s]!
      const copy = memory.alloc(outputBytes[k]!)
      memory.copy(copy, at[s]!, outputBytes[k]!)
      return copy
    })
  }

  const run = (inputs: readonly A[], lost?: number[]): A[] => {
    const at = new Array<A | null>(slots).fill(null)
    for (let k = 0; k < arity; k++) at[k] = inputs[k]!
    let base: A | null = null
    try {
      if (arena.bytes > 0) base = memory.alloc(arena.bytes)
      return runAll(at, base)
    } catch (error) {
      for (const k of donate)
        if (at[k] === null) lost?.push(k)
        else at[k] = null
      for (const s of owned) if (at[s] !== null) memory.free(at[s]!, sizes[s]!)
      // eslint-disable-next-line functional/no-throw-statements -- passed on, once its blocks are free
      throw error
    } finally {
      if (base !== null) memory.free(base, arena.bytes)
    }
  }
  return Object.assign(run, { most })
}
