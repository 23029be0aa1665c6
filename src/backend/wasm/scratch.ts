/** Memory that code needs while it runs: found by running it once on a heap that only counts, then set aside by the plan of the Program. */
import { inLines } from '../../compile/arena.js'
import type { Heap } from './heap.js'
import type { Run, Sweep, Task } from './kernel.js'

/** What code that takes its scratch from a heap is made from. */
interface Site {
  readonly heap: Heap
  readonly sweep: Sweep
}

/** What is written to is forgotten: elements beyond the end of an array are. */
const nowhere = new Int32Array(0)

/**
 * The task of what `build` makes: code that asks the heap for scratch, and sweeps over it, but decides nothing by what is in memory. Its
 * blocks lie one behind the other in the scratch of the task.
 */
export const tasked = <S extends Site>(site: S, build: (site: S) => Run): Task => {
  const { heap, sweep } = site
  let stage: 'made' | 'counted' | 'run' = 'made'
  let [next, most] = [0, 0]
  /** Blocks in order, and those among them that are free already. */
  const blocks: { readonly address: number; free: boolean }[] = []
  const stacked: Heap = {
    ...heap,
    alloc: (bytes, last) => {
      // Kernels are tried out as soon as they are there.
      if (stage === 'made') return heap.alloc(bytes, last)
      const address = next
      next += inLines(Math.max(bytes, 1))
      if (next > most) most = next
      blocks.push({ address, free: false })
      return address
    },
    free: (address, bytes) => {
      if (stage === 'made') return heap.free(address, bytes)
      blocks.find((b) => b.address === address)!.free = true
      while (blocks.at(-1)?.free === true) next = blocks.pop()!.address
    },
    words: () => (stage === 'counted' ? nowhere : heap.words()),
  }
  const run = build({
    ...site,
    heap: stacked,
    sweep: (...args) => {
      if (stage !== 'counted') sweep(...args)
    },
  })
  stage = 'counted'
  run([0, 0], [0], 0)
  stage = 'run'
  const scratch = most
  return {
    scratch,
    beyond: 0,
    run: (inputs, outputs, at) => {
      next = at
      blocks.length = 0
      run(inputs, outputs, at)
    },
  }
}
