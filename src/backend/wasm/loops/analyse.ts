/** What the values of a domain depend on: axes, finished reductions, work. */
import { isOp, properties } from '../../../kernel/properties.js'
import { operandsOf } from '../../../kernel/scalar.js'
import type { Value } from '../../../compile/kernels.js'
import type { Domain } from './domain.js'
import type { Sign } from './signs.js'
import { signsOf } from './signs.js'

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

/** Instructions that gather four elements, each from an address of its own. */
const lanesApart = 8

/** Instructions of one operation on one group, roughly. */
export const costOf = (v: Value): number =>
  v.op === 'gather' ? lanesApart : v.op === 'const' ? 0 : isOp(v.op) ? properties[v.op].cost[v.dtype === 'float64' ? 1 : 0] : 1

/** Looks at every value once. */
export const analyse = ({ axes, values, targets }: Domain): Facts => {
  const along: Set<number>[] = []
  const phase: number[] = []
  const cost: number[] = []
  values.forEach((v, i) => {
    const operands = operandsOf<number>(v)
    const mine = new Set<number>()
    if ('strides' in v)
      v.strides.forEach((s, k) => {
        if (s !== 0 && axes[k]!.size > 1) mine.add(k)
      })
    if (v.op === 'index') mine.add(v.axis)
    else for (const o of operands) for (const k of along[o]!) if (v.op !== 'reduce' || !axes[k]!.inner) mine.add(k)
    along[i] = mine
    phase[i] = operands.reduce((n, o) => Math.max(n, phase[o]!), 0) + (v.op === 'reduce' ? 1 : 0)
    cost[i] = v.op === 'reduce' ? 0 : operands.reduce((n, o) => n + cost[o]!, costOf(v))
  })
  const needed = new Array<boolean>(values.length).fill(false)
  for (const t of targets) needed[t.value] = true
  for (let i = values.length - 1; i >= 0; i--) if (needed[i]) for (const o of operandsOf<number>(values[i]!)) needed[o] = true
  return { along, phase, cost, signs: signsOf(values), needed }
}
