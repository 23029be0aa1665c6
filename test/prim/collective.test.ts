import { describe, expect, it } from 'vitest'
import { TraceError } from '../../src/core/errors.js'
import type { Tensor } from '../../src/core/tensor.js'
import { mul } from '../../src/prim/arithmetic.js'
import { checkpoint } from '../../src/control/checkpoint.js'
import { cond } from '../../src/control/cond.js'
import { jit } from '../../src/control/jit.js'
import { scan } from '../../src/control/loops.js'
import { allGather, axisIndex, psum } from '../../src/prim/collective.js'
import { reduceSum } from '../../src/prim/structure.js'
import { allGather as gathered, pmean } from '../../src/transforms/collective.js'
import { vjp } from '../../src/transforms/vjp.js'
import { vmap } from '../../src/transforms/vmap.js'
import { dyadic, expectClose, expectDerivatives, tensor, values } from './subject.js'

const over = (f: (x: Tensor) => Tensor) => vmap(f, { axisName: 'i' })

describe('collectives over a named axis', () => {
  const x = tensor([3, 2], [1, 2, 3, 4, 5, 6])
  it('psum is the same sum for all', () => {
    expect(values(over((v) => psum(v, 'i'))(x))).toEqual([9, 12, 9, 12, 9, 12])
    expect(values(over(() => psum(tensor([], [2]), 'i'))(x))).toEqual([6, 6, 6])
  })
  it('axisIndex', () => {
    expect(values(over(() => axisIndex('i', 3))(x))).toEqual([0, 1, 2])
  })
  it('allGather', () => {
    const y = over((v) => allGather(v, 'i', 3))(x)
    expect(y.shape).toEqual([3, 3, 2])
    expect(values(y).slice(6, 12)).toEqual(values(x))
    expect(over(() => allGather(tensor([], [1]), 'i', 3))(x).shape).toEqual([3, 3])
  })
  it('another axis passes through, inside and outside', () => {
    const z = dyadic([4, 3, 2])
    for (const f of [(v: Tensor) => psum(v, 'i'), (v: Tensor) => allGather(v, 'i', 3), (v: Tensor) => mul(v, psum(v, 'i'))]) {
      const each = (k: number): Tensor => over(f)(tensor([3, 2], values(z).slice(6 * k, 6 * k + 6)))
      const outside = vmap(over(f))(z)
      const inside = over((v) => vmap(f)(v))(
        tensor(
          [3, 4, 2],
          [0, 1, 2].flatMap((i) => [0, 1, 2, 3].flatMap((k) => values(z).slice(6 * k + 2 * i, 6 * k + 2 * i + 2))),
        ),
      )
      for (let k = 0; k < 4; k++)
        expectClose(tensor(each(k).shape, values(outside).slice(k * each(k).size, (k + 1) * each(k).size)), each(k))
      expect(inside.size).toBe(outside.size)
      expect([...values(inside)].sort()).toEqual([...values(outside)].sort())
    }
  })
  it('derivatives around the axis', () => {
    expectDerivatives((v) => [over((w) => mul(w, psum(w, 'i')))(v)], [dyadic([3, 2])])
    expectDerivatives((v) => [over((w) => mul(w, reduceSum(allGather(w, 'i', 3), [0])))(v)], [dyadic([3, 2])])
  })
  it('derivatives inside the axis are those of the sum over all members', () => {
    for (const f of [(w: Tensor) => mul(w, psum(w, 'i')), (w: Tensor) => mul(w, reduceSum(allGather(w, 'i', 3), [0]))]) {
      const whole = vjp(over(f), x)[1](tensor([3, 2], [1, 1, 1, 1, 1, 1]))[0]
      expectClose(over((w) => vjp(f, w)[1](tensor([2], [1, 1]))[0])(x), whole)
    }
  })
  it('inside of Programs, also of arguments that are the same for all', () => {
    const one = tensor([], [1])
    const wraps: readonly ((f: (v: Tensor) => Tensor) => (v: Tensor) => Tensor)[] = [
      jit,
      checkpoint,
      (f) => jit(checkpoint(f)),
      (f) => (v) => cond(true, f, f, v),
      (f) => (v) => scan((c: Tensor, w: Tensor) => [c, f(w)], one, tensor([1], values(v)))[1],
    ]
    for (const wrap of wraps) {
      expect(values(over(() => wrap((v) => psum(v, 'i'))(one))(x))).toEqual([3, 3, 3])
      expect(values(over(() => wrap(() => axisIndex('i', 3))(one))(x))).toEqual([0, 1, 2])
      expect(values(over(() => wrap((v) => allGather(v, 'i', 3))(one))(x))).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1])
    }
  })
  it('a compiled function is traced anew where the axis has another size', () => {
    for (const wrap of [jit, checkpoint]) {
      const mean = wrap((v: Tensor) => pmean(v, 'i'))
      const all = wrap((v: Tensor) => gathered(v, 'i'))
      for (const n of [3, 4, 3]) {
        const v = tensor([n], new Array<number>(n).fill(2))
        expect(values(over(mean)(v))).toEqual(values(v))
        expect(over(all)(v).shape).toEqual([n, n])
      }
      expect(() => mean(tensor([], [1]))).toThrow(TraceError)
    }
  })
  it('an unknown axis', () => {
    expect(() => psum(x, 'j')).toThrow(TraceError)
    expect(() => over((v) => psum(v, 'j'))(x)).toThrow(TraceError)
  })
})
