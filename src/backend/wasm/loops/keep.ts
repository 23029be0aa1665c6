/** Values that are dear to make twice wait for later loops in the memory of a target that is written last. */
import { operandsOf } from '../../../kernel/scalar.js'
import type { Facts } from './analyse.js'
import type { LoopPlan } from './choose.js'
import { isFolded } from './choose.js'
import type { Domain, StoreTarget } from './domain.js'

/** From how many instructions on a value is kept. */
const dear = 12

/** For every value that is kept: the target whose memory holds it until its own value is written. */
export const keepIn = (d: Domain, facts: Facts, plan: LoopPlan): ReadonlyMap<number, StoreTarget> => {
  const kept = new Map<number, StoreTarget>()
  if (isFolded(plan)) return kept // nothing is made twice
  const full = d.targets.filter((t) => !t.perRow && t.strides[plan.lane] !== 0)
  const free = new Set(full.filter((t) => facts.phase[t.value]! > 0))
  const last = new Map<number, number>()
  /** The last phase whose loop makes a value. */
  const reach = (v: number, phase: number): void => {
    if ((last.get(v) ?? -1) >= phase) return
    last.set(v, phase)
    const value = d.values[v]!
    if (value.op !== 'reduce') for (const o of operandsOf<number>(value)) reach(o, phase)
  }
  for (const t of full) reach(t.value, facts.phase[t.value]!)
  d.values.forEach((v, i) => {
    if (v.op === 'reduce' && facts.needed[i]) reach(v.x, facts.phase[i]! - 1)
  })
  const everywhere = d.axes.flatMap((a, k) => (a.size > 1 ? [k] : []))
  for (let v = d.values.length - 1; v >= 0; v--) {
    const value = d.values[v]!
    const phase = facts.phase[v]!
    if (facts.cost[v]! < dear || value.op === 'reduce' || (last.get(v) ?? -1) <= phase) continue
    if (!everywhere.every((k) => facts.along[v]!.has(k))) continue
    const own = full.find((t) => t.value === v)
    const target = own ?? [...free].find((t) => t.dtype === value.dtype && facts.phase[t.value]! >= last.get(v)!)
    if (target === undefined) continue
    free.delete(target)
    kept.set(v, target)
    break
  }
  return kept
}
