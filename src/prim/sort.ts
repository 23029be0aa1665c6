/** Sorting along an axis; its derivative gathers by the order found. */
import { fail, ShapeError } from '../core/errors.js'
import type { Aval } from '../core/aval.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bindAll } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import { takeAlong } from './gather.js'
import { iota, replicate } from './structure.js'

/** The first `keys` operands decide the order, one after the other. */
export type SortParams = { readonly axis: number; readonly keys: number }

/**
 * All operands rearranged along `axis` by one order: ascending in the first `keys` operands, stable, NaN last, -0 equal to 0.
 *
 * shapes: `x[n...] ... -> x[n...] ...`
 *
 * @throws ShapeError when shapes differ, or `axis` or `keys` are out of range.
 */
export const sort = (operands: readonly Tensor[], p: SortParams): readonly Tensor[] => bindAll(sortP, operands, p)

/** The primitive of `sort`. */
export const sortP: Primitive<SortParams> = {
  name: 'sort',
  shape: (operands, { axis, keys }) => {
    const [x] = operands
    if (x === undefined || keys < 1 || keys > operands.length)
      return fail(ShapeError, `sort: ${keys} keys among ${operands.length} operands`, { fix: 'at least one key' })
    const args = Object.fromEntries(operands.map((a, k): [string, Aval] => [`x${k}`, a]))
    if (!operands.every((a) => sameShape(a.shape, x.shape))) fail(ShapeError, 'sort: operands have different shapes', { args })
    if (!Number.isInteger(axis) || axis < 0 || axis >= x.shape.length)
      fail(ShapeError, `sort: axis ${axis} is out of range for ${x.shape.length} dimensions`, { args })
    return operands
  },
  linear: {
    kind: 'push',
    push: (inputs, _outputs, tangents, p) => {
      const { axis, keys } = p
      const places = iota(inputs[0]!.shape, 'int32', axis)
      const order = sort([...inputs.slice(0, keys), places], p)[keys]!
      return tangents.map((dx) => (dx === null ? null : takeAlong(dx, order, axis, 'zero')))
    },
  },
  batch: (inputs, batched, { axis, keys }, size) =>
    sort(
      inputs.map((x, k) => (batched[k] ? x : replicate(x, size))),
      { axis: axis + 1, keys },
    ),
  lower: { kind: 'routine' },
}
