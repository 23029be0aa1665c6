/** Sums and extremes over sliding windows: pooling. */
import type { Aval } from '../core/aval.js'
import { withShape } from '../core/aval.js'
import type { DType } from '../core/dtype.js'
import { dtypes } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { BatchRule, Lowering, Primitive } from '../ir/primitive.js'
import type { Combine } from '../kernel/loop.js'
import { s } from '../kernel/scalar.js'
import { div, max, mul } from './arithmetic.js'
import { and } from './bits.js'
import { eq, ne } from './comparison.js'
import { checkDType } from './define.js'
import { patches } from './patches.js'
import type { Sliding } from './sliding.js'
import { allOf, axisName, checkSliding, guarded, reading, slideOf, spread, windowCount } from './sliding.js'
import { cast } from './select.js'
import { broadcast, full, like, pad, reduceSum, reshape } from './structure.js'

/**
 * The sum over every window; padding counts as 0. Windows span all axes of `x`: those not pooled have window 1.
 *
 * shapes: `x[n...] -> [windows...]`
 *
 * @throws ShapeError when no window fits.
 */
export const windowSum = (x: Tensor, p: Sliding): Tensor => bind(windowSumP, [x], p)

/**
 * The largest element of every window; padding never wins, ties share the derivative evenly.
 *
 * shapes: `x[n...] -> [windows...]`
 *
 * @throws ShapeError when no window fits.
 */
export const windowMax = (x: Tensor, p: Sliding): Tensor => bind(windowMaxP, [x], p)

/**
 * The smallest element of every window; padding never wins, ties share the derivative evenly.
 *
 * shapes: `x[n...] -> [windows...]`
 *
 * @throws ShapeError when no window fits.
 */
export const windowMin = (x: Tensor, p: Sliding): Tensor => bind(windowMinP, [x], p)

const windowShape =
  (name: string) =>
  ([x]: readonly Aval[], p: Sliding): readonly Aval[] => {
    checkDType(name, [x!], 'number')
    const n = x!.shape.length
    if (p.window.length !== n)
      fail(ShapeError, `${name}: the window has ${p.window.length} sizes, x has ${n} axes`, {
        args: { x: x! },
        fix: 'window 1 on the axes that are not pooled',
      })
    checkSliding(name, n, p, { x: x! })
    const called = (k: number): string => (k < 2 ? `size ${k}` : axisName(k - 2, n - 2))
    return [
      withShape(
        x!,
        x!.shape.map((size, k) => windowCount(name, called(k), slideOf(size, p, k), { x: x! })),
      ),
    ]
  }

const windowBatch =
  (apply: (x: Tensor, p: Sliding) => Tensor): BatchRule<Sliding> =>
  ([x], _batched, p) => [
    apply(x!, {
      window: [1, ...p.window],
      strides: [1, ...p.strides],
      padding: [[0, 0], ...p.padding],
      windowDilation: [1, ...p.windowDilation],
    }),
  ]

const windowLoops = (combine: Combine, outside: (d: DType) => number): Lowering<Sliding> => ({
  kind: 'loops',
  nests: ([x], [y], p) => {
    const n = x!.shape.length
    const cells = range(n).map((k) => reading(s.index(k), s.index(n + k), y!.shape[k]!, slideOf(x!.shape[k]!, p, k)))
    const value = s.load(
      0,
      cells.map((c) => c.at),
      x!.dtype,
    )
    const body = guarded(allOf(cells.flatMap((c) => c.tests)), value, s.like(value, outside(x!.dtype)))
    return [{ kind: 'loops', shape: y!.shape, dtype: y!.dtype, reduce: { sizes: p.window, combine }, body }]
  },
})

/** The primitive of `windowSum`. */
export const windowSumP: Primitive<Sliding> = {
  name: 'windowSum',
  shape: windowShape('windowSum'),
  linear: {
    kind: 'linear',
    transpose: ([cy], { ins: [x] }, p) => {
      if (cy === null || cy!.size === 0) return [null]
      // windows at distance `stride` spread apart, then every element sums the windows that cover it
      const low = p.window.map((w, k) => (w - 1) * p.windowDilation[k]! - p.padding[k]![0])
      const high = x!.shape.map((n, k) => n + p.padding[k]![0] - spread(cy!.shape[k]!, p.strides[k]!))
      const spaced = pad(cy!, full([], 0, cy!.dtype), { low, high, interior: p.strides.map((t) => t - 1) })
      const ones = p.window.map(() => 1)
      return [windowSum(spaced, { window: p.window, strides: ones, padding: p.window.map(() => [0, 0]), windowDilation: p.windowDilation })]
    },
  },
  batch: windowBatch(windowSum),
  lower: windowLoops('add', () => 0),
}

/** Which cells of windows lie in `x`: looked at once along the axes without padding. */
const inside = (x: Tensor, p: Sliding, cells: Tensor): Tensor => {
  const still = (k: number): boolean => p.window[k] === 1 && p.strides[k] === 1 && p.padding[k]!.every((n) => n === 0)
  const shape = x.shape.map((n, k) => (still(k) ? 1 : n))
  const ones = patches(full(shape, 1, x.dtype), p)
  const moving = range(cells.ndim).filter((k) => k >= x.ndim || !still(k))
  return broadcast(
    reshape(
      ne(ones, full(ones.shape, 0, x.dtype)),
      moving.map((k) => cells.shape[k]!),
    ),
    cells.shape,
    moving,
  )
}

const extreme = (name: string, apply: (x: Tensor, p: Sliding) => Tensor, combine: Combine, outside: 'min' | 'max'): Primitive<Sliding> => ({
  name,
  shape: windowShape(name),
  linear: {
    kind: 'push',
    push: ([x], [y], [dx], p) => {
      if (dx === null) return [null]
      const n = x!.ndim
      const cells = patches(x!, p)
      const hit = eq(cells, broadcast(y!, cells.shape, range(n)))
      // padding is 0 in patches: a window may hold a 0 of its own, so padding is told apart by patches of ones
      const padded = p.padding.some(([low, high]) => low > 0 || high > 0)
      const winners = padded ? and(hit, inside(x!, p, cells)) : hit
      const share = cast(winners, x!.dtype)
      const inWindow = range(n).map((k) => n + k)
      const ties = max(reduceSum(share, inWindow), like(y!, 1))
      return [div(reduceSum(mul(patches(dx!, p), share), inWindow), ties)]
    },
  },
  batch: windowBatch(apply),
  lower: windowLoops(combine, (d) => dtypes[d][outside]),
})

/** The primitive of `windowMax`. */
export const windowMaxP: Primitive<Sliding> = extreme('windowMax', windowMax, 'max', 'min')

/** The primitive of `windowMin`. */
export const windowMinP: Primitive<Sliding> = extreme('windowMin', windowMin, 'min', 'max')
