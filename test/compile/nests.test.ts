/** Loops that read at positions of their own: how many passes there are, and that kernels read what the Program reads. */
import { describe, expect, it } from 'vitest'
import { fuse } from '../../src/compile/loops.js'
import { aval } from '../../src/core/aval.js'
import type { DType } from '../../src/core/dtype.js'
import { target } from '../../src/backend/wasm/target.js'
import { programKernel } from '../../src/backend/reference/program.js'
import { optimize } from '../../src/ir/optimize.js'
import { trace } from '../../src/ir/trace.js'
import { byGrain, compileSteps, uneven } from '../backend/wasm/run.js'
import { interpret } from './interpret.js'
import { positioned } from './positioned.js'

const all: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'bool']

describe('random Programs with positions', () => {
  it.each(all)('of %s mean what they say, read nothing that is not there, and run so', (dtype) => {
    let gathers = 0
    const rounds = Number(process.env.ROUNDS ?? 60)
    for (let seed = 1; seed <= rounds; seed++) {
      const { f, inputs } = positioned(dtype, seed, 3 + (seed % 9))
      const program = optimize(
        trace(
          'test',
          f,
          inputs.map(({ shape, dtype: d }) => aval(shape, d)),
        ).program,
      )
      const data = inputs.map((x) => x.data)
      const want = programKernel(program)(data)
      const fused = fuse(program, target)
      for (const step of fused.steps) if (step.kind === 'loops') gathers += step.values.filter((v) => v.op === 'gather').length
      const same = (got: readonly ArrayLike<number>[], by: string): void => {
        expect(got.length).toBe(want.length)
        got.forEach((x, k) => {
          expect(Array.from(x), `seed ${seed}, output ${k}, ${by}`).toEqual(Array.from(want[k]!))
        })
      }
      same(interpret(fused, data), 'interpreted')
      const run = compileSteps(program)
      for (const cuts of [byGrain, uneven]) same(run(data, cuts), 'compiled')
    }
    expect(gathers).toBeGreaterThan(rounds / 2)
  })
})
