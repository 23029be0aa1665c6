import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { jit, np } from '../../src/index.js'
import { f64 } from './recurrence.js'

/** A jitted function that counts its traces. */
const counted = <A extends unknown[]>(f: (...args: A) => Tensor, options = {}) => {
  let traces = 0
  const g = jit((...args: A) => {
    traces++
    return f(...args)
  }, options)
  return { call: (...args: A): number => Number(np.sum(g(...args))), traces: () => traces }
}

describe('what is traced anew', () => {
  it('shapes, dtypes and structures; values are not', () => {
    const { call, traces } = counted((x: unknown) => np.sum(Array.isArray(x) ? (x[0] as Tensor) : (x as Tensor)))
    expect([call(f64([1, 2])), call(f64([3, 4])), traces()]).toEqual([3, 7, 1])
    call(f64([1, 2, 3]))
    expect(traces()).toBe(2)
    call(np.array([1, 2], { dtype: 'float32' }))
    expect(traces()).toBe(3)
    call([f64([1, 2])])
    expect(traces()).toBe(4)
    call(f64([5, 6]))
    expect(traces()).toBe(4)
  })
  it('numbers are traced as scalars', () => {
    const { call, traces } = counted((x: unknown) => np.mul(x as Tensor, 2))
    expect([call(3), call(4), call(0.5), traces()]).toEqual([6, 8, 1, 1])
  })
  it('statics, by identity: NaN is itself, -0 is not 0', () => {
    const { call, traces } = counted((x: Tensor, n: unknown) => np.mul(x, Number(n)), { static: [1] })
    expect([call(f64(2), 3), call(f64(5), 3), traces()]).toEqual([6, 15, 1])
    call(f64(2), NaN)
    call(f64(2), NaN)
    expect(traces()).toBe(2)
    call(f64(2), 0)
    call(f64(2), -0)
    expect(traces()).toBe(4)
  })
  it('the least recently used of 64 forms goes first', () => {
    const { call, traces } = counted((x: Tensor, n: unknown) => np.mul(x, Number(n)), { static: [1] })
    for (let n = 0; n < 64; n++) call(f64(1), n)
    call(f64(1), 0)
    expect(traces()).toBe(64)
    call(f64(1), 64)
    expect(traces()).toBe(65)
    call(f64(1), 0)
    expect(traces()).toBe(65)
    call(f64(1), 1)
    expect(traces()).toBe(66)
  })
  it('every call of a jit inside a running transform that closes over its values', () => {
    const f = (x: Tensor): Tensor => jit((y: Tensor) => np.mul(y, x))(f64(3))
    expect([Number(f(f64(2))), Number(f(f64(5)))]).toEqual([6, 15])
  })
})

describe('donation', () => {
  it('takes the tensors of the arguments it names, and no others', () => {
    const step = jit((p: { w: Tensor }, x: Tensor) => np.sub(p.w, x), { donate: [0] })
    const [p, x] = [{ w: np.mul(np.ones([1000]), 3) }, np.ones([1000])]
    expect(Number(np.sum(step(p, x)))).toBe(2000)
    expect(() => p.w.toTypedArray()).toThrow(/donat/)
    expect(Number(np.sum(x))).toBe(1000)
  })
})
