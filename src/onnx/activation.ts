/** Functions that have an operator of their own, which runtimes know and quantise; some are known by what they are made of. */
import { s } from '../kernel/scalar.js'
import type { Value } from './builder.js'
import type { Rule } from './rule.js'
import { scalarNodes } from './scalars.js'

/** Gelu, from operator set 20 on; before, the same formula by erf. Its left tail is as exact as 1 + erf there. */
export const geluErf: Rule = ({ b, values }) => {
  const x = values[0]!
  if (x.type !== 'float32') return null
  if (b.opset >= 20) return [b.node('Gelu', [x], x)]
  const e = s.input(0, 'float32')
  const below = s.add(s.like(e, 1), s.erf(s.mul(e, s.like(e, Math.SQRT1_2))))
  return scalarNodes(b, [s.mul(s.mul(s.like(e, 0.5), e), below)], [x])
}

/** Gelu with tanh, from operator set 20 on. */
export const geluTanh: Rule = ({ b, values }) => {
  const x = values[0]!
  return x.type === 'float32' && b.opset >= 20 ? [b.node('Gelu', [x], x, { approximate: 'tanh' })] : null
}

export const softplus: Rule = ({ b, values }) => {
  const x = values[0]!
  return x.type === 'float32' ? [b.node('Softplus', [x], x)] : null
}

/** `x <= 0 ? 0 : x`. */
export const select: Rule = ({ b, values: [test, low, x] }) => {
  const compared = b.made(test!, 'LessOrEqual')?.inputs
  const fits = x!.type === 'float32' || x!.type === 'float64'
  return fits && low!.constant === 0 && compared?.[0] === x && compared?.[1]?.constant === 0 ? [b.node('Relu', [x!], x!)] : null
}

/** `e / sum(e)` for `e = exp(x - max(x))`, along one axis. */
export const div: Rule = ({ b, values: [e, total] }) => {
  const shift = b.made(e!, 'Exp')?.inputs[0]
  const [x, top] = (shift == null ? undefined : b.made(shift, 'Sub'))?.inputs ?? []
  /** The axis along which `op` made what `y` spreads again from `of`. */
  const along = (y: Value | null | undefined, op: string, of: Value | null | undefined): number | undefined => {
    const reduced = y == null || of == null ? undefined : b.made(y, 'Unsqueeze')?.inputs
    const made = reduced == null ? undefined : b.made(reduced[0]!, op)
    const axes = made?.inputs[1]
    return made?.inputs[0] === of && axes?.shape[0] === 1 && axes === reduced?.[1] ? b.listed(axes)?.[0] : undefined
  }
  const axis = along(total, 'ReduceSum', e)
  if (axis === undefined || along(top, 'ReduceMax', x) !== axis) return null
  return [b.node('Softmax', [x!], x!, { axis })]
}
