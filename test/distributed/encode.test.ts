import { describe, expect, it } from 'vitest'
import { cond, np, printProgram, scan, trace } from 'adjoint'
import type { Tensor } from 'adjoint'
import { decode, encode } from '../../src/distributed/encode.js'
import { interpret } from '../../src/ir/interpret.js'
import { optimize } from '../../src/ir/optimize.js'
import { thrown } from '../errors/thrown.js'

const f = (x: Tensor): readonly Tensor[] => [
  scan((c: Tensor, row: Tensor) => [np.add(c, np.sin(row)), np.mul(c, Infinity)], np.zeros([2]), x)[1],
  cond(np.greater(np.sum(x), -0), (v) => np.sort(v), (v) => np.mul(v, 0.5), x), // prettier-ignore
  np.pad(x, 1),
]

describe('Programs as plain data', () => {
  const program = optimize(trace(f, np.ones([3, 2])).program)
  it('come back as they were, through a structured clone', () => {
    const back = decode(structuredClone(encode('spmd', program)))
    expect(printProgram(back)).toBe(printProgram(program))
    expect(back.inputs.map((v) => v.aval)).toEqual(program.inputs.map((v) => v.aval))
    expect(back.inputs[0]!.aval).toBe(program.inputs[0]!.aval)
    expect(back.equations.map((e) => e.prim)).toEqual(program.equations.map((e) => e.prim))
  })
  it('compute the same', () => {
    const x = np.reshape(np.arange(6, { dtype: 'float32' }), [3, 2])
    const back = decode(structuredClone(encode('spmd', program)))
    expect(interpret(back, [x]).map((y) => y.toArray())).toEqual(f(x).map((y) => y.toArray()))
  })
  it('refuse primitives that are not of the library', () => {
    const other = { ...program, equations: [{ ...program.equations[0]!, prim: { ...program.equations[0]!.prim, name: 'mine' } }] }
    expect(thrown(() => encode('spmd', other))).toMatchInlineSnapshot(`
      "ValueError: spmd: members do not know the primitive mine
        try: primitives of the library, or a lowering by them"
    `)
  })
})
