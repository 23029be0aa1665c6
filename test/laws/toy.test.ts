/** A primitive of one's own, as one object: passes the laws, and works under every transform. */
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import type { Primitive } from '../../src/extend.js'
import { grad, jit, jvp, np, scan, vmap } from '../../src/index.js'
import { bind, none, partial, kernel as s } from '../../src/extend.js'
import { elementwise, expectClose, laws, LawError, tensorOf } from '../../laws/index.js'
import { options } from './options.js'

/** `x exp(-x^2)`: the derivative of a Gaussian, up to a factor. */
const ricker: Primitive = {
  name: 'ricker',
  shape: ([x]) => [x!],
  linear: {
    kind: 'elementwise',
    partials: [partial([0], ([x]) => np.mul(np.sub(1, np.mul(2, np.mul(x!, x!))), np.exp(np.neg(np.mul(x!, x!)))))],
  },
  batch: 'elementwise',
  lower: { kind: 'scalar', body: ([x]) => s.mul(x!, s.exp(s.neg(s.mul(x!, x!)))) },
}
const f = (x: Tensor): Tensor => bind(ricker, [x], none)
const sum = (x: Tensor): Tensor => np.sum(f(x))

const xs = [0, 0.5, -1, 1.25]
const x = tensorOf(xs, [4])
const value = (v: number): number => v * Math.exp(-v * v)
const slope = (v: number): number => (1 - 2 * v * v) * Math.exp(-v * v)
const close = { bound: 1e-15 }

describe('a toy primitive', () => {
  it('passes the laws of primitives', () => {
    laws.primitive(ricker, elementwise(1), options(40))
  })
  it('has a value', () => {
    expectClose('value', f(x), tensorOf(xs.map(value), [4]), close)
  })
  it('under grad', () => {
    expectClose('grad', grad(sum)(x), tensorOf(xs.map(slope), [4]), close)
  })
  it('under grad of grad', () => {
    const second = (v: number): number => (4 * v ** 3 - 6 * v) * Math.exp(-v * v)
    expectClose('second', grad((y: Tensor) => np.sum(grad(sum)(y)))(x), tensorOf(xs.map(second), [4]), { bound: 1e-14 })
  })
  it('under jvp', () => {
    expectClose('jvp', jvp(f, [x], [tensorOf([1, 1, 1, 1], [4])])[1], tensorOf(xs.map(slope), [4]), close)
  })
  it('under vmap', () => {
    expectClose('vmap', vmap(grad(f))(x), tensorOf(xs.map(slope), [4]), close)
  })
  it('under jit', () => {
    expectClose('jit', jit(f)(x), f(x), { signedZeros: true })
    expectClose('jit of grad', jit(grad(sum))(x), grad(sum)(x), { signedZeros: true })
  })
  it('under scan, and grad through it', () => {
    const run = (y: Tensor): Tensor => scan((c: Tensor, v: Tensor) => [np.add(c, f(v)), c] as const, tensorOf([0], []), y)[0]
    expectClose('scan', run(x), tensorOf([xs.reduce((t, v) => t + value(v), 0)], []), close)
    expectClose('grad of scan', grad(run)(x), tensorOf(xs.map(slope), [4]), close)
  })
  it('is found out when its derivative is wrong', () => {
    const wrong: Primitive = {
      ...ricker,
      linear: { kind: 'elementwise', partials: [partial([0], ([y]) => np.exp(np.neg(np.mul(y!, y!))))] },
    }
    expect(() => {
      laws.primitive(wrong, elementwise(1), options(40))
    }).toThrow(LawError)
  })
  it('is found out when its batching rule is wrong', () => {
    const wrong: Primitive = { ...ricker, batch: ([y]) => [f(np.neg(y!))] }
    expect(() => {
      laws.primitive(wrong, elementwise(1), options(40))
    }).toThrow(/vmap/)
  })
  it('is found out when its shape rule is wrong', () => {
    const wrong: Primitive = { ...ricker, shape: ([y]) => [np.zeros([...y!.shape, 1], { dtype: y!.dtype }).aval] }
    expect(() => {
      laws.primitive(wrong, elementwise(1), options(40))
    }).toThrow(LawError)
  })
})
