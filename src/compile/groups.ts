/** Loops under construction: what fusion assigns equations to. */
import type { Shape } from '../core/shape.js'
import type { Equation, Var } from '../ir/program.js'
import type { IndexMap } from './indexMap.js'

/** Loops under construction: a domain, the axes of it that reductions run over, and the equations computed in it. */
export interface LoopGroup {
  readonly kind: 'group'
  /** Sizes of the axes; none is 1. */
  domain: Shape
  inner: readonly number[]
  readonly members: Set<Equation>
  /** What is written to memory, with the map under which the group computes it. */
  readonly outputs: Map<Var, IndexMap>
  /** The values that it reads. */
  readonly reads: Set<number>
  /** The last search that came by. */
  seen: number
  /** Pieces into which tests of positions cut the loops: the body is written once for each. */
  pieces: number
  /** It has no reduced axes, and gets none. */
  flat: boolean
}

/** An equation that keeps its own kernel. */
export interface Single {
  readonly kind: 'single'
  readonly equation: Equation
  readonly reads: Set<number>
  seen: number
}

/** What runs as one step. */
export type Unit = LoopGroup | Single

/** A reader of a value. */
export interface Use {
  unit: Unit
  /** How the unit's loops read the value; `null` reads memory as it is. */
  map: IndexMap | null
  /** Behind a test: where it fails, the map may lead nowhere. */
  guarded: boolean
}

/** The units of a Program while they grow. */
export interface FusionDraft {
  units: Unit[]
  /** The readers of every value; a group that computes it reads it too. */
  readonly uses: Map<number, Use[]>
  /** The unit that computes a value. */
  readonly makers: Map<number, Unit>
  /** Values that the Program returns. */
  readonly external: ReadonlySet<number>
  /** Searches so far. */
  searches: number
}

/**
 * True when something computed from `from` is read by `to`, other than directly where `direct` is false. Looked for from
 * `to` backwards: while equations are assigned from the last to the first, little before it has a unit. Where `levels` are
 * known, nothing is looked at that cannot lie behind `from`.
 */
export const reaches = (draft: FusionDraft, from: Unit, to: Unit, direct = true, levels?: ReadonlyMap<Unit, number>): boolean => {
  if (from === to) return true
  const least = levels?.get(from) ?? -1
  const { makers } = draft
  const search = ++draft.searches
  to.seen = search
  const stack: Unit[] = [to]
  for (let unit = stack.pop(); unit !== undefined; unit = stack.pop())
    for (const id of unit.reads) {
      const maker = makers.get(id)
      if (maker === undefined) continue
      if (maker === from) {
        if (direct || unit !== to) return true
      } else if (maker.seen !== search) {
        maker.seen = search
        if (levels === undefined || levels.get(maker)! > least) stack.push(maker)
      }
    }
  return false
}

/** A number for every unit, greater than those of all units whose values it reads. */
export const levelsOf = ({ units, makers }: FusionDraft): Map<Unit, number> => {
  const levels = new Map<Unit, number>()
  const makersOf = (unit: Unit): readonly Unit[] => {
    const all: Unit[] = []
    for (const id of unit.reads) {
      const maker = makers.get(id)
      if (maker !== undefined && maker !== unit) all.push(maker)
    }
    return all
  }
  for (const root of units) {
    const stack: Unit[] = [root]
    for (let unit = stack.at(-1); unit !== undefined; unit = stack.at(-1)) {
      if (levels.has(unit)) {
        stack.pop()
        continue
      }
      const before = makersOf(unit)
      const open = before.filter((m) => !levels.has(m))
      if (open.length > 0) for (const m of open) stack.push(m)
      else {
        levels.set(unit, before.reduce((n, m) => Math.max(n, levels.get(m)!), -1) + 1)
        stack.pop()
      }
    }
  }
  return levels
}
