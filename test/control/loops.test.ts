import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { foriLoop, grad, jit, jvp, map, np, scan, vmap } from '../../src/index.js'
import { expectClose } from '../expectClose.js'
import { f64, near } from './recurrence.js'

const running = (c: Tensor, e: Tensor): readonly [Tensor, Tensor] => {
  const s = np.add(np.mul(c, 2), e)
  return [s, s]
}

describe('scan', () => {
  it('carries state from the first to the last, or from the last to the first, and stacks in the order of xs', () => {
    const [last, all] = scan(running, f64(0), f64([1, 2, 3]))
    expectClose(last, 11, near)
    expectClose(all, [1, 4, 11], near)
    const [first, back] = scan(running, f64(0), f64([1, 2, 3]), { reverse: true })
    expectClose(first, 17, near)
    expectClose(back, [17, 8, 3], near)
  })
  it('of no steps is the start, and nothing stacked', () => {
    const [last, all] = scan(running, f64(5), np.zeros([0], { dtype: 'float64' }))
    expectClose(last, 5, { atol: 0 })
    expect(all.shape).toEqual([0])
  })
  it('runs so many steps where there is nothing to run over', () => {
    const [end, all] = scan((c: Tensor) => [np.mul(c, 3), c], f64(1), null, { length: 4 })
    expectClose(end, 81, near)
    expectClose(all, [1, 3, 9, 27], near)
  })
  it('takes trees of state and of steps', () => {
    const [{ sum, count }, { seen }] = scan(
      (s: { sum: Tensor; count: Tensor }, { a, b }: { a: Tensor; b: Tensor }) => [
        { sum: np.add(s.sum, np.mul(a, np.sum(b))), count: np.add(s.count, 1) },
        { seen: s.count },
      ],
      { sum: f64(0), count: np.array(0, { dtype: 'int32' }) },
      {
        a: f64([1, 2]),
        b: f64([
          [1, 2],
          [3, 4],
        ]),
      },
    )
    expectClose(sum, 17, near)
    expect([count.item(), count.dtype, seen.toArray()]).toEqual([2, 'int32', [0, 1]])
  })
  it('keeps the dtype of the state where the step returns a number of JavaScript', () => {
    const [last, all] = scan(
      (c: Tensor, e: Tensor) => [np.where(np.greater(e, 1), 7.5, 9.5), np.add(c, e)] as const,
      np.array(5),
      np.array([1, 2]),
    )
    expect([last.dtype, all.dtype]).toEqual(['float32', 'float32'])
    expect([last.toArray(), all.toArray()]).toEqual([7.5, [6, 11.5]])
  })
  it('traces its step once, whatever the length', () => {
    let runs = 0
    const counted = (c: Tensor, e: Tensor): readonly [Tensor, null] => {
      runs++
      return [np.add(c, e), null]
    }
    scan(counted, f64(0), f64(Array.from({ length: 500 }, () => 1)))
    expect(runs).toBe(1)
  })
  it('says what does not fit', () => {
    expect(() => scan(running, f64(0), { a: f64([1]), b: f64([1, 2]) } as never)).toThrow(/lengths differ: 1 and 2/)
    expect(() => scan(running, f64(0), f64(1))).toThrow(/leaf 0 of xs is a scalar/)
    expect(() => scan((c: Tensor) => [c, null], f64(0), null)).toThrow(/the number of steps is unknown/)
    expect(() => scan((c: Tensor) => [c, null], f64(0), f64([1, 2]), { length: 3 })).toThrow(/lengths differ: 3 and 2/)
    expect(() => scan(((c: Tensor) => c) as never, f64(0), f64([1]))).toThrow(/must return \[carry, y\]/)
    expect(() => scan((c: Tensor) => [np.stack([c, c]), null], f64(0), f64([1]))).toThrow(/scan/)
  })
})

describe('map', () => {
  it('is the stack of results, one after the other', () => {
    const f = (row: Tensor): Tensor => np.sum(np.square(row))
    const rows = f64([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    expectClose(map(f, rows), [5, 25, 61], near)
    expectClose(map(f, rows), vmap(f)(rows), near)
    expectClose(grad((r: Tensor) => np.sum(map(f, r)))(rows), np.mul(rows, 2), near)
  })
})

describe('foriLoop', () => {
  const body = (i: Tensor, v: Tensor): Tensor => np.add(np.mul(v, 2), i)
  it('counts from the lower bound to before the upper one, in int32', () => {
    expect(foriLoop(0, 10, (i, v) => np.add(v, i), np.array(0, { dtype: 'int32' })).item()).toBe(45)
    expect(foriLoop(3, 6, (i, v) => np.add(v, i), np.array(0, { dtype: 'int32' })).item()).toBe(12)
    expect(foriLoop(-2, 1, (i, v) => np.add(v, i), np.array(0, { dtype: 'int32' })).item()).toBe(-3)
    expect(foriLoop(5, 5, (i, v) => np.add(v, i), np.array(7, { dtype: 'int32' })).item()).toBe(7)
    expect(foriLoop(6, 5, (i, v) => np.add(v, i), np.array(7, { dtype: 'int32' })).item()).toBe(7)
  })
  it('is the same with bounds that are tensors', () => {
    const by = (low: number | Tensor, high: number | Tensor): number => Number(foriLoop(low, high, body, f64(1)))
    const int = (n: number): Tensor => np.array(n, { dtype: 'int32' })
    expect(by(1, 4)).toBe(19)
    expect([by(int(1), 4), by(1, int(4)), by(int(1), int(4)), by(int(4), int(1))]).toEqual([19, 19, 19, 1])
    expect(jit((n: Tensor) => foriLoop(0, n, (_, v) => np.mul(v, 2), f64(1)))(int(5)).item()).toBe(32)
  })
  it('differentiates: both modes with number bounds, forward with tensors', () => {
    const power = (x: Tensor): Tensor => foriLoop(0, 3, (_, v) => np.mul(v, x), f64(1))
    expectClose(grad(power)(f64(2)), 12, near)
    expectClose(grad(grad(power))(f64(2)), 12, near)
    const unknown = (x: Tensor): Tensor => foriLoop(0, np.array(3, { dtype: 'int32' }), (_, v) => np.mul(v, x), f64(1))
    expectClose(jvp(unknown, [f64(2)], [f64(1)])[1], 12, near)
  })
  it('refuses bounds that are no integers', () => {
    expect(() => foriLoop(0, 2.5, body, f64(0))).toThrow(/upper must be a whole number/)
    expect(() => foriLoop(NaN, 2, body, f64(0))).toThrow(/foriLoop/)
  })
})
