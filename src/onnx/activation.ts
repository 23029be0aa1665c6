/** Activations that have an operator of their own, which runtimes know and quantise. */
import { s } from '../kernel/scalar.js'
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
