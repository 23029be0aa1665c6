/** What a scatter means: every place of the result looks at all updates. A definition, in time that grows with the product of both. */
import { dtypes } from '../core/dtype.js'
import { invert, otherAxes, range, sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { add, max, min, mul } from './arithmetic.js'
import { eq } from './comparison.js'
import type { Places } from './places.js'
import { column, inside, int } from './places.js'
import { reduceMax, reduceMin, reduceProd } from './reduce.js'
import { select } from './select.js'
import { broadcast, iota, like, reduceSum, reshape, transpose } from './structure.js'

/** The number of the place that each row of `indices` addresses, counted along the indexed axes; -1 outside `x`. `[B..., I...]`. */
const numbers = (x: Tensor, indices: Tensor, p: Places): Tensor => {
  const lead = indices.shape.slice(0, -1)
  const flat = p.axes.reduce((n, a, k) => add(mul(n, int(x.shape[a]!, lead)), column(indices, k)), int(0, lead))
  const valid = inside(indices, x.aval, p)
  return valid === null ? flat : select(valid, flat, int(-1, lead))
}

/**
 * `x` with `updates` written at computed places; updates outside `x` are dropped. `set`: the last of several for one place stays; other
 * operations combine all of them with what is there.
 */
export const scattered = (
  x: Tensor,
  indices: Tensor,
  updates: Tensor,
  p: Places & { readonly op: 'set' | 'add' | 'mul' | 'max' | 'min' },
): Tensor => {
  if (x.size === 0 || updates.size === 0) return x
  const lead = x.shape.slice(0, p.batch)
  const perm = [...range(p.batch), ...p.axes, ...otherAxes(x.ndim, [...range(p.batch), ...p.axes])]
  const places = sizeOf(p.axes.map((a) => x.shape[a]!))
  const rows = sizeOf(indices.shape.slice(p.batch, -1))
  const rest = sizeOf(perm.slice(p.batch + p.axes.length).map((a) => x.shape[a]!))
  const b = p.batch
  // all of it as [B..., places, updates, rest]
  const pairs = [...lead, places, rows]
  const all = [...pairs, rest]
  const turned = transpose(x, perm)
  const old = reshape(turned, [...lead, places, rest])
  const hits = eq(broadcast(reshape(numbers(x, indices, p), [...lead, rows]), pairs, [...range(b), b + 1]), iota(pairs, 'int32', b))
  const news = broadcast(reshape(updates, [...lead, rows, rest]), all, [...range(b), b + 1, b + 2])
  const spread = (t: Tensor): Tensor => broadcast(t, all, range(b + 2))
  const chosen = (where: Tensor, otherwise: number): Tensor => select(spread(where), news, like(news, otherwise))
  const over = [b + 1]
  const { min: least, max: most } = dtypes[x.dtype]
  const any = (t: Tensor): Tensor => broadcast(t, old.shape, range(b + 1))
  const combined = (): Tensor => {
    switch (p.op) {
      case 'add':
        return select(any(reduceMax(hits, over)), add(old, reduceSum(chosen(hits, 0), over)), old)
      case 'mul':
        return mul(old, reduceProd(chosen(hits, 1), over))
      case 'max':
        return max(old, reduceMax(chosen(hits, least), over))
      case 'min':
        return min(old, reduceMin(chosen(hits, most), over))
      case 'set': {
        const order = select(hits, iota(pairs, 'int32', b + 1), int(-1, pairs))
        const last = broadcast(reduceMax(order, over), pairs, range(b + 1))
        // the greatest of one element and the least of all is that element, NaN and -0 included
        return select(any(reduceMax(hits, over)), reduceMax(chosen(select(hits, eq(order, last), hits), least), over), old)
      }
    }
  }
  return transpose(reshape(combined(), turned.shape), invert(perm))
}
