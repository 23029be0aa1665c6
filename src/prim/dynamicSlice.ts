/** Slices at computed starts: reading one, writing one; each is the other's adjoint. */
import type { Aval } from '../core/aval.js'
import { aval } from '../core/aval.js'
import { indexType } from '../core/dtype.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { invert, otherAxes, range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Params, Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { add, max, min } from './arithmetic.js'
import { shifted } from './define.js'
import { gather, scatter } from './gather.js'
import { allOf, guarded } from './sliding.js'
import { broadcast, concat, full, iota, replicate, reshape, transpose } from './structure.js'

/** Sizes of the slice. */
export type DynamicSliceParams = { readonly sizes: readonly number[] }

/**
 * The slice of `x` of `sizes` from `starts` (int32 scalars, one per axis), which are moved so that it lies inside.
 *
 * shapes: `x[n...] -> [sizes...]`
 *
 * @throws ShapeError when the slice is larger than `x` or starts are missing; DTypeError for starts that are not int32.
 */
export const dynamicSlice = (x: Tensor, starts: readonly Tensor[], sizes: readonly number[]): Tensor =>
  bind(dynamicSliceP, [x, ...starts], { sizes })

/**
 * `x` with the slice from `starts` (int32 scalars, one per axis) replaced by `update`; starts are moved so that it lies inside.
 *
 * shapes: `x[n...] update[m...] -> x`
 *
 * @throws ShapeError when `update` is larger than `x` or starts are missing; DTypeError for dtypes that do not fit.
 */
export const dynamicUpdateSlice = (x: Tensor, update: Tensor, starts: readonly Tensor[]): Tensor =>
  bind(dynamicUpdateSliceP, [x, update, ...starts], none)

const checkStarts = (name: string, x: Aval, sizes: Shape, starts: readonly Aval[], args: Readonly<Record<string, Aval>>): void => {
  const n = x.shape.length
  if (sizes.length !== n || starts.length !== n)
    fail(ShapeError, `${name}: x has ${n} axes, the slice ${sizes.length} and there are ${starts.length} starts`, { args })
  const k = sizes.findIndex((size, i) => !Number.isInteger(size) || size < 0 || size > x.shape[i]!)
  if (k >= 0) fail(ShapeError, `${name}: a slice of ${sizes[k]!} does not fit in axis ${k} of size ${x.shape[k]!}`, { args })
  for (const start of starts) {
    if (start.dtype !== indexType) fail(DTypeError, `${name}: starts must be ${indexType}, got ${start.dtype}`, { args })
    if (start.shape.length !== 0) fail(ShapeError, `${name}: starts must be scalars, got [${start.shape.join(',')}]`, { args })
  }
}

/** The start on axis `k`, held in input `input`, moved inside. */
const startAt = (input: number, size: number, length: number): Expr =>
  size === length ? s.int(0) : s.max(s.min(s.load(input, [], 'int32'), s.int(length - size)), s.int(0))

const int = (value: number, shape: Shape): Tensor => full(shape, value, 'int32')
const given = (x: Tensor, batched: boolean, size: number): Tensor => (batched ? x : replicate(x, size))

/** Starts that differ within a batch, as places for gather and scatter. */
interface Moving {
  /** The axes (of one example) on which the slice can move. */
  readonly axes: readonly number[]
  /** `[size, slice sizes on axes..., axes.length]`. */
  readonly places: Tensor
  /** From a slice's own order of axes (after the batch) to gather's: moving axes first. */
  readonly perm: readonly number[]
}

const moving = (shape: Shape, sizes: Shape, starts: readonly Tensor[], batched: readonly boolean[], size: number): Moving => {
  const axes = range(shape.length).filter((k) => sizes[k] !== shape[k])
  const grid = [size, ...axes.map((k) => sizes[k]!)]
  const columns = axes.map((k, i) => {
    const start = max(min(given(starts[k]!, batched[k]!, size), int(shape[k]! - sizes[k]!, [size])), int(0, [size]))
    return reshape(add(broadcast(start, grid, [0]), iota(grid, 'int32', i + 1)), [...grid, 1])
  })
  const places = columns.length === 0 ? int(0, [...grid, 0]) : columns.length === 1 ? columns[0]! : concat(columns, grid.length)
  return { axes, places, perm: [0, ...shifted([...axes, ...otherAxes(shape.length, axes)])] }
}

/** The primitive of `dynamicSlice`. */
export const dynamicSliceP: Primitive<DynamicSliceParams> = {
  name: 'dynamicSlice',
  shape: ([x, ...starts], { sizes }) => {
    checkStarts('dynamicSlice', x!, sizes, starts, { x: x! })
    return [aval(sizes, x!.dtype, x!.weak)]
  },
  linear: {
    kind: 'linear',
    args: [0],
    transpose: ([cy], { ins: [x, ...rest], saved: [, ...starts] }) => [
      cy === null
        ? null
        : dynamicUpdateSlice(
            full(x!.shape, 0, cy!.dtype),
            cy!,
            starts.map((t) => t!),
          ),
      ...rest.map(() => null),
    ],
  },
  batch: ([x, ...starts], [xb, ...sb], { sizes }, size) => {
    if (!sb.some(Boolean)) return [dynamicSlice(x!, [int(0, []), ...starts], [size, ...sizes])]
    const { axes, places, perm } = moving(xb ? x!.shape.slice(1) : x!.shape, sizes, starts, sb, size)
    const y = xb
      ? gather(x!, places, { axes: shifted(axes), batch: 1, mode: 'clip' })
      : gather(x!, places, { axes, batch: 0, mode: 'clip' })
    return [transpose(y, invert(perm))]
  },
  lower: {
    kind: 'loops',
    nests: ([x], [y], { sizes }) => {
      const at = sizes.map((size, k) => {
        const start = startAt(k + 1, size, x!.shape[k]!)
        return size === x!.shape[k] ? s.index(k) : s.add(start, s.index(k))
      })
      return [{ kind: 'loops', shape: y!.shape, dtype: y!.dtype, body: s.load(0, at, x!.dtype) }]
    },
  },
}

/** The primitive of `dynamicUpdateSlice`. */
export const dynamicUpdateSliceP: Primitive<Params> = {
  name: 'dynamicUpdateSlice',
  shape: ([x, update, ...starts]) => {
    const args = { x: x!, update: update! }
    if (x!.dtype !== update!.dtype) fail(DTypeError, `dynamicUpdateSlice: x is ${x!.dtype} and update is ${update!.dtype}`, { args })
    checkStarts('dynamicUpdateSlice', x!, update!.shape, starts, args)
    return [aval(x!.shape, x!.dtype, x!.weak && update!.weak)]
  },
  linear: {
    kind: 'linear',
    args: [0, 1],
    transpose: ([cy], { ins: [, update, ...rest], saved: [, , ...kept] }) => {
      if (cy === null) return [null, null, ...rest.map(() => null)]
      const starts = kept.map((t) => t!)
      const cx = dynamicUpdateSlice(cy!, full(update!.shape, 0, cy!.dtype), starts)
      return [cx, dynamicSlice(cy!, starts, update!.shape), ...rest.map(() => null)]
    },
  },
  batch: ([x, update, ...starts], [xb, ub, ...sb], _p, size) => {
    const values = given(x!, xb!, size)
    const news = given(update!, ub!, size)
    if (!sb.some(Boolean)) return [dynamicUpdateSlice(values, news, [int(0, []), ...starts])]
    const { axes, places, perm } = moving(values.shape.slice(1), news.shape.slice(1), starts, sb, size)
    return [scatter(values, places, transpose(news, perm), { axes: shifted(axes), batch: 1, op: 'set' })]
  },
  lower: {
    kind: 'loops',
    nests: ([x, update], [y]) => {
      const free = range(x!.shape.length).filter((k) => update!.shape[k] !== x!.shape[k])
      const at = x!.shape.map((n, k) => (free.includes(k) ? s.sub(s.index(k), startAt(k + 2, update!.shape[k]!, n)) : s.index(k)))
      const tests = free.flatMap((k) => [s.ge(at[k]!, s.int(0)), s.lt(at[k]!, s.int(update!.shape[k]!))])
      const old = s.load(0, range(x!.shape.length).map(s.index), x!.dtype)
      return [{ kind: 'loops', shape: y!.shape, dtype: y!.dtype, body: guarded(allOf(tests), s.load(1, at, x!.dtype), old) }]
    },
  },
}
