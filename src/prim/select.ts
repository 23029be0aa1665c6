/** Choice and change of dtype. */
import { aval, withDType } from '../core/aval.js'
import type { DType } from '../core/dtype.js'
import { dtypes, isBool } from '../core/dtype.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import { s } from '../kernel/scalar.js'
import { like } from './broadcast.js'
import { checkAlike, movement, type AppliedUnary } from './define.js'

/** `test ? x : y`, element by element. */
export const selectP: Primitive = {
  name: 'select',
  shape: ([test, x, y]) => {
    if (!isBool(test!.dtype))
      fail(DTypeError, `select: the test must be bool, got ${test!.dtype}`, {
        args: { test: test!, x: x!, y: y! },
        fix: 'a comparison, such as x != 0',
      })
    checkAlike('select', [x!, y!])
    if (!sameShape(test!.shape, x!.shape))
      fail(ShapeError, 'select: test and operands differ in shape', {
        args: { test: test!, x: x!, y: y! },
        fix: 'np.where, which broadcasts',
      })
    return [x!.weak && !y!.weak ? y! : x!]
  },
  linear: {
    kind: 'linear',
    args: [1, 2],
    transpose: ([cy], { active, saved: [test] }) =>
      cy === null
        ? [null, null, null]
        : [null, active[1] ? select(test!, cy!, like(cy!, 0)) : null, active[2] ? select(test!, like(cy!, 0), cy!) : null],
  },
  batch: 'elementwise',
  lower: { kind: 'scalar', body: ([test, x, y]) => s.select(test!, x!, y!) },
}
export const select = (test: Tensor, x: Tensor, y: Tensor): Tensor => bind(selectP, [test, x, y], none)

/** The value in another dtype; linear between floats. */
export const castP: Primitive<{ readonly dtype: DType }> = movement('cast', {
  shape: (x, { dtype }) => withDType(x, dtype),
  transpose: (cy, x) => cast(cy, x.dtype),
  batch: (x, { dtype }) => cast(x, dtype),
  lower: { kind: 'scalar', body: ([x], { dtype }) => s.cast(x!, dtype) },
})
export const cast = (x: Tensor, dtype: DType): Tensor => (x.dtype === dtype && !x.aval.weak ? x : bind(castP, [x], { dtype }))

/** The bits read as another dtype of the same width. */
export const bitcastP: Primitive<{ readonly dtype: DType }> = {
  name: 'bitcast',
  shape: ([x], { dtype }) => {
    if (dtypes[x!.dtype].bytes !== dtypes[dtype].bytes)
      fail(DTypeError, `bitcast: ${x!.dtype} and ${dtype} differ in width`, {
        args: { x: x! },
        fix: 'float32, int32 and uint32 among each other',
      })
    return [aval(x!.shape, dtype)]
  },
  linear: { kind: 'zero' },
  batch: ([x], _batched, { dtype }) => [bitcast(x!, dtype)],
  lower: { kind: 'scalar', body: ([x], { dtype }) => (x!.dtype === dtype ? x! : s.bitcast(x!, dtype)) },
}
export const bitcast = (x: Tensor, dtype: DType): Tensor => bind(bitcastP, [x], { dtype })

/** The value itself, held constant by every derivative. */
export const stopGradientP: Primitive = {
  name: 'stopGradient',
  shape: ([x]) => [x!],
  linear: { kind: 'zero' },
  batch: 'elementwise',
  lower: { kind: 'alias' },
}
export const stopGradient: AppliedUnary = (x) => bind(stopGradientP, [x], none)
