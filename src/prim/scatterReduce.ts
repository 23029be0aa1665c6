/** Writing at computed places by a product or an extreme. */
import type { Aval } from '../core/aval.js'
import { range, sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Maybe } from '../ir/linear.js'
import type { Primitive } from '../ir/primitive.js'
import { div, max, mul } from './arithmetic.js'
import { and } from './bits.js'
import { eq, ne } from './comparison.js'
import { gather, placeNumbers, scatter, scatterBatch, scatterShape } from './gather.js'
import type { Places } from './places.js'
import { reduceProd } from './reduce.js'
import { scattered } from './scattered.js'
import { cast, select } from './select.js'
import { broadcast, iota, like, reshape } from './structure.js'

/** How updates combine with what is there. */
export type ScatterReduceParams = Places & { readonly op: 'mul' | 'max' | 'min' }

/**
 * `x` with `updates` multiplied in, or the larger or smaller of both, at computed places; updates outside `x` are dropped.
 * Ties of an extreme share the derivative evenly.
 *
 * shapes: `x[B..., n...] indices[B..., I..., K] updates[B..., I..., rest...] -> x`
 *
 * @throws ShapeError or DTypeError when the operands do not fit.
 */
export const scatterReduce = (x: Tensor, indices: Tensor, updates: Tensor, p: ScatterReduceParams): Tensor =>
  bind(scatterReduceP, [x, indices, updates], p)

/**
 * For every update the product of the other updates of its place. All pairs are looked at, so that zeros, and
 * derivatives at zeros, are exact to every order; the cost is quadratic in the number of rows.
 */
const othersProduct = (x: Aval, indices: Tensor, updates: Tensor, p: Places): Tensor => {
  const lead = indices.shape.slice(0, p.batch)
  const rest = updates.shape.slice(indices.ndim - 1)
  const n = sizeOf(indices.shape.slice(p.batch, -1))
  const [b, pairs] = [p.batch, [...lead, n, n]]
  const numbers = reshape(placeNumbers(indices, x, p), [...lead, n])
  const along = (t: Tensor, axis: number): Tensor => broadcast(t, pairs, [...range(b), axis])
  const order = iota(pairs, 'int32', b)
  const other = and(eq(along(numbers, b), along(numbers, b + 1)), ne(order, iota(pairs, 'int32', b + 1)))
  const shape = [...pairs, ...rest]
  const values = broadcast(reshape(updates, [...lead, n, ...rest]), shape, [...range(b), ...range(rest.length + 1).map((k) => b + 1 + k)])
  const factors = select(broadcast(other, shape, range(pairs.length)), values, like(values, 1))
  return reshape(reduceProd(factors, [b + 1]), updates.shape)
}

const pushProduct = ([x, indices, updates]: readonly Tensor[], dx: Maybe, du: Maybe, p: ScatterReduceParams): Tensor => {
  const { axes, batch } = p
  const one = like(x!, 1)
  const fromX = dx === null ? like(x!, 0) : mul(dx, scatterReduce(one, indices!, updates!, p))
  if (du === null) return fromX
  const rest = mul(gather(x!, indices!, { axes, batch, mode: 'zero' }), othersProduct(x!.aval, indices!, updates!, p))
  return scatter(fromX, indices!, mul(du, rest), { axes, batch, op: 'add' })
}

const pushExtreme = ([x, indices, updates]: readonly Tensor[], y: Tensor, dx: Maybe, du: Maybe, { axes, batch }: Places): Tensor => {
  const here = cast(eq(x!, y), x!.dtype)
  const there = cast(eq(updates!, gather(y, indices!, { axes, batch, mode: 'zero' })), x!.dtype)
  const ties = max(scatter(here, indices!, there, { axes, batch, op: 'add' }), like(x!, 1))
  const fromX = dx === null ? like(x!, 0) : mul(dx, here)
  return div(du === null ? fromX : scatter(fromX, indices!, mul(du, there), { axes, batch, op: 'add' }), ties)
}

/** The primitive of `scatterReduce`. */
export const scatterReduceP: Primitive<ScatterReduceParams> = {
  name: 'scatterReduce',
  shape: scatterShape('scatterReduce'),
  linear: {
    kind: 'push',
    push: (inputs, [y], [dx, , du], p) => [
      p.op === 'mul' ? pushProduct(inputs, dx ?? null, du ?? null, p) : pushExtreme(inputs, y!, dx ?? null, du ?? null, p),
    ],
  },
  batch: scatterBatch(scatterReduce),
  lower: { kind: 'routine', define: { kind: 'inline', run: ([x, indices, updates], p) => [scattered(x!, indices!, updates!, p)] } },
}
