import { describe, expect, it } from 'vitest'
import { backend as laws } from '../../../laws/backend.js'
import { cond, np, pureCallback, scan, trace, whileLoop } from '../../../src/index.js'
import type { Program, Tensor } from '../../../src/index.js'
import { optimize } from '../../../src/ir/optimize.js'
import { blocksMachine } from './blocks.js'

const programOf = (f: (x: Tensor) => Tensor | readonly Tensor[], n: number): Program => optimize(trace(f, np.zeros([n])).program)

describe('the driver, on a machine whose addresses are objects', () => {
  it('makes a backend of a machine', () => {
    laws(blocksMachine().backend, { numRuns: 20 })
  }, 120_000)

  const cases: Readonly<Record<string, (x: Tensor) => Tensor | readonly Tensor[]>> = {
    'steps one after the other': (x) => np.sum(np.exp(np.sin(np.mul(x, x)))),
    'an input and a result twice': (x) => [x, np.sin(x), np.sin(x), x],
    'a literal': () => np.array(3),
    'a loop of known length': (x) => scan((c: Tensor, y: Tensor) => [np.add(c, y), np.mul(c, y)], np.array(0), x)[1],
    'a loop until something holds': (x) =>
      whileLoop(
        (y: Tensor) => np.less(np.max(y), 100),
        (y: Tensor) => np.add(np.mul(y, 2), 1),
        x,
      ),
    'a choice': (x) =>
      cond(
        np.greater(np.sum(x), 0),
        (y: Tensor) => np.sin(y),
        (y: Tensor) => np.negative(y),
        x,
      ),
  }
  it.each(Object.entries(cases))('gives back all that it takes but the results: %s', (_, f) => {
    const program = programOf(f, 3)
    for (const donate of [[], [0]].slice(0, program.inputs.length + 1)) {
      const { backend, alive } = blocksMachine()
      const x = backend.put(Float32Array.of(1, 2, 3), program.inputs[0]!.aval)
      const results = backend.compile(program, { donate })([x])
      expect(alive()).toBe(results.length + (donate.length === 0 ? 1 : 0))
    }
  })

  it.each([
    ['late', 'reduceSum', 0, [0]],
    ['at once', 'exp', 1, []],
  ] as const)('frees what it has made when a step fails %s, and says which donated inputs are lost', (_, name, left, lost) => {
    const program = programOf((x) => np.sum(np.sin(np.exp(x))), 3)
    expect(program.equations.map((e) => e.prim.name)).toEqual(['exp', 'sin', 'reduceSum'])
    for (const donate of [[], [0]]) {
      const { code, place, alive } = blocksMachine((e) => e.prim.name === name).linked(program, donate)
      const gone: number[] = []
      expect(() => code([place(program.inputs[0]!.aval)], gone)).toThrow(`${name} fails`)
      expect(alive()).toBe(donate.length === 0 ? 1 : left)
      expect(gone).toEqual(donate.length === 0 ? [] : lost)
    }
  })

  it('frees what the steps of loops before a failing one have made, and what was under way', () => {
    const failing = (at: number) => {
      let calls = 0
      return (y: Tensor): Tensor => {
        if (++calls === at) throw new Error('enough')
        return y
      }
    }
    const step = (f: (y: Tensor) => Tensor, y: Tensor): Tensor => np.sin(pureCallback(f, { shape: [3], dtype: 'float32' }, np.add(y, 1)))
    const loops: readonly ((f: (y: Tensor) => Tensor, x: Tensor) => Tensor | readonly Tensor[])[] = [
      (f, x) => scan((c: Tensor, y: Tensor) => [step(f, c), np.mul(y, c)] as const, x, np.add(x, 1)),
      (f, x) =>
        whileLoop(
          (c: Tensor) => np.less(np.sum(c), 1e9),
          (c) => step(f, c),
          x,
        ),
      (f, x) =>
        whileLoop(
          (c: Tensor) => np.less(np.sum(step(f, c)), 1e9),
          (c) => np.add(c, 1),
          x,
        ),
      (f, x) => cond(np.less(np.sum(x), 1), (y: Tensor) => step(f, step(f, step(f, y))), np.neg, x),
    ]
    for (const loop of loops)
      for (const at of [1, 2, 3]) {
        const program = programOf((x) => loop(failing(at), x), 3)
        const { code, place, alive } = blocksMachine().linked(program, [])
        const x = place(program.inputs[0]!.aval)
        expect(() => code([x])).toThrow('threw Error: enough')
        expect(alive()).toBe(1)
      }
  })
})
