/** Spreading and summing, each other's transpose; and the tensors that come from nothing: constants and iota. */
import { aval, withShape } from '../core/aval.js'
import type { DType } from '../core/dtype.js'
import { isBool } from '../core/dtype.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { otherAxes, range, sameShape } from '../core/shape.js'
import { scalar, type Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import type { Combine, LoopNest } from '../kernel/loop.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { broadcastView, identityView } from '../kernel/view.js'
import { checkAxes, checkDType, movement, shifted, without } from './define.js'

type Spread = { readonly shape: Shape; readonly axes: readonly number[] }

/** Spreads `x` over `shape`: axis `k` of `x` becomes axis `axes[k]`, of the same size; `axes` increase. */
export const broadcastP: Primitive<Spread> = movement('broadcast', {
  shape: (x, { shape, axes }) => {
    if (axes.length !== x.shape.length || axes.some((a, k) => shape[a] !== x.shape[k] || (k > 0 && a <= axes[k - 1]!)))
      fail(ShapeError, `broadcast: axes [${axes.join(', ')}] do not place x in [${shape.join(',')}]`, {
        args: { x },
        fix: 'increasing axes of the new shape with the sizes of x',
      })
    return withShape(x, shape)
  },
  transpose: (cy, _x, { shape, axes }) => reduceSum(cy, otherAxes(shape.length, axes)),
  batch: (x, { shape, axes }, size) => broadcast(x, [size, ...shape], [0, ...shifted(axes)]),
  lower: { kind: 'view', view: (x, { shape, axes }) => broadcastView(identityView(x.shape), shape, axes) },
})
export const broadcast = (x: Tensor, shape: Shape, axes: readonly number[]): Tensor =>
  axes.length === shape.length && sameShape(x.shape, shape) ? x : bind(broadcastP, [x], { shape, axes })

/** The sum over `axes`, which disappear. */
export const reduceSumP: Primitive<{ readonly axes: readonly number[] }> = movement('reduceSum', {
  shape: (x, { axes }) => {
    checkDType('reduceSum', [x], 'number')
    checkAxes('reduceSum', x, axes)
    return without(x, axes)
  },
  transpose: (cy, x, { axes }) => broadcast(cy, x.shape, otherAxes(x.shape.length, axes)),
  batch: (x, { axes }) => reduceSum(x, shifted(axes)),
  lower: { kind: 'loops', nests: ([x], [y], { axes }) => [reduction('add', x!.shape, axes, y!.dtype)] },
})
export const reduceSum = (x: Tensor, axes: readonly number[]): Tensor => (axes.length === 0 ? x : bind(reduceSumP, [x], { axes }))

/** The loop nest that combines the elements of input 0, of `shape`, over `axes`. */
export const reduction = (combine: Combine, shape: Shape, axes: readonly number[], dtype: DType): LoopNest => {
  const kept = otherAxes(shape.length, axes)
  const at: Expr[] = shape.map((_, k) => s.index(axes.includes(k) ? kept.length + axes.indexOf(k) : kept.indexOf(k)))
  return {
    kind: 'loops',
    shape: kept.map((k) => shape[k]!),
    dtype,
    reduce: { sizes: axes.map((a) => shape[a]!), combine },
    body: s.load(0, at, dtype),
  }
}

/** `0, 1, 2, ...` along `axis` of `shape`. */
export const iotaP: Primitive<{ readonly shape: Shape; readonly dtype: DType; readonly axis: number }> = {
  name: 'iota',
  shape: (_inputs, { shape, dtype, axis }) => {
    if (isBool(dtype)) fail(DTypeError, 'iota: needs numbers, got bool', { fix: "dtype 'int32'" })
    const y = aval(shape, dtype)
    checkAxes('iota', y, [axis])
    return [y]
  },
  linear: { kind: 'zero' },
  batch: (_inputs, _batched, { shape, dtype, axis }, size) => [iota([size, ...shape], dtype, axis + 1)],
  lower: {
    kind: 'loops',
    nests: (_inputs, _outputs, { shape, dtype, axis }) => [{ kind: 'loops', shape, dtype, body: s.cast(s.index(axis), dtype) }],
  },
}
export const iota = (shape: Shape, dtype: DType, axis: number): Tensor => bind(iotaP, [], { shape, dtype, axis })

/** A constant tensor: one number spread over `shape`. Weak unless said otherwise, so that it yields to what it meets. */
export const full = (shape: Shape, value: number, dtype: DType, weak = true): Tensor => broadcast(scalar(value, dtype, weak), shape, [])

/** A constant of `x`'s shape and dtype. */
export const like = (x: Tensor, value: number): Tensor => full(x.shape, value, x.dtype)

/** `x` repeated along a new leading axis of `size`. */
export const replicate = (x: Tensor, size: number): Tensor => broadcast(x, [size, ...x.shape], shifted(range(x.ndim)))
