/** What every primitive's tests need: short tensors, naive indexing, and the derivative and batching laws. */
import { expect } from 'vitest'
import { aval } from '../../src/core/aval.js'
import { dtypes, type DType } from '../../src/core/dtype.js'
import { sizeOf, stridesOf, type Shape } from '../../src/core/shape.js'
import { hostTensor, peek, type Tensor } from '../../src/core/tensor.js'
import '../../src/device/select.js'
import { jvp } from '../../src/transforms/jvp.js'
import { vjp } from '../../src/transforms/vjp.js'
import { vmap } from '../../src/transforms/vmap.js'
import { expectClose as close } from '../expectClose.js'

/** A tensor of `shape`; elements in row-major order. */
export const tensor = (shape: Shape, values: ArrayLike<number>, dtype: DType = 'float64'): Tensor =>
  hostTensor(aval(shape, dtype), dtypes[dtype].from(values))

/** Short dyadic numbers, different for every `seed`. */
export const dyadic = (shape: Shape, seed = 1, dtype: DType = 'float64'): Tensor => {
  let state = (seed * 2654435761) >>> 0
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return ((state >>> 12) % 65) / 16 - 2
  }
  return tensor(shape, Array.from({ length: sizeOf(shape) }, next), dtype)
}

/** Numbers at least a quarter apart, in scrambled order: extremes have no ties and no near ties. */
export const apart = (shape: Shape, seed = 1): Tensor => {
  const n = sizeOf(shape)
  const order = Array.from({ length: n }, (_, i) => i)
  let state = seed
  for (let i = n - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const j = (state >>> 8) % (i + 1)
    const swap = order[i]!
    order[i] = order[j]!
    order[j] = swap
  }
  return tensor(
    shape,
    order.map((k) => (k - (n >> 1)) / 4 + 1 / 16),
  )
}

/** The elements. */
export const values = (x: Tensor): number[] => Array.from(peek(x))

/** Every multi-index of `shape`, in row-major order. */
export const indices = (shape: Shape): number[][] =>
  shape.reduce<number[][]>((all, n) => all.flatMap((at) => Array.from({ length: n }, (_, i) => [...at, i])), [[]])

/** The element of `x` at `at`, or `outside` beyond its edges. */
export const read = (x: Tensor, at: readonly number[], outside = 0): number =>
  at.every((i, k) => i >= 0 && i < x.shape[k]!) ? peek(x)[at.reduce((o, i, k) => o + i * stridesOf(x.shape)[k]!, 0)]! : outside

/** A tensor made element by element. */
export const build = (shape: Shape, f: (at: readonly number[]) => number, dtype: DType = 'float64'): Tensor =>
  tensor(shape, indices(shape).map(f), dtype)

/** Same shape, same dtype, elements within `tolerance` of each other, relative above 1. */
export const expectClose = (got: Tensor, wanted: Tensor, tolerance = 1e-12): void => {
  close(got, wanted, { atol: tolerance, rtol: tolerance, dtype: wanted.dtype })
}

/** A function of tensors under test. */
export type Subject = (...xs: Tensor[]) => readonly Tensor[]

const combine = (terms: readonly (readonly [number, Tensor])[]): Tensor =>
  tensor(
    terms[0]![1].shape,
    values(terms[0]![1]).map((_, i) => terms.reduce((sum, [c, t]) => sum + c * peek(t)[i]!, 0)),
  )

const inner = (xs: readonly Tensor[], ys: readonly Tensor[]): number =>
  xs.reduce((sum, x, k) => sum + values(x).reduce((t, v, i) => t + v * peek(ys[k]!)[i]!, 0), 0)

const absolute = (x: Tensor): Tensor => tensor(x.shape, values(x).map(Math.abs))

/**
 * The derivative laws for float64 arguments: push is the five-point difference (1e-9), pull is its adjoint (1e-12);
 * then the same for push and pull themselves, up to `order`. `step` keeps differences on one side of kinks.
 */
export const expectDerivatives = (f: Subject, xs: readonly Tensor[], order = 2, step = 1 / 64): void => {
  const dxs = xs.map((x, k) => dyadic(x.shape, 71 + k + order * 10))
  const [ys, dys] = jvp(f, [...xs], dxs)
  const at = (h: number): readonly Tensor[] =>
    f(
      ...xs.map((x, k) =>
        combine([
          [1, x],
          [h, dxs[k]!],
        ]),
      ),
    )
  const [a, b, c, d] = [at(-2 * step), at(-step), at(step), at(2 * step)]
  ys.forEach((_, i) => {
    const difference = combine([
      [1, a[i]!],
      [-8, b[i]!],
      [8, c[i]!],
      [-1, d[i]!],
    ])
    expectClose(dys[i]!, combine([[1 / (12 * step), difference]]), 1e-9)
  })
  const cys = ys.map((y, k) => dyadic(y.shape, 171 + k + order * 10))
  const cxs = vjp(f, ...xs)[1](cys)
  expect(cxs.map((cx) => [cx.shape, cx.dtype])).toEqual(xs.map((x) => [x.shape, x.dtype]))
  const [pushed, pulled] = [inner(cys, dys), inner(cxs, dxs)]
  const magnitude = Math.max(inner(cys.map(absolute), dys.map(absolute)), inner(cxs.map(absolute), dxs.map(absolute)))
  expect(Math.abs(pushed - pulled)).toBeLessThanOrEqual(1e-12 * Math.max(1, magnitude))
  if (order < 2) return
  expectDerivatives((...zs) => jvp(f, zs, dxs)[1], xs, order - 1, step)
  expectDerivatives((...zs) => vjp(f, ...zs)[1](cys), xs, order - 1, step)
}

const example = (x: Tensor, i: number): Tensor => {
  const shape = x.shape.slice(1)
  const n = sizeOf(shape)
  return tensor(shape, values(x).slice(i * n, (i + 1) * n), x.dtype)
}

/** Vectorised equals stacked, for every choice of arguments that carry the batch; `make(k, shape)` gives argument `k`. */
export const expectBatching = (
  f: Subject,
  xs: readonly Tensor[],
  make: (k: number, shape: Shape) => Tensor,
  sizes: readonly number[] = [3, 1],
): void => {
  for (const size of sizes)
    for (let mask = 1; mask < 1 << xs.length; mask++) {
      const batched = xs.map((_, k) => (mask & (1 << k)) !== 0)
      const args = xs.map((x, k) => (batched[k] ? make(k, [size, ...x.shape]) : x))
      const got = vmap(f, { inAxes: batched.map((b) => (b ? 0 : null)) })(...args)
      const each = Array.from({ length: size }, (_, i) => f(...args.map((x, k) => (batched[k] ? example(x, i) : x))))
      got.forEach((y, o) => {
        const one = each[0]![o]!
        expectClose(
          y,
          tensor(
            [size, ...one.shape],
            each.flatMap((r) => values(r[o]!)),
            one.dtype,
          ),
        )
      })
    }
}
