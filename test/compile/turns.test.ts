import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { debug, foriLoop, jit, np, pureCallback, trace } from '../../src/index.js'
import { fuse } from '../../src/compile/loops.js'
import { processorFusion, processorMemory } from '../../src/compile/target.js'
import { turnsOf } from '../../src/compile/turns.js'
import { optimize } from '../../src/ir/optimize.js'
import { expectClose } from '../expectClose.js'

const x = np.linspace(0, 1, 100)
const target = { name: 'any', definitions: {}, fusion: processorFusion, ...processorMemory, hasRoutine: () => false }

/** `n` loops on what is known, with a call of the host after each: what the calls read and make would fuse with what comes later. */
const staircase =
  (n: number, note: (k: number) => void) =>
  (v: Tensor): readonly Tensor[] => {
    let y = v
    const results: Tensor[] = []
    for (let k = 0; k < n; k++) {
      const own = np.sin(np.mul(v, k))
      debug.callback(() => {
        note(k)
      }, own)
      const told = pureCallback(
        (z) => {
          note(k + 0.5)
          return z
        },
        v,
        v,
      )
      y = np.add(y, np.mul(own, told))
      results.push(np.sum(np.mul(y, own)))
    }
    return [y, ...results]
  }

describe('turns', () => {
  it('order what calls the host, itself or in Programs that it holds, and nothing else', () => {
    const { program } = trace((v: Tensor) => {
      debug.print('{}', np.sin(v))
      const w = foriLoop(0, 2, (_, c: Tensor) => (debug.print('{}', c), c), v)
      return pureCallback(
        (z) => z,
        v,
        foriLoop(0, 2, (_, c: Tensor) => np.exp(c), w),
      )
    }, x)
    const ids = [...program.inputs, ...program.equations.flatMap((e) => e.outputs)].map((v) => v.id)
    const turns = turnsOf(program)
    expect([...turns.keys()].map((e) => e.prim.name)).toEqual(['debugCallback', 'scan', 'pureCallback'])
    const [a, b, c] = [...turns.values()]
    expect([a!.after, b!.after, c!.after]).toEqual([null, a!.done, b!.done])
    expect([a, b, c].some((t) => ids.includes(t!.done))).toBe(false)
    expect(turnsOf(trace(np.sin, x).program).size).toBe(0)
  })
  it('keep the order of the Program where fusion would have another', () => {
    const seen: number[] = []
    const f = staircase(4, (k) => seen.push(k))
    const order = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]
    const results = jit(f)(x)
    expect(seen.splice(0)).toEqual(order)
    const eager = f(x)
    expect(seen).toEqual(order)
    expectClose(np.concatenate(results.map((y) => np.ravel(y))), np.concatenate(eager.map((y) => np.ravel(y))), { rtol: 1e-5 })
    // Without the calls all of it is one pass: they cost what they must.
    const { steps } = fuse(optimize(trace(f, x).program), target)
    expect(steps.filter((s) => s.kind === 'equation')).toHaveLength(8)
  })
})
