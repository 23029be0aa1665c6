/** Cutting and padding, each other's transpose. */
import { withShape, type Aval } from '../core/aval.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { scalar } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { identityView, sliceView } from '../kernel/view.js'
import { broadcast, full, like, reduceSum, replicate } from './broadcast.js'
import { movement } from './define.js'
import { padFrom, sliceFrom } from './placed.js'
import { select } from './select.js'

type Cut = { readonly start: readonly number[]; readonly limit: readonly number[]; readonly step: readonly number[] }

const cutShape = ({ start, limit, step }: Cut): number[] => start.map((b, k) => Math.max(0, Math.ceil((limit[k]! - b) / step[k]!)))

const checkCut = (x: Aval, { start, limit, step }: Cut): void => {
  for (let k = 0; k < x.shape.length; k++) {
    const [n, b, e, d] = [x.shape[k]!, start[k], limit[k], step[k]]
    if (b === undefined || e === undefined || d === undefined || !(b >= 0 && b <= e && e <= n && d > 0))
      fail(ShapeError, `slice: ${b}:${e}:${d} does not fit axis ${k} of size ${n}`, {
        args: { x },
        fix: '0 <= start <= limit <= size and step > 0',
      })
  }
}

/** `x[start : limit : step]` on every axis; `0 <= start <= limit <= size`, `step > 0`. */
export const sliceP: Primitive<Cut> = {
  ...movement<Cut>('slice', {
    shape: (x, p) => {
      checkCut(x, p)
      return withShape(x, cutShape(p))
    },
    transpose: (cy, x, { start, step }) => {
      const end = cy.shape.map((n, k) => (n === 0 ? start[k]! : start[k]! + (n - 1) * step[k]! + 1))
      return pad(cy, scalar(0, cy.dtype), { low: start, high: end.map((e, k) => x.shape[k]! - e), interior: step.map((d) => d - 1) })
    },
    batch: (x, { start, limit, step }, size) => slice(x, [0, ...start], [size, ...limit], [1, ...step]),
    lower: { kind: 'view', view: (x, p) => sliceView(identityView(x.shape), p.start, cutShape(p), p.step) },
  }),
  placed: ([x], p) => {
    checkCut(x!.aval, p)
    return [sliceFrom(x!, p.start, { sizes: cutShape(p), step: p.step })]
  },
}
export const slice = (
  x: Tensor,
  start: readonly number[],
  limit: readonly number[],
  step: readonly number[] = start.map(() => 1),
): Tensor => bind(sliceP, [x], { start, limit, step })

/** `x[start : limit]` along one axis, whole along the others. */
export const sliceAxis = (x: Tensor, axis: number, start: number, limit: number, step = 1): Tensor =>
  slice(
    x,
    x.shape.map((_, k) => (k === axis ? start : 0)),
    x.shape.map((n, k) => (k === axis ? limit : n)),
    x.shape.map((_, k) => (k === axis ? step : 1)),
  )

/** Widths of padding per axis: before, after (negative cuts off) and between elements. */
export type PadParams = { readonly low: readonly number[]; readonly high: readonly number[]; readonly interior: readonly number[] }

const dilated = (n: number, interior: number): number => (n === 0 ? 0 : n + (n - 1) * interior)

const padShape = (x: Aval, { low, high, interior }: PadParams): number[] =>
  x.shape.map((n, k) => low[k]! + dilated(n, interior[k]!) + high[k]!)

/** True where `x` lies whole at a position of its own in the result. */
const isPositioned = ({ low, high, interior }: PadParams): boolean =>
  low.some((n) => n > 0) && low.every((n) => n >= 0) && high.every((n) => n >= 0) && interior.every((n) => n >= 0)

/** The elements of a padded tensor that lie on those of `x`: what `pad` leaves there when it is run backwards. */
const kept = (y: Tensor, x: Aval, { low, high, interior }: PadParams): Tensor => {
  const zero = scalar(0, y.dtype)
  const cut = low.some((l) => l < 0) || high.some((h) => h < 0)
  const grown = { low: low.map((l) => Math.max(-l, 0)), high: high.map((h) => Math.max(-h, 0)), interior: low.map(() => 0) }
  const z = cut ? pad(y, zero, grown) : y
  const start = low.map((l) => Math.max(l, 0))
  return slice(
    z,
    start,
    start.map((b, k) => b + dilated(x.shape[k]!, interior[k]!)),
    interior.map((i) => i + 1),
  )
}

/** True where `pad` writes its value. */
const padded = (x: Aval, padding: PadParams): Tensor => pad(full(x.shape, 0, 'bool', false), scalar(1, 'bool', false), padding)

/** `x` with `value`, a scalar, before, after and between its elements; negative widths cut off. */
export const padP: Primitive<PadParams> = {
  name: 'pad',
  shape: ([x, value], p) => {
    const args = { x: x!, value: value! }
    if (x!.dtype !== value!.dtype) fail(DTypeError, `pad: x is ${x!.dtype}, the value ${value!.dtype}`, { args })
    if (value!.shape.length !== 0) fail(ShapeError, 'pad: the value must be a scalar', { args })
    const n = x!.shape.length
    if (p.low.length !== n || p.high.length !== n || p.interior.length !== n || p.interior.some((i) => i < 0))
      fail(ShapeError, `pad: needs ${n} low, high and non-negative interior widths`, { args })
    const shape = padShape(x!, p)
    shape.forEach((m, k) => {
      if (m < 0)
        fail(ShapeError, `pad: axis ${k} would have size ${p.low[k]} + ${dilated(x!.shape[k]!, p.interior[k]!)} + ${p.high[k]} = ${m}`, {
          args,
        })
    })
    const y = withShape(x!, shape)
    return [x!.weak && !value!.weak ? withShape(value!, shape) : y]
  },
  linear: {
    kind: 'linear',
    transpose: ([cy], { active, ins: [x] }, p) => {
      if (cy === null) return [null, null]
      const outside = (): Tensor => select(padded(x!, p), cy!, like(cy!, 0))
      return [active[0] ? kept(cy!, x!, p) : null, active[1] ? reduceSum(outside(), range(cy!.ndim)) : null]
    },
  },
  placed: ([x, value], p) => {
    if (!isPositioned(p) || x!.dtype !== value!.dtype || value!.ndim !== 0 || p.low.length !== x!.ndim) return null
    const none = p.low.map(() => 0)
    const spaced = p.interior.every((n) => n === 0) ? x! : pad(x!, value!, { low: none, high: none, interior: p.interior })
    return [padFrom(spaced, value!, p.low, padShape(x!.aval, p))]
  },
  batch: ([x, value], [xs, values], p, size) => {
    const wide = { low: [0, ...p.low], high: [0, ...p.high], interior: [0, ...p.interior] }
    const many = xs === true ? x! : replicate(x!, size)
    const y = pad(many, values === true ? scalar(0, many.dtype) : value!, wide)
    if (values !== true) return [y]
    return [select(padded(many.aval, wide), broadcast(value!, y.shape, [0]), y)]
  },
  lower: {
    kind: 'loops',
    nests: ([x], [y], { low, interior }) => {
      const tests: Expr[] = []
      const at = x!.shape.map((n, k) => {
        const [i, l, d] = [s.index(k), low[k]!, interior[k]! + 1]
        const from = l === 0 ? i : s.sub(i, s.int(l))
        if (l > 0) tests.push(s.ge(from, s.int(0)))
        if (d > 1) tests.push(s.eq(s.rem(from, s.int(d)), s.int(0)))
        if (y!.shape[k]! - l > dilated(n, d - 1)) tests.push(s.lt(from, s.int(dilated(n, d - 1))))
        return d === 1 ? from : s.div(from, s.int(d))
      })
      const inside = s.load(0, at, y!.dtype)
      // nested, so that the remainder of a negative position is never taken
      const body = tests.reduceRight<Expr>((then, test) => s.select(test, then, s.load(1, [], y!.dtype)), inside)
      return [{ kind: 'loops', shape: y!.shape, dtype: y!.dtype, body }]
    },
  },
}
export const pad = (x: Tensor, value: Tensor, padding: PadParams): Tensor => bind(padP, [x, value], padding)

/** `x` with `low` and `high` elements of `value` along one axis. */
export const padAxis = (x: Tensor, axis: number, low: number, high: number, value = 0): Tensor => {
  const at = (n: number): number[] => x.shape.map((_, k) => (k === axis ? n : 0))
  return pad(x, scalar(value, x.dtype), { low: at(low), high: at(high), interior: at(0) })
}
