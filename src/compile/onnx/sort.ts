/** Sorting: TopK of all elements, which is stable; keys after the first decide first, so that earlier ones decide last. */
import { isReal } from '../../core/dtype.js'
import { range } from '../../core/shape.js'
import type { SortParams } from '../../prim/sort.js'
import type { Builder, GraphValue } from './builder.js'
import { isOf, ranked } from './model.js'
import type { LoweringRule } from './rule.js'
import { castTo, where } from './scalars.js'

/** Numbers in the order of `x` in types that TopK has; NaN is a key of its own before, because TopK has no place for it. */
const keysOf = (b: Builder, x: GraphValue): readonly GraphValue[] => {
  if (!isOf(isReal, x.type)) return [castTo(b, x, ranked[x.type] ?? x.type)]
  const nan = b.node('IsNaN', [x], { type: 'bool', shape: x.shape })
  return [castTo(b, nan, 'int32'), where(b, nan, b.scalar(0, x.type), x)]
}

export const sort: LoweringRule<SortParams> = ({ b, ins, whole, params: { axis, keys } }) => {
  const operands = range(ins.length).map(whole)
  const shape = ins[0]!.shape
  if (shape.includes(0)) return operands
  const order = (key: GraphValue): GraphValue =>
    b.nodes('TopK', [key, b.ints([shape[axis]!])], [key, { type: 'int64', shape }], { axis, largest: 0, sorted: 1 })[1]!
  const along = (x: GraphValue, at: GraphValue): GraphValue => b.node('GatherElements', [x, at], x, { axis })
  const all = operands.slice(0, keys).flatMap((x) => keysOf(b, x))
  const found = all.reduceRight<GraphValue | null>((before, key) => {
    if (before === null) return order(key)
    return along(before, order(along(key, before)))
  }, null)
  return operands.map((x) => along(x, found!))
}
