/** Shares of a total: what is divided by a sum of exponentials of which the greatest is 1 is multiplied by its inverse instead. */
import type { Value } from '../../../compile/kernels.js'
import type { Domain } from './domain.js'
import { rebuild } from './rebuild.js'

/** True where `e` is e^(x - max x): between 0 and 1, and 1 somewhere. */
const isFalling = (values: readonly Value[], e: Value): boolean => {
  if (e.op !== 'exp') return false
  const d = values[e.x]!
  if (d.op !== 'sub') return false
  const most = values[d.y]!
  return most.op === 'reduce' && most.combine === 'max' && most.x === d.x
}

/** Such a sum lies between 1 and the number of its terms: its inverse neither overflows nor loses digits, and is taken once for all shares. */
const isTotal = (values: readonly Value[], y: Value): boolean => y.op === 'reduce' && y.combine === 'add' && isFalling(values, values[y.x]!)

/** The domain with shares of totals as products. */
export const withInverses = (d: Domain): Domain => {
  if (!d.values.some((v) => v.op === 'div' && isTotal(d.values, d.values[v.y]!))) return d
  const inverses = new Map<number, number>()
  const { values, positions } = rebuild(
    d.values,
    d.targets.map((t) => t.value),
    (v, i, emit) => {
      const { op } = v
      if (op !== 'div' || !isTotal(d.values, d.values[(d.values[i] as typeof v).y]!)) return emit(v)
      let y = inverses.get(v.y)
      if (y === undefined) {
        const one = emit({ op: 'const', value: 1, dtype: v.dtype })
        inverses.set(v.y, (y = emit({ op: 'div', x: one, y: v.y, dtype: v.dtype })))
      }
      return emit({ op: 'mul', x: v.x, y, dtype: v.dtype })
    },
  )
  return { ...d, values, targets: d.targets.map((t, k) => ({ ...t, value: positions[k]! })) }
}
