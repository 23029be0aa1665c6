/** Reductions over axes, running sums and the like, and places of extremes. */
import { dtypes, isReal } from '../../core/dtype.js'
import { otherAxes } from '../../core/shape.js'
import type { BinaryOp } from '../../kernel/operations.js'
import { s } from '../../kernel/scalar.js'
import type { Builder, GraphValue } from './builder.js'
import type { ElementType } from './model.js'
import { ranked } from './model.js'
import { reversed } from './movement.js'
import type { LoweringRule } from './rule.js'
import { padded, sliced, squeezed, through } from './rule.js'
import { castTo, scalarNodes } from './scalars.js'

/**
 * Types in which reductions are exact: onnxruntime adds int32 with saturation instead of modulo 2^32, and compares int64 by their lower
 * halves when it reduces all axes. float64 holds every uint32.
 */
const types = {
  Sum: { int32: 'int64', uint32: 'int64' },
  Max: { uint32: 'float64', bool: 'int32' },
  Min: { uint32: 'float64', bool: 'int32' },
  Prod: {},
  LogSumExp: {},
} as const

/** A Reduce operator over axes, which disappear. */
export const reduced = (b: Builder, op: keyof typeof types, x: GraphValue, axes: readonly number[]): GraphValue =>
  axes.length === 0
    ? x
    : through(b, x, types[op], (y) => {
        const shape = otherAxes(y.shape.length, axes).map((k) => y.shape[k]!)
        return b.node(`Reduce${op}`, [y, b.ints(axes)], { type: y.type, shape }, { keepdims: 0 })
      })

type Axes = { readonly axes: readonly number[] }

const reduction =
  (op: 'Sum' | 'Max' | 'Min'): LoweringRule<Axes> =>
  ({ b, whole, params: { axes } }) => [reduced(b, op, whole(0), axes)]

export const reduceSum = reduction('Sum')
export const reduceMax = reduction('Max')
export const reduceMin = reduction('Min')

/** The product along one axis, which disappears: halves multiplied until one element is left, modulo 2^32. */
const halved = (b: Builder, x: GraphValue, axis: number): GraphValue => {
  const n = x.shape[axis]!
  if (n === 1) return squeezed(b, x, [axis])
  const widths = x.shape.map((_, k) => (k === axis ? n % 2 : 0))
  const even = padded(b, x, x.shape.map(() => 0), widths, b.scalar(1, x.type)) // prettier-ignore
  const middle = even.shape[axis]! / 2
  const half = (from: number): GraphValue => sliced(b, even, [axis], [from], [from + middle], [1])
  return halved(b, combined(b, 'mul', half(0), half(middle)), axis)
}

/** The operator for floats; integers, which it would saturate, by halves. */
export const reduceProd: LoweringRule<Axes> = ({ b, outs: [y], ins: [x], whole, params: { axes } }) => {
  if (isReal(x!.dtype)) return [reduced(b, 'Prod', whole(0), axes)]
  if (axes.some((a) => x!.shape[a] === 0)) return [b.scalar(1, y!.dtype)]
  return [[...axes].sort((p, q) => q - p).reduce((z, axis) => halved(b, z, axis), whole(0))]
}

/** -Infinity over nothing, which the operator leaves open. */
export const logsumexp: LoweringRule<Axes> = ({ b, ins, outs, whole, params: { axes } }) => {
  if (axes.some((a) => ins[0]!.shape[a] === 0)) return [b.scalar(-Infinity, outs[0]!.dtype)]
  return [reduced(b, 'LogSumExp', whole(0), axes)]
}

const place =
  (op: 'ArgMax' | 'ArgMin'): LoweringRule<{ readonly axis: number }> =>
  ({ b, outs, whole, params: { axis } }) => {
    const given = whole(0)
    const x = castTo(b, given, ranked[given.type] ?? given.type)
    return [castTo(b, b.node(op, [x], { type: 'int64', shape: outs[0]!.shape }, { axis, keepdims: 0 }), 'int32')]
  }

export const argmax = place('ArgMax')
export const argmin = place('ArgMin')

type Run = { readonly axis: number; readonly reverse: boolean }

export const cumsum: LoweringRule<Run> = ({ b, whole, params: { axis, reverse } }) => [
  through(b, whole(0), { uint32: 'int64' }, (x) => b.node('CumSum', [x, b.scalar(axis, 'int64')], x, { reverse: Number(reverse) })),
]

/** What a combination leaves alone. */
const units: Readonly<Record<'mul' | 'max' | 'min', (type: ElementType) => number>> = {
  mul: () => 1,
  max: (type) => (type === 'int64' ? -Infinity : dtypes[type].min),
  min: (type) => (type === 'int64' ? Infinity : dtypes[type].max),
}

/** Two values combined by an operation of scalars. */
export const combined = (b: Builder, op: BinaryOp & ('mul' | 'max' | 'min' | 'add'), x: GraphValue, y: GraphValue): GraphValue => {
  const dtype = x.type as 'int32'
  return scalarNodes(b, [s[op](s.input(0, dtype), s.input(1, dtype))], [x, y])[0]!
}

/** By doubling: after the step of width w, entry i combines entries i - 2w + 1 .. i. */
const running =
  (op: 'mul' | 'max' | 'min'): LoweringRule<Run> =>
  ({ b, whole, params: { axis, reverse } }) => {
    const turn = (x: GraphValue): GraphValue => (reverse ? reversed(b, x, [axis]) : x)
    let y = turn(whole(0))
    const n = y.shape[axis]!
    const unit = b.scalar(units[op](y.type), y.type)
    const at = (width: number): number[] => y.shape.map((_, k) => (k === axis ? width : 0))
    for (let w = 1; w < n; w *= 2) {
      const earlier = padded(b, sliced(b, y, [axis], [0], [n - w], [1]), at(w), at(0), unit)
      y = combined(b, op, earlier, y)
    }
    return [turn(y)]
  }

export const cumprod = running('mul')
export const cummax = running('max')
export const cummin = running('min')

/** What pads an axis over which an extreme is taken. */
export const extremeUnit = (b: Builder, op: 'Max' | 'Min', type: ElementType): GraphValue =>
  b.scalar(units[op === 'Max' ? 'max' : 'min'](type), type)
