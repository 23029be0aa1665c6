/** What the values of a domain depend on: axes, finished reductions, work. */
import type { DType } from '../../../core/dtype.js'
import type { Value } from '../../../compile/kernels.js'
import type { Domain } from './domain.js'
import type { Sign } from './signs.js'
import { signsOf } from './signs.js'

/** The positions of a value's operands. */
export const operandsOf = (v: Value): readonly number[] => {
  if (v.op === 'load' || v.op === 'const' || v.op === 'index') return []
  if (v.op === 'select') return [v.test, v.x, v.y]
  return 'y' in v ? [v.x, v.y] : [v.x]
}

/** Facts about every value, by position. */
export interface Facts {
  /** Along which axes it changes. */
  readonly along: readonly ReadonlySet<number>[]
  /** How many reductions lie below one another under it, itself included. */
  readonly phase: readonly number[]
  /** Operations, roughly in instructions, to make it again from memory and finished reductions. */
  readonly cost: readonly number[]
  readonly signs: readonly Sign[]
  /** Whether any target needs it. */
  readonly needed: readonly boolean[]
}

const cheap: ReadonlySet<string> = new Set([
  'add',
  'sub',
  'mul',
  'neg',
  'abs',
  'and',
  'or',
  'xor',
  'not',
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'select',
  'bitcast',
  'floor',
  'ceil',
  'round',
  'trunc',
])
const middling: ReadonlySet<string> = new Set(['max', 'min', 'div', 'sqrt', 'rsqrt', 'cast', 'shl', 'shr', 'sign'])

/** Instructions of functions of four float32. */
const functions: Readonly<Record<string, number>> = {
  exp: 27,
  tanh: 34,
  sigmoid: 32,
  log: 50,
  sin: 60,
  cos: 60,
  erf: 50,
  hypot: 30,
  nextafter: 25,
  exp2: 26,
  expm1: 34,
  log2: 45,
  log10: 50,
  log1p: 60,
  tan: 80,
  asin: 50,
  acos: 58,
  atan: 52,
  atan2: 62,
  sinh: 54,
  cosh: 36,
  asinh: 110,
  acosh: 95,
  atanh: 88,
  erfc: 110,
  cbrt: 54,
  pow: 140,
}
/** The same of float64, in which fewer are written out. */
const doubles: Readonly<Record<string, number>> = { expm1: 130, log2: 110, log10: 120, log1p: 130 }
/** Functions that cost the same in float64. */
const written: ReadonlySet<string> = new Set(['exp', 'exp2', 'tanh', 'sigmoid', 'log', 'sin', 'cos', 'hypot', 'nextafter', 'erf'])
/** Instructions of what is called rather than written out. */
const calledCost = 250

const functionCost = (op: string, dtype: DType): number =>
  (dtype === 'float64' && !written.has(op) ? doubles[op] : functions[op]) ?? calledCost

/** Instructions of one operation on one group, roughly. */
export const costOf = (v: Value): number => {
  if (v.op === 'const') return 0
  if (v.op === 'load' || v.op === 'index' || v.op === 'reduce' || cheap.has(v.op)) return 1
  return middling.has(v.op) ? 3 : functionCost(v.op, v.dtype)
}

/** Looks at every value once. */
export const analyse = ({ axes, values, targets }: Domain): Facts => {
  const along: Set<number>[] = []
  const phase: number[] = []
  const cost: number[] = []
  values.forEach((v, i) => {
    const operands = operandsOf(v)
    const mine = new Set<number>()
    if (v.op === 'load')
      v.strides.forEach((s, k) => {
        if (s !== 0 && axes[k]!.size > 1) mine.add(k)
      })
    else if (v.op === 'index') mine.add(v.axis)
    else for (const o of operands) for (const k of along[o]!) if (v.op !== 'reduce' || !axes[k]!.inner) mine.add(k)
    along[i] = mine
    phase[i] = operands.reduce((n, o) => Math.max(n, phase[o]!), 0) + (v.op === 'reduce' ? 1 : 0)
    cost[i] = v.op === 'reduce' ? 0 : operands.reduce((n, o) => n + cost[o]!, costOf(v))
  })
  const needed = new Array<boolean>(values.length).fill(false)
  for (const t of targets) needed[t.value] = true
  for (let i = values.length - 1; i >= 0; i--) if (needed[i]) for (const o of operandsOf(values[i]!)) needed[o] = true
  return { along, phase, cost, signs: signsOf(values), needed }
}
