import { describe, expect, it } from 'vitest'
import type { Primitive } from '../../src/extend.js'
import { bindAll } from '../../src/extend.js'
import type { Tensor, TypedArray } from '../../src/index.js'
import { checkpoint, foriLoop, jit, np, pureCallback, trace, ValueError } from '../../src/index.js'
import { callsHost, hasEffect } from '../../src/ir/host.js'

type Given = { readonly gives: () => readonly TypedArray[] }

/** A primitive of a user, done on the host; what it gives is a parameter. */
const given = (effect: boolean): Primitive<Given> => ({
  name: 'given',
  shape: ([x]) => [x!, x!],
  linear: { kind: 'zero' },
  batch: 'elementwise',
  lower: { kind: 'host', ...(effect ? { effect } : {}), run: (_inputs, _outputs, { gives }) => gives() },
})
const [quiet, loud] = [given(false), given(true)]
const x = np.array([1, 2])
const equations = (f: (y: Tensor) => unknown) => trace(f, x).program.equations

describe('functions of the host', () => {
  it('are found in Programs, and those with effects, however deep', () => {
    const of = (prim: Primitive<Given>) => (y: Tensor) => bindAll(prim, [y], { gives: () => [] })[0]!
    const deep = (f: (y: Tensor) => Tensor) => equations((y) => foriLoop(0, 2, (_, c: Tensor) => checkpoint(jit(f))(c), y))
    const said = (es: ReturnType<typeof equations>): boolean[][] => es.map((e) => [callsHost(e), hasEffect(e)])
    expect(said(equations(of(quiet)))).toEqual([[true, false]])
    expect(said(equations(of(loud)))).toEqual([[true, true]])
    expect(said(deep(of(quiet)))).toEqual([[true, false]])
    expect(said(deep(of(loud)))).toEqual([[true, true]])
    expect(said(deep(np.sin))).toEqual([[false, false]])
    expect(said(equations((y) => pureCallback(() => 1, { shape: [], dtype: 'float32' }, y)))).toEqual([[true, false]])
  })
  it('give one array of the right length and kind for each output', () => {
    const run = (...arrays: TypedArray[]) => {
      const f = (y: Tensor): readonly Tensor[] => bindAll(quiet, [y], { gives: () => arrays })
      for (const g of [f, jit(f)]) g(x)
      return f(x).map((t) => t.toArray())
    }
    const right = Float32Array.of(3, 4)
    const results = run(right, right)
    right[0] = 9
    expect(results).toEqual([
      [3, 4],
      [3, 4],
    ])
    expect(() => run(right)).toThrow(ValueError)
    expect(() => run(right)).toThrow('given: its function gave 1 arrays for 2 outputs')
    expect(() => run(right, Float32Array.of(1))).toThrow(
      'given: its function gave a Float32Array of 1 for output 1\n  output: float32[2]\n  try: a Float32Array of 2 elements, in row-major order',
    )
    expect(() => run(Float64Array.of(1, 2), right)).toThrow('gave a Float64Array of 2 for output 0')
  })
  it('copies what it is given: arrays that its user changes later change no tensor', () => {
    const mine = Float32Array.of(1, 2)
    const f = (y: Tensor): readonly Tensor[] => bindAll(quiet, [y], { gives: () => [mine, mine] })
    const [a, b] = [f(x)[0]!, jit(f)(x)[0]!]
    mine.fill(7)
    expect([a.toArray(), b.toArray()]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })
})
