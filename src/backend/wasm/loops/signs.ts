/** On which side of 0 values can lie: what allows shorter code. NaN may appear anywhere. */
import { isOp, properties } from '../../../kernel/properties.js'
import type { Value } from '../../../compile/kernels.js'

/** For every value: whether it is known never to be above 0, and never below. */
export interface Sign {
  readonly below: boolean
  readonly above: boolean
}

const never: Sign = { below: false, above: false }
/** The signs of floating values. */
export const signsOf = (values: readonly Value[]): readonly Sign[] => {
  const signs: Sign[] = []
  const of = (v: Value): Sign => {
    if (v.dtype !== 'float32' && v.dtype !== 'float64') return never
    if (v.op === 'const') return { below: v.value <= 0, above: v.value >= 0 }
    if (v.op === 'load' || v.op === 'gather' || v.op === 'bitcast') return never
    if (v.op === 'select') return both(signs[v.x]!, signs[v.y]!)
    const x = signs[v.x]!
    if (!('y' in v)) {
      if (v.op === 'neg') return { below: x.above, above: x.below }
      const sign = isOp(v.op) ? properties[v.op].sign : undefined
      return sign === 'nonNegative' ? { below: false, above: true } : sign === 'keeps' ? x : never
    }
    const y = signs[v.y]!
    switch (v.op) {
      case 'add':
        return both(x, y)
      case 'mul':
      case 'div':
        if (v.op === 'mul' && v.x === v.y) return { below: false, above: true }
        return { below: (x.below && y.above) || (x.above && y.below), above: (x.above && y.above) || (x.below && y.below) }
      case 'max':
        return { below: x.below && y.below, above: x.above || y.above }
      case 'min':
        return { below: x.below || y.below, above: x.above && y.above }
      case 'sub': {
        // An element less the greatest of them.
        const r = values[v.y]!
        const s = values[v.x]!
        return {
          below: (x.below && y.above) || (r.op === 'reduce' && r.combine === 'max' && r.x === v.x),
          above: (x.above && y.below) || (s.op === 'reduce' && s.combine === 'max' && s.x === v.y),
        }
      }
      default:
        return never
    }
  }
  for (const v of values) signs.push(of(v))
  return signs
}

const both = (x: Sign, y: Sign): Sign => ({ below: x.below && y.below, above: x.above && y.above })
