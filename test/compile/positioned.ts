/** Random Programs of paddings, joins, gathers, slices and windows among elementwise operations, views and reductions; all of it exact. */
import type { DType, TypedArray } from '../../src/core/dtype.js'
import { dtypes } from '../../src/core/dtype.js'
import { range } from '../../src/core/shape.js'
import type { Tensor } from '../../src/core/tensor.js'
import { scalar } from '../../src/core/tensor.js'
import { np } from '../../src/index.js'
import { dynamicSlice } from '../../src/prim/dynamicSlice.js'
import { gather, takeAlong } from '../../src/prim/gather.js'
import { patches } from '../../src/prim/patches.js'
import { reduceMax } from '../../src/prim/reduce.js'
import { concat, pad, reduceSum, slice, transpose } from '../../src/prim/structure.js'
import { draws } from '../backend/wasm/programs.js'

/** A Program in the making, and what to call it with. */
export interface Positioned {
  readonly f: (xs: readonly Tensor[]) => readonly Tensor[]
  readonly inputs: readonly { readonly shape: readonly number[]; readonly dtype: DType; readonly data: TypedArray }[]
}

/** The most elements of a value. */
const most = 3000

/** The Program of a seed over values of `dtype`, of about `length` operations. */
export const positioned = (dtype: DType, seed: number, length: number): Positioned => {
  const draw = draws(seed * 977 + length)
  const inputs: { shape: readonly number[]; dtype: DType; data: TypedArray }[] = []
  const input = (shape: readonly number[], d: DType, next: () => number): number => {
    const data = dtypes[d].make(shape.reduce((n, m) => n * m, 1)).map(next)
    return inputs.push({ shape, dtype: d, data }) - 1
  }
  const number = (): number => (dtype === 'bool' ? draw(2) : dtype === 'uint32' ? draw(9) : draw(17) - 8)
  const size = (): number => [1, 2, 3, 4, 5, 7, 9, 12][draw(8)]!
  const shape = Array.from({ length: 1 + draw(3) }, size)
  input(shape, dtype, number)
  input(shape, dtype, number)
  /** What to do, decided before it is traced: `pick` chooses among the values made so far, `at` decides the details. */
  const plan = Array.from({ length }, () => ({ kind: draw(12), pick: [draw(1000), draw(1000)] as const, seed: draw(1 << 20) }))
  // Places are inputs: so many numbers, inside and outside of anything.
  const places = input([512], 'int32', () => draw(16) - 3)
  const f = (xs: readonly Tensor[]): readonly Tensor[] => {
    const values: Tensor[] = [xs[0]!, xs[1]!]
    for (const { kind, pick, seed: own } of plan) {
      const d = draws(own)
      const x = values[pick[0] % values.length]!
      const alike = values.filter((v) => v.shape.join() === x.shape.join())
      const y = alike[pick[1] % alike.length]!
      const axis = x.ndim === 0 ? 0 : d(x.ndim)
      const computed = d(2) === 0 ? null : np.astype(reduceMax(y, range(y.ndim)), 'int32')
      const some = (n: number): Tensor => {
        const given = placesFrom(xs[places]!, d(512 - n), n)
        return computed === null ? given : np.add(given, computed)
      }
      const results: Record<number, () => Tensor> = {
        0: () => np.add(x, y),
        1: () => (dtype === 'bool' ? np.logicalXor(x, y) : np.sub(x, y)),
        2: () => (dtype === 'bool' ? np.logicalNot(x) : np.maximum(x, scalar(1, dtype))),
        3: () => np.where(np.less(x, y), x, scalar(dtype === 'bool' ? 1 : 3, dtype)),
        4: () => {
          const low = x.shape.map((n) => d(4) - (n > 1 ? 1 : 0))
          const high = x.shape.map((n) => d(4) - (n > 2 ? 1 : 0))
          return pad(x, scalar(dtype === 'bool' ? 1 : 5, dtype), { low, high, interior: x.shape.map(() => (d(3) === 0 ? d(3) : 0)) })
        },
        5: () => concat(d(2) === 0 ? [x, y] : [y, x, y], axis),
        6: () => {
          const n = 1 + d(6)
          const indices = np.reshape(some(n), [n, 1])
          const mode = (['clip', 'zero', 'fill'] as const)[d(3)]!
          const read = (from: Tensor): Tensor => gather(from, indices, { axes: [axis], batch: 0, mode, fill: 1 })
          return d(2) === 0 ? read(x) : concat([read(x), read(y)], axis)
        },
        7: () => {
          const to = x.shape.map((n, k) => (k === axis ? 1 + d(5) : n))
          const n = to.reduce((p, q) => p * q, 1)
          return n > 512 ? x : takeAlong(x, np.reshape(some(n), to), axis, (['clip', 'zero'] as const)[d(2)])
        },
        8: () => {
          const sizes = x.shape.map((n) => 1 + d(n))
          return dynamicSlice(
            x,
            sizes.map(() => np.reshape(some(1), [])),
            sizes,
          )
        },
        9: () =>
          patches(x, {
            window: [Math.min(2 + d(2), x.shape.at(-1)! + 1)],
            strides: [1 + d(2)],
            padding: [[d(2), 1]],
            windowDilation: [1],
          }),
        10: () =>
          d(2) === 0
            ? transpose(x, range(x.ndim).reverse())
            : slice(
                x,
                x.shape.map((n) => d(Math.ceil(n / 2))),
                x.shape,
              ),
        11: () => {
          const total = d(2) === 0 && dtype !== 'bool' ? reduceSum(x, [axis]) : reduceMax(x, [axis])
          return d(2) === 0 ? total : np.add(x, np.expandDims(total, axis))
        },
      }
      if (x.ndim === 0 && kind !== 0 && kind !== 3) continue
      const made = results[kind]!()
      if (made.size > 0 && made.size <= most && made.ndim <= 4) values.push(made)
    }
    return values.slice(-2)
  }
  return { f, inputs }
}

const placesFrom = (x: Tensor, from: number, n: number): Tensor => slice(x, [from], [from + n])
