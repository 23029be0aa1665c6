/** Reading at computed places, and its adjoint, writing at computed places. */
import type { Aval } from '../core/aval.js'
import { aval } from '../core/aval.js'
import { isInexact } from '../core/dtype.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { dropAxes, invert, otherAxes, range, sameShape, sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { add, max, min } from './arithmetic.js'
import { eq } from './comparison.js'
import { shifted } from './define.js'
import type { Places } from './places.js'
import { checkPlaces, column, inside, int } from './places.js'
import { scattered } from './scattered.js'
import { select } from './select.js'
import { allOf, guarded } from './sliding.js'
import { broadcast, concat, full, iota, moveAxis, replicate, reshape, transpose } from './structure.js'

/** `clip` moves places outside into `x`; `zero` reads 0 there, which keeps gathering linear. */
export type GatherParams = Places & { readonly mode: 'clip' | 'zero' }

/** `set`: the last of several updates of one place wins; `add`: all are added. */
export type ScatterParams = Places & { readonly op: 'set' | 'add' }

/** The shape of what `indices` address: `[B..., I..., rest...]`. */
const gatheredShape = (x: Aval, indices: Aval, { axes, batch }: Places): Shape => [
  ...indices.shape.slice(0, -1),
  ...dropAxes(x.shape, [...range(batch), ...axes]),
]

/** The shape rule of a scatter called `name`. */
export const scatterShape =
  (name: string) =>
  ([x, indices, updates]: readonly Aval[], p: Places): readonly Aval[] => {
    checkPlaces(name, x!, indices!, p)
    const args = { x: x!, indices: indices!, updates: updates! }
    if (x!.dtype !== updates!.dtype) fail(DTypeError, `${name}: x is ${x!.dtype} and updates are ${updates!.dtype}`, { args })
    const expected = gatheredShape(x!, indices!, p)
    if (!sameShape(updates!.shape, expected)) fail(ShapeError, `${name}: updates must have shape [${expected.join(',')}]`, { args })
    return [aval(x!.shape, x!.dtype, x!.weak && updates!.weak)]
  }

/** `indices` moved into `x`. */
const clamped = (indices: Tensor, x: Aval, { axes }: Places): Tensor => {
  const lead = indices.shape.slice(0, -1)
  if (axes.length === 0) return indices
  const columns = axes.map((a, k) => {
    const inside = max(min(column(indices, k), int(x.shape[a]! - 1, lead)), int(0, lead))
    return reshape(inside, [...lead, 1])
  })
  return columns.length === 1 ? columns[0]! : concat(columns, lead.length)
}

/**
 * The slices of `x` at computed places. Mode `fill` reads the value `fill` outside `x` (NaN, 0 for integers and bool, when left
 * out), `zero` reads 0, `clip` the nearest place. Negative places are outside.
 *
 * shapes: `x[B..., n...] indices[B..., I..., K] -> [B..., I..., rest...]`, rest being the axes of x not indexed
 *
 * @throws ShapeError when axes and indices do not fit, or when `clip` reads from an empty axis; DTypeError for indices that are not int32.
 */
export const gather = (
  x: Tensor,
  indices: Tensor,
  p: Places & { readonly mode: 'clip' | 'zero' | 'fill'; readonly fill?: number },
): Tensor => {
  const { axes, batch, mode, fill = isInexact(x.dtype) ? NaN : 0 } = p
  if (mode !== 'fill') return bind(gatherP, [x, indices], { axes, batch, mode })
  const y = bind(gatherP, [x, indices], { axes, batch, mode: 'zero' })
  const valid = fill === 0 ? null : inside(indices, x.aval, p)
  return valid === null ? y : select(broadcast(valid, y.shape, range(valid.ndim)), y, full(y.shape, fill, y.dtype))
}

/**
 * `x` with `updates` set or added at computed places; updates outside `x` are dropped.
 *
 * shapes: `x[B..., n...] indices[B..., I..., K] updates[B..., I..., rest...] -> x`
 *
 * @throws ShapeError or DTypeError when the operands do not fit.
 */
export const scatter = (x: Tensor, indices: Tensor, updates: Tensor, p: ScatterParams): Tensor => bind(scatterP, [x, indices, updates], p)

/**
 * The elements of `x` at `indices` along one axis; places outside as `mode` says (see `gather`).
 *
 * shapes: `x[a..., n, b...] indices[a..., m, b...] -> [a..., m, b...]`
 */
export const takeAlong = (x: Tensor, indices: Tensor, axis: number, mode: 'clip' | 'zero' | 'fill' = 'fill', fill?: number): Tensor => {
  const last = x.ndim - 1
  const perm = [...otherAxes(x.ndim, [axis]), axis]
  const places = transpose(indices, perm)
  const y = gather(transpose(x, perm), reshape(places, [...places.shape, 1]), {
    axes: [last],
    batch: last,
    mode,
    ...(fill === undefined ? {} : { fill }),
  })
  return transpose(y, invert(perm))
}

/** A number for every place of the indexed axes, from 1 on; `[B..., indexed axes...]`. */
const numbered = (x: Aval, { axes, batch }: Places): Tensor => {
  const sizes = axes.map((a) => x.shape[a]!)
  const places = reshape(iota([sizeOf(sizes)], 'int32', 0), sizes)
  const shape = [...x.shape.slice(0, batch), ...sizes]
  return add(
    broadcast(
      places,
      shape,
      range(sizes.length).map((k) => batch + k),
    ),
    int(1, shape),
  )
}

/** The place that each row of `indices` addresses as one positive number, 0 outside `x`; `[B..., I...]`. */
export const placeNumbers = (indices: Tensor, x: Aval, p: Places): Tensor =>
  gather(numbered(x, p), indices, { axes: range(p.axes.length).map((k) => p.batch + k), batch: p.batch, mode: 'zero' })

/** Which updates a `set` keeps: those inside `x` that no later one overwrites; bool `[B..., I...]`. */
const winners = (indices: Tensor, x: Aval, { axes, batch }: Places): Tensor => {
  const lead = indices.shape.slice(0, -1)
  const rows = lead.slice(batch)
  const order = add(reshape(iota([sizeOf(rows)], 'int32', 0), rows), int(1, rows))
  const orders = broadcast(
    order,
    lead,
    range(rows.length).map((k) => batch + k),
  )
  const at = { axes: range(axes.length).map((k) => batch + k), batch }
  const table = int(0, [...lead.slice(0, batch), ...axes.map((a) => x.shape[a]!)])
  const written = scatter(table, indices, orders, { ...at, op: 'set' })
  return eq(gather(written, indices, { ...at, mode: 'zero' }), orders)
}

const given = (x: Tensor, batched: boolean, size: number): Tensor => (batched ? x : replicate(x, size))

/** Batches a scatter: fixed places carry the batch along as one more axis of the slices, others as a batch axis. */
export const scatterBatch =
  <P extends Places>(apply: (x: Tensor, indices: Tensor, updates: Tensor, p: P) => Tensor) =>
  ([x, indices, updates]: readonly Tensor[], batched: readonly boolean[], p: P, size: number): readonly Tensor[] => {
    const values = given(x!, batched[0]!, size)
    const news = given(updates!, batched[2]!, size)
    const axes = shifted(p.axes)
    if (p.batch === 0 && !batched[1]) return [apply(values, indices!, moveAxis(news, 0, indices!.ndim - 1), { ...p, axes })]
    return [apply(values, given(indices!, batched[1]!, size), news, { ...p, axes, batch: p.batch + 1 })]
  }

/** The primitive of `gather`. */
export const gatherP: Primitive<GatherParams> = {
  name: 'gather',
  shape: ([x, indices], p) => {
    checkPlaces('gather', x!, indices!, p)
    const y = aval(gatheredShape(x!, indices!, p), x!.dtype, x!.weak)
    const empty = p.axes.find((a) => x!.shape[a] === 0)
    if (p.mode === 'clip' && empty !== undefined && y.size > 0)
      fail(ShapeError, `gather: axis ${empty} of x is empty, there is nothing to read`, { args: { x: x!, indices: indices! } })
    return [y]
  },
  linear: {
    kind: 'linear',
    args: [0],
    transpose: ([cy], { ins: [x], saved: [, indices] }, p) => {
      if (cy === null) return [null, null]
      const places = p.mode === 'clip' && cy!.size > 0 ? clamped(indices!, x!, p) : indices!
      return [scatter(full(x!.shape, 0, cy!.dtype), places, cy!, { axes: p.axes, batch: p.batch, op: 'add' }), null]
    },
  },
  batch: ([x, indices], [xb, ib], p, size) => {
    if (p.batch === 0 && !xb) return [gather(x!, indices!, p)]
    if (p.batch === 0 && !ib) return [moveAxis(gather(x!, indices!, { ...p, axes: shifted(p.axes) }), indices!.ndim - 1, 0)]
    return [gather(given(x!, xb!, size), given(indices!, ib!, size), { ...p, axes: shifted(p.axes), batch: p.batch + 1 })]
  },
  lower: {
    kind: 'loops',
    nests: ([x, indices], [y], { axes, batch, mode }) => {
      const lead = indices!.shape.length - 1
      const places = axes.map((a, k): Expr => {
        const at = s.load(1, [...range(lead).map(s.index), s.int(k)], 'int32')
        return mode === 'clip' ? s.max(s.min(at, s.int(x!.shape[a]! - 1)), s.int(0)) : at
      })
      const rest = otherAxes(x!.shape.length, [...range(batch), ...axes])
      const at = x!.shape.map((_, d): Expr =>
        d < batch ? s.index(d) : axes.includes(d) ? places[axes.indexOf(d)]! : s.index(lead + rest.indexOf(d)),
      )
      const tests = axes.flatMap((a, k) => [s.ge(places[k]!, s.int(0)), s.lt(places[k]!, s.int(x!.shape[a]!))])
      const value = s.load(0, at, x!.dtype)
      const body = guarded(mode === 'clip' ? null : allOf(tests), value, s.like(value, 0))
      return [{ kind: 'loops', shape: y!.shape, dtype: y!.dtype, body }]
    },
  },
}

/** The primitive of `scatter`. */
export const scatterP: Primitive<ScatterParams> = {
  name: 'scatter',
  shape: scatterShape('scatter'),
  linear: {
    kind: 'linear',
    args: [0, 2],
    transpose: ([cy], { ins: [x, , updates], saved: [, indices] }, { axes, batch, op }) => {
      if (cy === null) return [null, null, null]
      const read = gather(cy!, indices!, { axes, batch, mode: 'zero' })
      if (op === 'add') return [cy!, null, read]
      const kept = broadcast(winners(indices!, x!, { axes, batch }), read.shape, range(indices!.shape.length - 1))
      const nothing = full(updates!.shape, 0, cy!.dtype)
      return [scatter(cy!, indices!, nothing, { axes, batch, op }), null, select(kept, read, nothing)]
    },
  },
  batch: scatterBatch(scatter),
  lower: { kind: 'routine', define: { kind: 'inline', run: ([x, indices, updates], p) => [scattered(x!, indices!, updates!, p)] } },
}
