/** Slices at computed starts. */
import { range } from '../../core/shape.js'
import type { Shape } from '../../core/shape.js'
import type { Builder, GraphValue } from './builder.js'
import { combined } from './reduce.js'
import type { LoweringRule } from './rule.js'
import { unsqueezed } from './rule.js'
import { castTo } from './scalars.js'

/** A start moved so that `size` of `n` elements fit, as a list of one. */
const startAt = (b: Builder, start: GraphValue, size: number, n: number): GraphValue => {
  const inside = combined(b, 'max', combined(b, 'min', start, b.scalar(n - size, 'int32')), b.scalar(0, 'int32'))
  return unsqueezed(b, castTo(b, inside, 'int64'), [0])
}

/** The axes on which a slice of `sizes` can move. */
const moving = (shape: Shape, sizes: Shape): number[] => range(shape.length).filter((k) => sizes[k] !== shape[k])

const plus = (b: Builder, x: GraphValue, n: number): GraphValue => b.node('Add', [x, b.ints([n])], x)

/** `x` from `start` to `end`, lists of one, along `axis`; `size` elements, where that is known. */
const cut = (b: Builder, x: GraphValue, axis: number, start: GraphValue, end: GraphValue, size: number): GraphValue =>
  b.node('Slice', [x, start, end, b.ints([axis])], { type: x.type, shape: x.shape.map((n, k) => (k === axis ? size : n)) })

export const dynamicSlice: LoweringRule<{ readonly sizes: readonly number[] }> = ({ b, ins, whole, params: { sizes } }) => [
  moving(ins[0]!.shape, sizes).reduce((y, k) => {
    const start = startAt(b, whole(k + 1), sizes[k]!, ins[0]!.shape[k]!)
    return cut(b, y, k, start, plus(b, start, sizes[k]!), sizes[k]!)
  }, whole(0)),
]

/** What is before, the update of the slice there along the axes that follow, what is behind. */
export const dynamicUpdateSlice: LoweringRule = ({ b, ins, whole }) => {
  const [x, update] = [ins[0]!, ins[1]!]
  const write = (y: GraphValue, axes: readonly number[]): GraphValue => {
    const [k, ...others] = axes
    if (k === undefined) return whole(1)
    const [n, size] = [x.shape[k]!, update.shape[k]!]
    const start = startAt(b, whole(k + 2), size, n)
    const end = plus(b, start, size)
    // the two ends have sizes that are not known apart; together they are what the slice leaves
    const before = cut(b, y, k, b.ints([0]), start, 0)
    const after = cut(b, y, k, end, b.ints([n]), n - size)
    const middle = write(others.length === 0 ? y : cut(b, y, k, start, end, size), others)
    return b.node('Concat', [before, middle, after], y, { axis: k })
  }
  return [write(whole(0), moving(x.shape, update.shape))]
}
