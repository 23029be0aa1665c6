import { describe, expect, it } from 'vitest'
import { np } from '../../src/index.js'
import type { Tensor } from '../../src/core/tensor.js'
import { grad } from '../../src/transforms/grad.js'
import { pull, push, record } from '../../src/transforms/tape.js'
import { jit } from '../../src/control/jit.js'

const bytes = (tensors: Iterable<Tensor>): number => [...tensors].reduce((n, t) => n + t.size * 8, 0)

/** 100 x [mul, sin, add, tanh] and a sum: 401 operations. */
const chain =
  (w: Tensor) =>
  ([x]: readonly Tensor[]): readonly Tensor[] => {
    let y = x!
    for (let i = 0; i < 100; i++) y = np.tanh(np.add(np.sin(np.mul(y, w)), w))
    return [np.sum(y)]
  }

describe('tape', () => {
  it('holds at most one kept array per operation on an elementwise chain', () => {
    const n = 4096
    const w = np.full([n], 0.5, { dtype: 'float64' })
    const { tape } = record('test', chain(w), [np.linspace(0, 1, n, { dtype: 'float64' })])
    expect(tape.nodes.length).toBe(401)
    const kept = tape.nodes.map((node) => node.saved.filter((t) => t !== null))
    for (const saved of kept) expect(saved.length).toBeLessThanOrEqual(1)
    // mul keeps only the shared constant, sin its input, add and sum nothing, tanh its output
    expect(bytes(new Set(kept.flat()))).toBe((200 + 1) * n * 8)
  })

  it('keeps of a product only the factors that derivatives need', () => {
    const a = np.ones([3])
    const keptOf = (f: (x: Tensor) => Tensor): number =>
      record('test', ([x]) => [f(x!)], [a]).tape.nodes.flatMap((m) => m.saved.filter((t) => t !== null)).length
    expect(keptOf((x) => np.mul(x, a))).toBe(1)
    expect(keptOf((x) => np.mul(x, x))).toBe(2)
    expect(keptOf((x) => np.add(x, a))).toBe(0)
    expect(keptOf((x) => np.exp(x))).toBe(1)
    expect(keptOf((x) => np.greater(x, 0))).toBe(0)
  })

  it('walks back over 100 000 operations without recursion', () => {
    const x = np.array(0.5, { dtype: 'float64' })
    const { tape } = record(
      'test',
      ([v]) => {
        let y = v!
        for (let i = 0; i < 100_000; i++) y = np.sin(y)
        return [y]
      },
      [x],
    )
    expect(tape.nodes.length).toBe(100_000)
    const [dx] = pull(tape, [np.ones([], { dtype: 'float64' })])
    const [dy] = push(tape, [np.ones([], { dtype: 'float64' })])
    expect(dx!.item()).toBeGreaterThan(0)
    expect(dy!.item()).toBeCloseTo(dx!.item() as number, 12)
  })

  it('walks a wide graph once per operation', () => {
    // A balanced tree of sums in which every value is used twice: a walk by paths would be exponential.
    const f = (x: Tensor): Tensor => {
      let y = x
      for (let i = 0; i < 60; i++) y = np.mul(0.5, np.add(y, y))
      return y
    }
    expect(grad(f)(np.asarray(1)).item()).toBe(1)
    expect(grad(jit(f))(np.asarray(1)).item()).toBe(1)
  })

  it('compiles and differentiates a deep program without recursion', () => {
    const f = (x: Tensor): Tensor => {
      let y = x
      for (let i = 0; i < 5000; i++) y = np.mul(np.sin(y), 1.0001)
      return y
    }
    expect(jit(grad(f))(np.asarray(0.5)).item()).toBeCloseTo(grad(f)(np.asarray(0.5)).item() as number, 6)
  })
})
