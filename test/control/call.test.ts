import { afterEach, describe, expect, it } from 'vitest'
import { checkpoint, explain, grad, jit, vmap } from '../../src/index.js'
import { configure, device } from '../../src/device/select.js'
import type { Tensor } from '../../src/core/tensor.js'
import { optimize } from '../../src/ir/optimize.js'
import { trace } from '../../src/ir/trace.js'
import * as np from '../../src/numpy.js'
import { fastest } from '../device/counting.js'
import { dyadic, values } from '../prim/subject.js'

const first = device()
afterEach(() => {
  configure({ backend: first })
})

const names = (f: (x: Tensor) => Tensor, x: Tensor): readonly string[] =>
  optimize(trace('test', ([y]) => [f(y!)], [x.aval]).program)
    .equations.map((e) => e.prim.name)
    .filter((name) => name !== 'broadcast')

describe('a jitted function inside a jitted one', () => {
  const x = dyadic([1000], 3)
  const plain = (y: Tensor): Tensor => np.mul(np.sin(y), 2)
  const inner = jit(plain)

  it('costs nothing: one step, read and written once', () => {
    configure({ backend: 'wasm' })
    const nested = explain(
      jit((y: Tensor) => np.sub(inner(y), 3)),
      x,
    )
    const flat = explain(
      jit((y: Tensor) => np.sub(plain(y), 3)),
      x,
    )
    expect(nested.steps).toHaveLength(1)
    expect(String(nested)).toBe(String(flat))
  })
  it('at any depth, under grad and vmap', () => {
    const deep = jit((y: Tensor) => inner(jit(inner)(y)))
    expect(names(deep, x)).toEqual(['sin', 'mul', 'sin', 'mul'])
    expect(names((y) => grad((z: Tensor) => np.sum(inner(z)))(y), x)).not.toContain('call')
    expect(names((y) => vmap(inner)(y), x)).not.toContain('call')
  })
  it.each(['wasm', 'reference'])('gives the same bits: %s', (backend) => {
    configure({ backend })
    const f = (g: (y: Tensor) => Tensor) => (y: Tensor) => np.sub(g(np.add(g(y), 0.1)), y)
    expect(values(jit(f(inner))(x))).toEqual(values(jit(f(plain))(x)))
    const loss = (g: (y: Tensor) => Tensor) => (y: Tensor) => np.sum(f(g)(y))
    expect(values(jit(grad(loss(inner)))(x))).toEqual(values(jit(grad(loss(plain)))(x)))
  })
  it('stays a call where it is given memory, and a checkpoint stays one', () => {
    const donating = jit(plain, { donate: [0] })
    expect(names((y) => donating(np.add(y, 1)), x)).toEqual(['add', 'call'])
    expect(names(checkpoint(plain), x)).toEqual(['checkpoint'])
  })
})

describe('a jitted layer called a thousand times', () => {
  const layer = jit((x: Tensor) => np.add(np.tanh(np.mul(x, 1.5)), 1))
  const deep = (n: number) => (x: Tensor) => {
    let y = x
    for (let i = 0; i < n; i++) y = layer(y)
    return y
  }
  it('compiles in a time that grows with the calls', () => {
    configure({ backend: 'wasm' })
    const x = dyadic([16], 1, 'float32')
    const compiled = (n: number) => (): void => {
      values(jit(grad((y: Tensor) => np.sum(deep(n)(y))))(x))
    }
    // Beyond 4096 equations calls stay calls: the time must not jump there.
    expect(fastest(compiled(2400), 1)).toBeLessThan(16 * fastest(compiled(600), 1) + 500)
  })
  it('and doubled twenty times over too', () => {
    const twice = (f: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) => jit((x: Tensor) => f(f(x)))
    let f = (x: Tensor): Tensor => np.mul(x, 0.999)
    for (let k = 0; k < 14; k++) f = twice(f)
    const start = performance.now()
    expect(values(f(np.ones([2])))[0]).toBeCloseTo(0.999 ** (2 ** 14), 6)
    expect(performance.now() - start).toBeLessThan(20_000)
  })
})
