/** Sorting along an axis; its derivative gathers by the order found. */
import { fail, ShapeError } from '../core/errors.js'
import type { Aval } from '../core/aval.js'
import { invert, otherAxes, range, sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bindAll } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import { and, not, or } from './bits.js'
import { eq, lt, ne } from './comparison.js'
import { takeAlong } from './gather.js'
import { cast, select } from './select.js'
import { broadcast, iota, like, reduceSum, replicate, transpose } from './structure.js'

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

/**
 * What a sort means: an element belongs where as many others precede it. A definition, in time that grows with the square of the axis.
 * NaN is larger than all numbers and equal to itself; elements that are equal in all keys keep their order.
 */
const ranked = (operands: readonly Tensor[], { axis, keys }: SortParams): readonly Tensor[] => {
  const last = operands[0]!.ndim - 1
  const perm = [...otherAxes(last + 1, [axis]), axis]
  const turned = operands.map((x) => transpose(x, perm))
  const shape = [...turned[0]!.shape, turned[0]!.shape[last]!]
  const own = (x: Tensor): Tensor => broadcast(x, shape, range(last + 1))
  const other = (x: Tensor): Tensor => broadcast(x, shape, [...range(last), last + 1])
  const precedes = turned.slice(0, keys).reduceRight<Tensor>(
    (ties, x) => {
      const [a, b, isNaN_] = [own(x), other(x), ne(x, x)]
      const [nanA, nanB] = [own(isNaN_), other(isNaN_)]
      const before = or(lt(b, a), and(nanA, not(nanB)))
      return or(before, and(or(eq(a, b), and(nanA, nanB)), ties))
    },
    lt(iota(shape, 'int32', last + 1), iota(shape, 'int32', last)),
  )
  const rank = reduceSum(cast(precedes, 'int32'), [last + 1])
  // the element of rank i: the position at which the rank is i
  const found = eq(other(rank), iota(shape, 'int32', last))
  const order = reduceSum(select(found, iota(shape, 'int32', last + 1), like(iota(shape, 'int32', last), 0)), [last + 1])
  return turned.map((x) => transpose(takeAlong(x, order, last, 'zero'), invert(perm)))
}

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
  lower: { kind: 'routine', define: { kind: 'inline', run: (operands, p) => ranked(operands, p) } },
}
