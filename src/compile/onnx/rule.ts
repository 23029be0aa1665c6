/** What a lowering rule is given, and what rules have in common. */
import type { Aval } from '../../core/aval.js'
import type { Shape } from '../../core/shape.js'
import type { Params } from '../../ir/primitive.js'
import type { Program } from '../../ir/program.js'
import type { Builder, GraphValue } from './builder.js'
import type { ElementType } from './model.js'
import { castTo } from './scalars.js'

/** One equation, its inputs already nodes. */
export interface LoweringSite<P = Params> {
  readonly b: Builder
  /** The inputs as they are held, perhaps smaller than their avals. */
  readonly values: readonly GraphValue[]
  readonly ins: readonly Aval[]
  readonly outs: readonly Aval[]
  readonly params: P
  /** Input `k` in its whole shape. */
  readonly whole: (k: number) => GraphValue
  /** The nodes of a Program that the equation holds, applied to values. */
  readonly run: (program: Program, inputs: readonly GraphValue[]) => readonly GraphValue[]
}

/** Makes the nodes of an equation: one value per output; null where the primitive's own definition is to be used. */
export type LoweringRule<P = Params> = (site: LoweringSite<P>) => readonly GraphValue[] | null

/** `f` computed in another type where `x` is of one that the operator lacks, and brought back. */
export const through = (
  b: Builder,
  x: GraphValue,
  types: Partial<Record<ElementType, ElementType>>,
  f: (x: GraphValue) => GraphValue,
): GraphValue => {
  const type = types[x.type]
  return type === undefined ? f(x) : castTo(b, f(castTo(b, x, type)), x.type)
}

/** The same elements under another shape. */
export const reshaped = (b: Builder, x: GraphValue, shape: Shape): GraphValue =>
  x.shape.length === shape.length && x.shape.every((n, k) => n === shape[k])
    ? x
    : b.node('Reshape', [x, b.ints(shape)], { type: x.type, shape }, shape.includes(0) ? { allowzero: 1 } : {})

const insert = (shape: Shape, axes: readonly number[]): Shape => {
  const rest = shape[Symbol.iterator]()
  return Array.from({ length: shape.length + axes.length }, (_, k) => (axes.includes(k) ? 1 : rest.next().value!))
}

/** `x` with new axes of size 1 at `axes`; those that Squeeze took away come back as they were. */
export const unsqueezed = (b: Builder, x: GraphValue, axes: readonly number[]): GraphValue => {
  if (axes.length === 0) return x
  const at = b.ints(axes)
  const before = b.made(x, 'Squeeze')
  if (before?.inputs[1] === at) return before.inputs[0]!
  return b.node('Unsqueeze', [x, at], { type: x.type, shape: insert(x.shape, axes) })
}

/** `x` without the axes `axes`, which have size 1; those that Unsqueeze made are unmade. */
export const squeezed = (b: Builder, x: GraphValue, axes: readonly number[]): GraphValue => {
  if (axes.length === 0) return x
  const at = b.ints(axes)
  const before = b.made(x, 'Unsqueeze')
  if (before?.inputs[1] === at) return before.inputs[0]!
  return b.node('Squeeze', [x, at], { type: x.type, shape: x.shape.filter((_, k) => !axes.includes(k)) })
}

/** Axes in another order. */
export const transposed = (b: Builder, x: GraphValue, perm: readonly number[]): GraphValue =>
  perm.every((p, k) => p === k) ? x : b.node('Transpose', [x], { type: x.type, shape: perm.map((p) => x.shape[p]!) }, { perm })

/** `x[start : end]` along some axes; `steps` may be negative. */
export const sliced = (
  b: Builder,
  x: GraphValue,
  axes: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[],
): GraphValue => {
  if (axes.length === 0) return x
  const shape = x.shape.slice()
  axes.forEach((a, k) => {
    shape[a] = Math.max(0, Math.ceil((Math.max(ends[k]!, -1) - starts[k]!) / steps[k]!))
  })
  const inputs = [x, b.ints(starts), b.ints(ends), b.ints(axes), ...(steps.every((t) => t === 1) ? [] : [b.ints(steps)])]
  return b.node('Slice', inputs, { type: x.type, shape })
}

/**
 * `value` before and after the elements along every axis; widths are not negative. The axes are named: they hold for a batch of any size,
 * and onnxruntime folds the other form into pooling operators that then refuse it.
 */
export const padded = (b: Builder, x: GraphValue, low: readonly number[], high: readonly number[], value: GraphValue): GraphValue => {
  const axes = x.shape.map((_, k) => k).filter((k) => low[k] !== 0 || high[k] !== 0)
  if (axes.length === 0) return x
  const widths = [...axes.map((k) => low[k]!), ...axes.map((k) => high[k]!)]
  const shape = x.shape.map((n, k) => low[k]! + n + high[k]!)
  return b.node('Pad', [x, b.ints(widths), value, b.ints(axes)], { type: x.type, shape })
}
