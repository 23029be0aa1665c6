import { afterEach, describe, expect, it } from 'vitest'
import { configure, explain, jit, nn, np, reference, type Tensor } from '../../src/index.js'
import { wasm } from '../../src/wasm.js'

const before = (): void => configure({ backend: reference })
afterEach(before)

const layer = (x: Tensor, w: Tensor, b: Tensor): Tensor => nn.softmax(nn.relu(np.add(np.matmul(x, w), b)))
const args = [np.zeros([32, 20]), np.zeros([20, 10]), np.zeros([10])] as const

describe('explain', () => {
  it('names one step per equation where nothing is fused', () => {
    configure({ backend: reference })
    const e = explain(layer, ...args)
    expect(e.backend).toBe('reference')
    expect(e.steps.every((s) => s.equations.length <= 1)).toBe(true)
    expect(e.steps[0]!.name).toBe('dotGeneral')
    expect(e.steps.length).toBeGreaterThan(5)
  })
  it('shows what was fused, with work, traffic and memory', () => {
    configure({ backend: wasm })
    const e = explain(jit(layer), ...args)
    expect(e.steps.map((s) => s.name)).toEqual(['dotGeneral', 'loops 32 | 10'])
    const [product, loops] = e.steps
    expect(product).toMatchObject({
      flops: 2 * 32 * 20 * 10,
      read: 4 * (32 * 20 + 20 * 10),
      written: 4 * 32 * 10,
      inputs: ['float32[32,20]', 'float32[20,10]'],
      outputs: ['float32[32,10]'],
    })
    // add, compare, choose, max, subtract, exp, sum, multiply at every point, one division for each row
    expect(loops).toMatchObject({ flops: 8 * 320 + 32, read: 4 * (320 + 10), written: 4 * 320 })
    expect(loops!.equations).toEqual(expect.arrayContaining(['add', 'le', 'select', 'reduceMax', 'exp', 'reduceSum', 'mul']))
    expect(loops!.equations.indexOf('add')).toBeLessThan(loops!.equations.indexOf('exp'))
    expect(e.flops).toBe(product!.flops + loops!.flops)
    expect(product!.scratch).toBeGreaterThan(0)
    expect(e.working).toBe(4 * 320 + product!.scratch)
    expect(e.peak).toBe(4 * (32 * 20 + 20 * 10 + 10 + 320) + e.working)
  })
  it('counts what changes along rows at every point, a choice by what it is made by too', () => {
    configure({ backend: wasm })
    const f = (x: Tensor, r: Tensor): Tensor => np.sum(np.where(np.greater(x, 0), np.reshape(np.exp(r), [32, 1]), 0), { axis: 1 })
    const { steps } = explain(f, np.zeros([32, 20]), np.zeros([32]))
    expect(steps.map((s) => s.name).filter((n) => n.startsWith('loops'))).toEqual(['loops 32 | 20'])
    // compare, choose and sum at every point, one exponential for each row
    expect(steps.reduce((n, s) => n + s.flops, 0)).toBe(3 * 640 + 32)
  })
  it('reuses the blocks of values that nothing reads any more', () => {
    configure({ backend: wasm })
    const chain = (x: Tensor): Tensor => np.matmul(np.matmul(np.matmul(np.matmul(x, x), x), x), x)
    const { blocks, steps } = explain(chain, np.zeros([16, 16]))
    // The result outlives the run: it has a block of its own.
    expect(blocks.map((b) => b.bytes)).toEqual([1024, 1024, 1024])
    expect(steps.map((s) => s.blocks)).toEqual([[0], [1], [0], [2]])
  })
  it('runs nothing, and takes jitted functions with their static arguments', () => {
    const f = jit((n: number, x: Tensor) => np.mul(n, x), { static: [0] })
    configure({ backend: reference })
    expect(explain(f, 3, np.zeros([4])).steps).toHaveLength(2)
    configure({ backend: wasm })
    expect(explain(f, 3, np.zeros([4])).steps.map((s) => s.name)).toEqual(['loops 4'])
  })
  it('prints amounts with the prefix that fits, up to a million millions', () => {
    configure({ backend: reference })
    const work = (n: number): string =>
      String(explain((x, w) => np.matmul(x, w), np.zeros([n, 10]), np.zeros([10, n])))
        .split('\n')[1]!
        .match(/\d[\d.]* (.?flop)/)![0]
    expect([7, 10, 300, 10_000, 300_000].map(work)).toEqual(['980  flop', '2.0 kflop', '1.8 Mflop', '2.0 Gflop', '1.8 Tflop'])
  })
  it('prints a table', () => {
    configure({ backend: wasm })
    expect(String(explain(layer, ...args))).toMatchInlineSnapshot(`
      "   step                 work   reads  writes  into
      0  dotGeneral     12.8 kflop  3.4 kB  1.3 kB  #0
           float32[32,20] float32[20,10] -> float32[32,10]
      1  loops 32 | 10   2.6 kflop  1.3 kB  1.3 kB  #1
           add, le, select, reduceMax, sub, exp, reduceSum, div, mul
           float32[32,10] float32[10] -> float32[32,10]
      wasm: 2 steps, 15.4 kflop, 4.7 kB read, 2.6 kB written
      memory: 6.2 kB at most, 1.5 kB of it neither argument nor result; 2 values in 2 blocks"
    `)
  })
})
