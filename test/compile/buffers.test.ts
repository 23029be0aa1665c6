/** A bound on the blocks that a kernel names holds in the memory plan, whatever is given away. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { programs } from '../../laws/program.js'
import { target } from '../../src/backend/wasm/target.js'
import { fuse } from '../../src/compile/loops.js'
import { doingOf, planMemory } from '../../src/compile/memory.js'
import type { Target } from '../../src/compile/target.js'
import { optimizeProgram } from '../../src/extend.js'
import { np, optim, trace } from '../../src/index.js'
import type { Program, Tensor } from '../../src/index.js'

/** A machine whose kernels name eight blocks, none read and written. */
const eight: Target = { ...target, name: 'eight', align: 8, apart: true, storesLast: true, buffers: 8 }

/** Blocks that every kernel names, by the memory plan. */
const namedBlocks = (program: Program, on: Target, donate: readonly number[]): readonly number[] => {
  const fused = fuse(program, on, donate)
  const steps = doingOf(fused)
  const { actions } = planMemory(
    fused,
    donate,
    steps.map(() => 0),
    on,
  )
  return actions.flatMap(({ reads, writes, over }, k) =>
    steps[k]!.kind === 'loops' ? [new Set(reads).size + writes.length - over.filter((s) => s >= 0).length] : [],
  )
}

describe('a bound on blocks', () => {
  const adam = optim.adam(1e-2)
  const step = (p: Tensor, g: Tensor, s: ReturnType<typeof adam.init>) => {
    const [u, next] = adam.update([g], s, [p])
    return [optim.applyUpdates([p], u), next] as const
  }
  const w = np.ones([7, 5])
  const { program } = trace(step, w, w, adam.init([w]))

  it('is kept by random Programs, whatever is given away', () => {
    let most = 0
    fc.assert(
      fc.property(programs(24), fc.infiniteStream(fc.boolean()), fc.boolean(), ({ f, inputs }, gives, storesLast) => {
        const traced = optimizeProgram(trace(f, ...inputs).program)
        const donate = traced.inputs.flatMap((_, k) => (gives.next().value === true ? [k] : []))
        const on = { ...eight, buffers: 4, storesLast }
        const blocks = Math.max(0, ...namedBlocks(traced, on, donate))
        // no equation alone names more
        expect(blocks).toBeLessThanOrEqual(4)
        most = Math.max(most, ...namedBlocks(traced, { ...on, buffers: Infinity }, donate))
      }),
      { numRuns: 200 },
    )
    expect(most).toBeGreaterThan(4)
  })
  it('counts an update in place as what it takes: a step of Adam on one weight is one kernel', () => {
    const optimised = optimizeProgram(program)
    const all = optimised.inputs.map((_, k) => k)
    // the bias corrections are one number; then w, m and v over themselves, g and that number
    expect(namedBlocks(optimised, { ...eight, buffers: Infinity }, [])).toEqual([2, 8])
    expect(namedBlocks(optimised, { ...eight, buffers: 6 }, all)).toEqual([1, 5])
    const anew = namedBlocks(optimised, { ...eight, buffers: 6 }, [])
    expect(anew.length).toBeGreaterThan(2)
    expect(Math.max(...anew)).toBeLessThanOrEqual(6)
  })
})
