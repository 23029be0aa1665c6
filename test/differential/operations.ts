/** What random programs are made of: every primitive of the library, and the patterns that backends fuse. */
import type { DType } from '../../src/core/dtype.js'
import { isInteger, isReal } from '../../src/core/dtype.js'
import type { Tensor } from '../../src/core/tensor.js'
import { hostTensor } from '../../src/core/tensor.js'
import { aval } from '../../src/core/aval.js'
import * as e from '../../src/prim/elementwise.js'
import { conv } from '../../src/prim/conv.js'
import { cummax, cummin, cumprod, cumsum } from '../../src/prim/cumulative.js'
import { dotGeneral } from '../../src/prim/dot.js'
import { dynamicSlice, dynamicUpdateSlice } from '../../src/prim/dynamicSlice.js'
import { fma } from '../../src/prim/fma.js'
import { gather, scatter } from '../../src/prim/gather.js'
import { patches, unpatches } from '../../src/prim/patches.js'
import { threefry2x32 } from '../../src/prim/random.js'
import { argmax, argmin, logsumexp, reduceMax, reduceMin, reduceProd } from '../../src/prim/reduce.js'
import { scatterReduce } from '../../src/prim/scatterReduce.js'
import { sort } from '../../src/prim/sort.js'
import { broadcast, concat, full, iota, like, pad, reduceSum, reshape, reverse, slice, transpose } from '../../src/prim/structure.js'
import { windowMax, windowMin, windowSum } from '../../src/prim/window.js'
import type { Draw } from './draws.js'
import { fit, fitShape, permutation, range, reduced, someAxes } from './fit.js'

/** One step: values in, new values out. `x` is at hand, `other` draws another value. */
export type Operation = (x: Tensor, other: () => Tensor, draw: Draw) => Tensor | readonly Tensor[]

const dtypeNames: readonly DType[] = ['float32', 'float32', 'float64', 'int32', 'uint32', 'bool']

const floating = (x: Tensor, draw: Draw): Tensor => (isReal(x.dtype) ? x : e.cast(x, draw(3) === 0 ? 'float64' : 'float32'))
const numeric = (x: Tensor): Tensor => (x.dtype === 'bool' ? e.cast(x, 'float32') : x)
const beside = (x: Tensor, other: () => Tensor, draw: Draw): Tensor => fit(other(), x.dtype, x.shape, draw)

/** Functions that keep what they are given small, and those that do not. */
const smooth = [e.sin, e.cos, e.tanh, e.sigmoid, e.atan, e.erf, e.asinh, e.softplus, e.geluTanh, e.silu, e.geluErf, e.erfc] as const
const steep = [e.exp, e.exp2, e.expm1, e.log, e.log2, e.log10, e.log1p, e.sqrt, e.rsqrt, e.cbrt, e.tan] as const
const steeper = [e.asin, e.acos, e.sinh, e.cosh, e.acosh, e.atanh, e.erfInv, e.lgamma, e.digamma] as const
const simple = [e.neg, e.abs, e.sign] as const
const steps = [e.floor, e.ceil, e.round, e.trunc] as const
const compared = [e.eq, e.ne, e.lt, e.le, e.gt, e.ge] as const
const pick = <T>(from: readonly T[], draw: Draw): T => from[draw(from.length)]!

/** A sliding window that fits `shape`; `null` where none does. */
const sliding = (shape: readonly number[], draw: Draw) => {
  const window = shape.map((n) => 1 + draw(Math.min(3, Math.max(1, n))))
  const padding = window.map((w): [number, number] => [draw(w), draw(w)])
  const windowDilation = window.map((w, k) => (shape[k]! >= 2 * w ? 1 + draw(2) : 1))
  return { window, strides: shape.map(() => 1 + draw(2)), padding, windowDilation }
}

/** Indices into an axis of `n`, some outside it. */
const places = (count: number, n: number, draw: Draw): Tensor =>
  hostTensor(
    aval([count, 1], 'int32'),
    Int32Array.from({ length: count }, () => (draw(8) === 0 ? draw(n + 4) - 2 : draw(Math.max(1, n)))),
  )

const withLead = (x: Tensor): Tensor => (x.ndim === 0 ? reshape(x, [1]) : x)
const keep = (x: Tensor, y: Tensor, axes: readonly number[]): Tensor =>
  broadcast(
    y,
    x.shape,
    range(x.ndim).filter((k) => !axes.includes(k)),
  )
const matrix = (x: Tensor): Tensor =>
  x.ndim === 2 ? x : x.ndim < 2 ? reshape(x, [1, x.size]) : reshape(x, [x.shape[0]!, x.size / Math.max(1, x.shape[0]!)])
const nonempty = (x: Tensor): boolean => x.size > 0

/** The operations by name; where one does not fit its operand, a unary one stands in. */
export const operations: Readonly<Record<string, Operation>> = {
  simple: (x, _, draw) => (x.dtype === 'bool' ? e.not(x) : x.dtype === 'uint32' ? e.not(x) : pick(simple, draw)(x)),
  add: (x, other, draw) => {
    const v = numeric(x)
    return pick([e.add, e.sub, e.mul, e.max, e.min], draw)(v, beside(v, other, draw))
  },
  smooth: (x, _, draw) => pick(smooth, draw)(floating(x, draw)),
  steep: (x, _, draw) => pick(draw(4) === 0 ? steeper : steep, draw)(floating(x, draw)),
  steps: (x, _, draw) => pick(steps, draw)(floating(x, draw)),
  divide: (x, other, draw) => {
    const v = numeric(x)
    const y = beside(v, other, draw)
    // Integers have no quotient by zero.
    const z = isInteger(v.dtype) ? e.max(e.or(y, like(y, 1)), like(y, v.dtype === 'int32' ? -1000 : 1)) : y
    return pick([e.div, e.div, e.rem], draw)(v, z)
  },
  power: (x, other, draw) => {
    const v = floating(x, draw)
    const y = beside(v, other, draw)
    switch (draw(6)) {
      case 0:
        return e.pow(v, y)
      case 1:
        return e.atan2(v, y)
      case 2:
        return e.hypot(v, y)
      case 3:
        return fma(v, y, beside(v, other, draw))
      case 4:
        return e.nextafter(v, y)
      default:
        return e.integerPow(v, draw(7) - 2)
    }
  },
  compare: (x, other, draw) => {
    const y = beside(x, other, draw)
    const test = pick(compared, draw)(x, y)
    return draw(3) === 0 ? test : e.select(test, x, y)
  },
  choose: (x, other, draw) => e.select(fit(other(), 'bool', x.shape, draw), x, beside(x, other, draw)),
  bits: (x, other, draw) => {
    const v = x.dtype === 'bool' || isInteger(x.dtype) ? x : e.cast(x, draw(2) === 0 ? 'int32' : 'uint32')
    const y = beside(v, other, draw)
    if (v.dtype === 'bool' || draw(2) === 0) return pick([e.and, e.or, e.xor], draw)(v, y)
    if (draw(3) === 0) return pick([e.popcount, e.clz, e.not], draw)(v)
    return pick([e.shl, e.shr], draw)(v, e.and(y, like(y, 31)))
  },
  cast: (x, _, draw) => e.cast(x, pick(dtypeNames, draw)),
  bitcast: (x, _, draw) => {
    const wide: readonly DType[] = ['float32', 'int32', 'uint32']
    if (!wide.includes(x.dtype)) return e.stopGradient(x)
    const clean = x.dtype === 'float32' ? e.select(e.eq(x, x), x, like(x, 0)) : x
    // Bits of integers may be those of a NaN, which has many forms.
    return e.bitcast(clean, x.dtype === 'float32' ? pick(['int32', 'uint32'] as const, draw) : pick(['int32', 'uint32'] as const, draw))
  },
  random: (x, other, draw) => {
    const v = fit(x, 'uint32', x.shape, draw)
    return threefry2x32(beside(v, other, draw), v, beside(v, other, draw), beside(v, other, draw))
  },
  iota: (x, _, draw) => {
    if (x.ndim === 0) return x
    const i = iota(x.shape, 'int32', draw(x.ndim))
    const v = numeric(x)
    return pick([e.add, e.sub, e.mul, e.max], draw)(v, e.cast(i, v.dtype))
  },
  transpose: (x, _, draw) => transpose(x, permutation(x.ndim, draw)),
  reshape: (x, _, draw) => {
    switch (draw(5)) {
      case 0:
        return reshape(x, [x.size])
      case 1:
        return reshape(x, [1, ...x.shape])
      case 2:
        return reshape(x, [...x.shape, 1])
      case 3:
        return reshape(
          x,
          x.shape.filter((n) => n !== 1),
        )
      default: {
        const by = [2, 3, 4, 8].find((n) => x.size > 0 && x.size % n === 0)
        return by === undefined ? x : reshape(x, draw(2) === 0 ? [by, x.size / by] : [x.size / by, by])
      }
    }
  },
  reverse: (x, _, draw) => reverse(x, someAxes(x.ndim, draw)),
  slice: (x, _, draw) => {
    const start = x.shape.map((n) => draw(Math.max(1, n >> 1)))
    const limit = x.shape.map((n, k) => n - (n > start[k]! + 1 ? draw(2) : 0))
    return slice(
      x,
      start.map((n, k) => Math.min(n, x.shape[k]!)),
      limit,
      x.shape.map(() => 1 + draw(3)),
    )
  },
  broadcast: (x, _, draw) => {
    if (x.ndim > 4) return x
    const n = 1 + draw(x.size > 500 ? 2 : 17)
    const at = draw(x.ndim + 1)
    const shape = [...x.shape.slice(0, at), n, ...x.shape.slice(at)]
    return broadcast(
      x,
      shape,
      range(x.ndim + 1).filter((k) => k !== at),
    )
  },
  pad: (x, other, draw) => {
    const interior = x.shape.map(() => (draw(3) === 0 ? 1 + draw(2) : 0))
    const length = x.shape.map((n, k) => (n === 0 ? 0 : (n - 1) * (interior[k]! + 1) + 1))
    const low = length.map((n) => draw(4) - (n > 3 ? 2 : 0))
    const high = length.map((n, k) => Math.max(draw(4) - (n > 3 ? 2 : 0), -n - low[k]!))
    return pad(x, fit(other(), x.dtype, [], draw), { low, high, interior })
  },
  concat: (x, other, draw) => {
    const v = withLead(x)
    const axis = draw(v.ndim)
    const parts = range(1 + draw(3)).map(() => beside(v, other, draw))
    return concat(draw(2) === 0 ? [v, ...parts] : [...parts, v], axis)
  },
  reduce: (x, _, draw) => {
    const axes = someAxes(x.ndim, draw)
    const y = reduced(x, axes, draw)
    return draw(3) === 0 ? keep(x, y, axes) : y
  },
  product: (x, _, draw) => {
    const v = numeric(x)
    return reduceProd(isReal(v.dtype) && draw(2) === 0 ? e.tanh(v) : v, someAxes(v.ndim, draw))
  },
  softmax: (x, _, draw) => {
    const v = floating(x, draw)
    const axes = someAxes(v.ndim, draw)
    if (!nonempty(v)) return e.exp(v)
    const w = e.exp(e.sub(v, keep(v, reduceMax(v, axes), axes)))
    return draw(4) === 0 ? logsumexp(v, axes) : e.div(w, keep(v, reduceSum(w, axes), axes))
  },
  norm: (x, other, draw) => {
    const v = floating(x, draw)
    const axes = someAxes(v.ndim, draw)
    const n = axes.reduce((m, k) => m * v.shape[k]!, 1)
    if (n === 0) return v
    const mean = (t: Tensor): Tensor => keep(t, e.mul(reduceSum(t, axes), full(reduceSum(t, axes).shape, 1 / n, t.dtype, false)), axes)
    const centred = e.sub(v, mean(v))
    const scaled = e.div(centred, e.sqrt(e.add(mean(e.mul(centred, centred)), like(v, 1e-2))))
    return draw(2) === 0 ? scaled : e.add(e.mul(scaled, beside(v, other, draw)), beside(v, other, draw))
  },
  extremes: (x, _, draw) => {
    if (x.ndim === 0 || !nonempty(x)) return x
    const axes = someAxes(x.ndim, draw)
    const [low, high] = [reduceMin(x, axes), reduceMax(x, axes)]
    return x.dtype === 'bool' ? [low, high] : [e.sub(x, keep(x, low, axes)), e.eq(x, keep(x, high, axes))]
  },
  argument: (x, _, draw) => {
    const v = numeric(x)
    return v.ndim === 0 || !nonempty(v) ? v : pick([argmax, argmin], draw)(v, draw(v.ndim))
  },
  cumulative: (x, _, draw) => {
    const v = withLead(numeric(x))
    return pick([cumsum, cumsum, cumprod, cummax, cummin], draw)(v, draw(v.ndim), draw(2) === 0)
  },
  dot: (x, other, draw) => {
    const v = matrix(numeric(x))
    const k = v.shape[1]!
    const n = pick([1, 2, 3, 4, 5, 8, 9, 17], draw)
    const turned = draw(2) === 0
    const w = fit(other(), v.dtype, turned ? [n, k] : [k, n], draw)
    const left = draw(3) === 0 ? transpose(v, [1, 0]) : v
    const y = dotGeneral(left, w, { lhsContract: [left === v ? 1 : 0], rhsContract: [turned ? 1 : 0], lhsBatch: [], rhsBatch: [] })
    if (draw(2) === 0 || !isReal(y.dtype)) return y
    return e.max(e.add(y, fit(other(), y.dtype, y.shape, draw)), like(y, 0))
  },
  batched: (x, other, draw) => {
    const v = numeric(x)
    if (v.ndim < 2)
      return dotGeneral(v, beside(v, other, draw), { lhsContract: range(v.ndim), rhsContract: range(v.ndim), lhsBatch: [], rhsBatch: [] })
    const [batch, ...rest] = permutation(v.ndim, draw)
    const contract = rest.slice(0, 1 + draw(rest.length))
    return dotGeneral(v, beside(v, other, draw), { lhsContract: contract, rhsContract: contract, lhsBatch: [batch!], rhsBatch: [batch!] })
  },
  conv: (x, other, draw) => {
    const v = numeric(x)
    const spatial = v.shape.slice(2, 5)
    if (v.ndim < 3 || v.ndim > 5 || spatial.some((n) => n === 0)) return v
    const groups = v.shape[1]! % 2 === 0 && v.shape[1]! > 0 ? 1 + draw(2) : 1
    const slid = sliding(spatial, draw)
    const w = fit(other(), v.dtype, [groups * (1 + draw(3)), v.shape[1]! / groups, ...slid.window], draw)
    const { strides, padding, windowDilation: rhsDilation } = slid
    return conv(v, w, { strides, padding, lhsDilation: spatial.map(() => 1 + draw(2)), rhsDilation, groups })
  },
  window: (x, _, draw) => {
    const v = numeric(x)
    if (v.ndim === 0 || !nonempty(v)) return v
    return pick([windowSum, windowMax, windowMin], draw)(v, sliding(v.shape, draw))
  },
  patches: (x, _, draw) => {
    const v = numeric(x)
    if (v.ndim === 0 || v.ndim > 3 || !nonempty(v)) return v
    const spatial = v.shape.slice(-1 - draw(2))
    const p = sliding(spatial, draw)
    const y = patches(v, p)
    return draw(2) === 0 ? y : unpatches(y, { ...p, shape: spatial })
  },
  gather: (x, _, draw) => {
    const v = withLead(x)
    const axis = draw(v.ndim)
    const mode = v.shape[axis] === 0 ? 'zero' : pick(['clip', 'zero', 'fill'] as const, draw)
    return gather(v, places(1 + draw(5), v.shape[axis]!, draw), { axes: [axis], batch: 0, mode })
  },
  scatter: (x, other, draw) => {
    const v = withLead(numeric(x))
    const axis = draw(v.ndim)
    const at = places(1 + draw(5), v.shape[axis]!, draw)
    const updates = fit(other(), v.dtype, [at.shape[0]!, ...v.shape.filter((_, k) => k !== axis)], draw)
    const p = { axes: [axis], batch: 0 }
    const op = pick(['set', 'add', 'add', 'mul', 'max', 'min'] as const, draw)
    return op === 'set' || op === 'add' ? scatter(v, at, updates, { ...p, op }) : scatterReduce(v, at, updates, { ...p, op })
  },
  dynamic: (x, other, draw) => {
    const starts = x.shape.map(() =>
      e.cast(e.max(e.min(fit(other(), 'float32', [], draw), full([], 20, 'float32', false)), full([], -3, 'float32', false)), 'int32'),
    )
    const sizes = x.shape.map((n) => n - draw(Math.min(3, n + 1)))
    return draw(2) === 0 ? dynamicSlice(x, starts, sizes) : dynamicUpdateSlice(x, fit(other(), x.dtype, sizes, draw), starts)
  },
  sort: (x, other, draw) => {
    const v = withLead(x)
    const count = draw(3)
    const operands = [v, ...range(count).map(() => fitShape(other(), v.shape, draw))]
    return sort(operands, { axis: draw(v.ndim), keys: 1 + draw(operands.length) })
  },
}

/** The names of the operations. */
export const names = Object.keys(operations)

/** Larger values are not grown further. */
const limit = 6000

/** Applies an operation to drawn values; large ones meet only what does not make them larger. */
export const applyOperation = (name: string, pool: readonly Tensor[], draw: Draw): readonly Tensor[] => {
  const other = (): Tensor => pool[draw(3) === 0 ? draw(pool.length) : pool.length - 1 - draw(Math.min(3, pool.length))]!
  const x = other()
  const growing = ['broadcast', 'pad', 'concat', 'batched', 'dot', 'patches', 'conv', 'sort', 'window']
  const chosen = x.size > limit && growing.includes(name) ? 'smooth' : name
  const y = operations[chosen]!(x, other, draw)
  return (Array.isArray(y) ? (y as readonly Tensor[]) : [y as Tensor]).filter((t) => t.size <= 200_000)
}
