/** Loops under construction: what fusion assigns equations to. */
import type { Shape } from '../core/shape.js'
import type { Equation, Var } from '../ir/program.js'
import type { IndexMap } from './indexMap.js'

/** Loops under construction: a domain, the axes of it that reductions run over, and the equations computed in it. */
export interface Group {
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
}

/** An equation that keeps its own kernel. */
export interface Single {
  readonly kind: 'single'
  readonly equation: Equation
  readonly reads: Set<number>
  seen: number
}

/** What runs as one step. */
export type Unit = Group | Single

/** A reader of a value. */
export interface Use {
  unit: Unit
  /** How the unit's loops read the value; `null` reads memory as it is. */
  map: IndexMap | null
}

/** The units of a Program while they grow. */
export interface Draft {
  units: Unit[]
  /** The readers of every value; a group that computes it reads it too. */
  readonly uses: Map<number, Use[]>
  /** The group that computes an equation. */
  readonly home: Map<Equation, Group>
  /** The unit that computes a value. */
  readonly makers: Map<number, Unit>
  /** Values that the Program returns. */
  readonly external: ReadonlySet<number>
  /** Searches so far. */
  searches: number
}

/** The most equations in one group: more would spill every register and compile slowly. */
export const groupLimit = 128

/**
 * True when something computed from `from` is read by `to`, other than directly where `direct` is false. Looked for from
 * `to` backwards: while equations are assigned from the last to the first, little before it has a unit.
 */
export const reaches = (draft: Draft, from: Unit, to: Unit, direct = true): boolean => {
  if (from === to) return true
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
        stack.push(maker)
      }
    }
  return false
}
