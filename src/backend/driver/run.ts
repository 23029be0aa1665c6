/** The run loop: the steps of a planned Program over its memory, on whatever machine. */
import type { MemoryPlan } from '../../compile/memory.js'
import { literalBytes } from '../../compile/memory.js'
import type { Allocator, Code, Task } from './allocator.js'
import type { Later, Soon } from './later.js'

/** One run: the address of every slot, the blocks of the workspace, and those of outputs that are copies. */
interface Run<A> {
  readonly at: (A | null)[]
  readonly bases: A[]
  copies: A[] | null
}

/** The code of a planned Program whose actions run `tasks`; it takes `most` bytes at most. */
export const codeOf = <A>(plan: MemoryPlan, tasks: readonly Task<A>[], memory: Allocator<A>, most: number): Code<A> => {
  const { actions, arity, donate, handed, literals, outputBytes, outputs, owned, sizes, slots, unread } = plan
  const { blocks, slots: working, scratch } = plan.workspace
  const [workingSlots, workingBlocks, workingOffsets] = [
    working.map((w) => w.slot),
    working.map((w) => w.block),
    working.map((w) => w.offset),
  ]
  const none: A[] = []

  const drop = (at: (A | null)[], s: number): void => {
    memory.free(at[s]!, sizes[s]!)
    at[s] = null
  }
  const start = (inputs: readonly A[]): Run<A> => {
    const at = new Array<A | null>(slots).fill(null)
    for (let k = 0; k < arity; k++) at[k] = inputs[k]!
    return { at, bases: blocks.length === 0 ? none : [], copies: null }
  }
  /** Takes the workspace and gives slots in it, and literals, their places. */
  const place = ({ at, bases }: Run<A>): void => {
    for (let k = 0; k < blocks.length; k++) bases.push(memory.alloc(blocks[k]!))
    for (let k = 0; k < working.length; k++) at[workingSlots[k]!] = memory.at(bases[workingBlocks[k]!]!, workingOffsets[k]!)
    for (const { slot, value, aval } of literals) memory.set((at[slot] ??= memory.alloc(literalBytes)), value, aval)
    for (const s of unread) drop(at, s)
  }
  /** Gives the workspace back, or as much of it as there is. */
  const clear = (bases: readonly A[]): void => {
    for (let k = 0; k < bases.length; k++) memory.free(bases[k]!, blocks[k]!)
  }
  const begin = (k: number, { at, bases }: Run<A>): Later => {
    const { reads, writes, over, sizes: bytes } = actions[k]!
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
    // A step without scratch does not look at its place.
    const own = scratch[k]!
    return tasks[k]!.run(ins, outs, own === null ? outs[0]! : memory.at(bases[own.block]!, own.offset))
  }
  const results = (run: Run<A>): readonly A[] => {
    const { at } = run
    const made = new Array<A>(outputs.length)
    for (let k = 0; k < outputs.length; k++) {
      const from = at[outputs[k]!]!
      if (handed[k]) {
        made[k] = from
        continue
      }
      const copy = memory.alloc(outputBytes[k]!)
      ;(run.copies ??= []).push(copy)
      memory.copy(copy, from, outputBytes[k]!)
      made[k] = copy
    }
    return made
  }
  const steps = (first: number, run: Run<A>): Soon<readonly A[]> => {
    for (let k = first; k < actions.length; k++) {
      const later = begin(k, run)
      if (later !== undefined && later instanceof Promise)
        return later.then(() => {
          for (const s of actions[k]!.free) drop(run.at, s)
          return steps(k + 1, run)
        })
      for (const s of actions[k]!.free) drop(run.at, s)
    }
    return results(run)
  }
  /** Gives back what a failed run holds, but donated inputs that are as they were. */
  const abandon = ({ at, bases, copies }: Run<A>, lost: number[] | undefined): void => {
    for (const k of donate)
      if (at[k] === null) lost?.push(k)
      else at[k] = null
    for (const s of owned) if (at[s] !== null) memory.free(at[s]!, sizes[s]!)
    copies?.forEach((copy, n) => {
      memory.free(copy, outputBytes.filter((_, k) => !handed[k])[n]!)
    })
    clear(bases)
  }

  const failed = (run: Run<A>, lost: number[] | undefined, error: unknown): never => {
    abandon(run, lost)
    // eslint-disable-next-line functional/no-throw-statements -- passed on, once its blocks are free
    throw error
  }
  const end = (run: Run<A>, done: readonly A[]): readonly A[] => {
    clear(run.bases)
    return done
  }
  const code = (inputs: readonly A[], lost?: number[]): Soon<readonly A[]> => {
    const run = start(inputs)
    let done: Soon<readonly A[]>
    try {
      place(run)
      done = steps(0, run)
    } catch (error) {
      return failed(run, lost, error)
    }
    if (!(done instanceof Promise)) return end(run, done)
    return done.then(
      (there) => end(run, there),
      (error: unknown) => failed(run, lost, error),
    )
  }
  return Object.assign(code, { most })
}
