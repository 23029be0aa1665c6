/** Functions that have an operator of their own, which runtimes know and quantise; some are known by what they are made of. */
import { isReal } from '../../core/dtype.js'
import { finite, s } from '../../kernel/scalar.js'
import type { Builder, GraphValue } from './builder.js'
import { isOf, networks } from './model.js'
import type { LoweringRule } from './rule.js'
import { scalarNodes } from './scalars.js'

/** Gelu, from operator set 20 on; before, the same formula by erf. Its left tail is as exact as 1 + erf there. */
export const geluErf: LoweringRule = ({ b, values }) => {
  const x = values[0]!
  if (!networks[x.type]) return null
  if (b.opset >= 20) return [b.node('Gelu', [x], x)]
  const e = s.input(0, 'float32')
  const below = s.add(s.like(e, 1), s.erf(s.mul(e, s.like(e, Math.SQRT1_2))))
  return scalarNodes(b, [s.mul(s.mul(s.like(e, 0.5), e), below)], [x])
}

/** Gelu with tanh, from operator set 20 on. */
export const geluTanh: LoweringRule = ({ b, values }) => {
  const x = values[0]!
  return networks[x.type] && b.opset >= 20 ? [b.node('Gelu', [x], x, { approximate: 'tanh' })] : null
}

/** `x sigmoid(x)`, x held above -Infinity. Digits where the sigmoid is subnormal, which runtimes have not, are not asked for. */
export const silu: LoweringRule = ({ b, values }) => {
  const x = values[0]!
  if (!isOf(isReal, x.type)) return null
  const e = s.input(0, x.type)
  return scalarNodes(b, [s.mul(finite(e), s.sigmoid(e))], [x])
}

export const softplus: LoweringRule = ({ b, values }) => {
  const x = values[0]!
  return networks[x.type] ? [b.node('Softplus', [x], x)] : null
}

/** The operator works along one axis. */
const alongAxis =
  (op: 'Softmax' | 'LogSoftmax'): LoweringRule<{ readonly axes: readonly number[] }> =>
  ({ b, values: [x], params: { axes } }) =>
    axes.length === 1 && isOf(isReal, x!.type) ? [b.node(op, [x!], x!, { axis: axes[0]! })] : null

export const softmax = alongAxis('Softmax')
export const logSoftmax = alongAxis('LogSoftmax')

/** `x <= 0 ? 0 : x`. */
export const select: LoweringRule = ({ b, values: [test, low, x] }) => {
  const compared = b.made(test, 'LessOrEqual')?.inputs
  const fits = isOf(isReal, x!.type)
  return fits && low!.constant === 0 && compared?.[0] === x && compared?.[1]?.constant === 0 ? [b.node('Relu', [x!], x!)] : null
}

/** What `op` of one axis made and Unsqueeze put back along it: the operand and the axis. */
const alongOne = (b: Builder, y: GraphValue | null | undefined, op: string): readonly [GraphValue, number] | undefined => {
  const spread = b.made(y, 'Unsqueeze')?.inputs
  const [x, axes] = b.made(spread?.[0], op)?.inputs ?? []
  const list = b.listed(axes)
  return x && axes === spread?.[1] && list?.length === 1 ? [x, list[0]!] : undefined
}

/** `e / total`, if it is a softmax along one axis: `e = exp(x - max(x))`, `total = sum(e)`. */
const softmaxOf = (b: Builder, e: GraphValue | undefined, total: GraphValue | undefined): readonly GraphValue[] | null => {
  const [x, top] = b.made(b.made(e, 'Exp')?.inputs[0], 'Sub')?.inputs ?? []
  const [sum, max] = [alongOne(b, total, 'ReduceSum'), alongOne(b, top, 'ReduceMax')]
  const fits = x && sum?.[0] === e && max?.[0] === x && sum?.[1] === max[1]
  return fits ? [b.node('Softmax', [x], x, { axis: max[1] })] : null
}

/** `e / total`. */
export const div: LoweringRule = ({ b, values: [e, total] }) => softmaxOf(b, e, total)

/** `e (1 / total)`. */
export const mul: LoweringRule = ({ b, values: [e, inverse] }) => {
  const [one, total] = b.made(inverse, 'Div')?.inputs ?? []
  return one?.constant === 1 ? softmaxOf(b, e, total ?? undefined) : null
}
