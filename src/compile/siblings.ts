/** Loops over one domain that read the same values, or each other's, become one. */
import { sameShape, sizeOf } from '../core/shape.js'
import type { Buffers } from './buffers.js'
import type { FusionDraft, LoopGroup, Unit, Use } from './groups.js'
import { levelsOf, reaches } from './groups.js'
import { sameMap } from './indexMap.js'
import type { FusionLimits } from './target.js'

/** How many groups over its domain a group is compared with. */
const attempts = 16

/** What a group reads, by value. */
type Reads = Map<number, Use[]>

const readsOf = ({ uses }: FusionDraft): Map<LoopGroup, Reads> => {
  const reads = new Map<LoopGroup, Reads>()
  for (const [id, list] of uses)
    for (const use of list) {
      if (use.unit.kind !== 'group') continue
      let mine = reads.get(use.unit)
      if (mine === undefined) reads.set(use.unit, (mine = new Map()))
      const known = mine.get(id)
      if (known === undefined) mine.set(id, [use])
      else known.push(use)
    }
  return reads
}

/** Merges the groups of a draft, within limits. */
export const mergeSiblings = (draft: FusionDraft, fusion: FusionLimits, buffers: Buffers): void => {
  const reads = readsOf(draft)
  const levels = levelsOf(draft)
  const none: Reads = new Map()
  const of = (g: LoopGroup): Reads => reads.get(g) ?? none

  /** What `to` reads of what `from` writes is read where it is made. */
  const inPlace = (from: LoopGroup, to: LoopGroup): boolean => {
    for (const [v, map] of from.outputs) for (const u of of(to).get(v.id) ?? []) if (u.map === null || !sameMap(u.map, map)) return false
    return true
  }
  const related = (a: LoopGroup, b: LoopGroup): boolean => {
    for (const [id, list] of of(a)) {
      const other = of(b).get(id)
      if (other?.some((u) => u.map !== null && list.some((w) => w.map !== null && sameMap(w.map, u.map!)))) return true
    }
    const reader = (from: LoopGroup, to: LoopGroup): boolean => {
      for (const v of from.outputs.keys()) if (of(to).has(v.id)) return true
      return false
    }
    return reader(a, b) || reader(b, a)
  }
  const isRead = (g: LoopGroup): boolean => {
    for (const v of g.outputs.keys()) if (draft.uses.get(v.id)?.some((u) => u.unit !== g) === true) return true
    return false
  }
  /** True when something else stands between what `from` makes and `to`. */
  const leads = (from: LoopGroup, to: LoopGroup): boolean =>
    levels.get(from)! < levels.get(to)! && isRead(from) && reaches(draft, from, to, false, levels)
  const fits = (a: LoopGroup, b: LoopGroup): boolean =>
    sameShape(a.domain, b.domain) &&
    (a.inner.length === 0 || b.inner.length === 0 || sameShape(a.inner, b.inner)) &&
    a.flat === b.flat &&
    (a.members.size + b.members.size) * a.pieces * b.pieces <= fusion.equations &&
    (sizeOf(a.domain) <= fusion.small || related(a, b)) &&
    inPlace(a, b) &&
    inPlace(b, a) &&
    !leads(a, b) &&
    !leads(b, a) &&
    buffers.allowsMerge(a, b)

  /** Lifts what reads a group that has risen. */
  const lift = (risen: Unit): void => {
    const stack: Unit[] = [risen]
    for (let unit = stack.pop(); unit !== undefined; unit = stack.pop()) {
      const level = levels.get(unit)!
      const made = unit.kind === 'group' ? [...unit.outputs.keys()] : unit.equation.outputs
      for (const v of made)
        for (const { unit: reader } of draft.uses.get(v.id) ?? [])
          if (reader !== unit && levels.get(reader)! <= level) {
            levels.set(reader, level + 1)
            stack.push(reader)
          }
    }
  }

  const merge = (a: LoopGroup, b: LoopGroup): void => {
    if (a.inner.length === 0) a.inner = b.inner
    a.pieces *= b.pieces
    for (const e of b.members) {
      a.members.add(e)
      for (const v of e.outputs) if (draft.makers.get(v.id) === b) draft.makers.set(v.id, a)
    }
    for (const [v, map] of b.outputs) a.outputs.set(v, map)
    for (const id of b.reads) a.reads.add(id)
    const mine = new Map(of(a))
    for (const [id, list] of of(b)) {
      const all = draft.uses.get(id)!
      for (const u of list) {
        u.unit = a
        const known = mine.get(id) ?? []
        if (known.some((w) => w.map === u.map || (w.map !== null && u.map !== null && sameMap(w.map, u.map)))) all.splice(all.indexOf(u), 1)
        else mine.set(id, [...known, u])
      }
    }
    reads.set(a, mine)
    levels.set(a, Math.max(levels.get(a)!, levels.get(b)!))
    lift(a)
    for (const v of a.outputs.keys())
      if (!draft.external.has(v.id) && (draft.uses.get(v.id) ?? []).every((u) => u.unit === a)) a.outputs.delete(v)
  }

  const byDomain = new Map<string, LoopGroup[]>()
  draft.units = draft.units.filter((unit) => {
    if (unit.kind !== 'group') return true
    const key = unit.domain.join(',')
    const others = byDomain.get(key)
    if (others === undefined) {
      byDomain.set(key, [unit])
      return true
    }
    for (let k = others.length - 1; k >= 0 && k >= others.length - attempts; k--)
      if (fits(others[k]!, unit)) {
        merge(others[k]!, unit)
        return false
      }
    others.push(unit)
    return true
  })
}
