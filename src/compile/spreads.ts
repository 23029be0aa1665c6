/** Which reductions lie behind the values of a Program: what tells loops that run along rows from loops that run along columns. */
import type { Shape } from '../core/shape.js'
import { sameShape } from '../core/shape.js'
import type { Equation, Program, Var } from '../ir/program.js'
import { axesOf, compose, identityMap, solid } from './indexMap.js'
import type { Role } from './roles.js'
import { solidReduction } from './roles.js'

/** A reduction of `inner` axes of `domain`. */
export interface Direction {
  readonly domain: Shape
  readonly inner: readonly number[]
}

/** What is known of a value. */
export interface Behind {
  /** Reductions of which the value is made without leaving their rows. */
  readonly rows: readonly Direction[]
  /** Inner axes of reductions that were spread back over the value's own domain. */
  readonly spread: readonly (readonly number[])[]
}

const nothing: Behind = { rows: [], spread: [] }
/** The most directions that are remembered for one value. */
const most = 4

const sameAxes = (a: readonly number[], b: readonly number[]): boolean => sameShape(a, b)
const sameDirection = (a: Direction, b: Direction): boolean => sameShape(a.domain, b.domain) && sameAxes(a.inner, b.inner)

const union = <T>(lists: readonly (readonly T[])[], same: (a: T, b: T) => boolean): readonly T[] => {
  const filled = lists.filter((l) => l.length > 0)
  if (filled.length <= 1) return filled[0] ?? []
  const all: T[] = []
  for (const list of filled) for (const x of list) if (all.length < most && !all.some((y) => same(x, y))) all.push(x)
  return all
}

/** True when `axes` are the axes of `domain` that are not `inner`. */
const complements = (axes: readonly number[], inner: readonly number[], domain: Shape): boolean =>
  axes.length + inner.length === domain.length && axes.every((a) => !inner.includes(a))

/** The reductions behind every value. */
export const behind = (program: Program, roles: ReadonlyMap<Equation, Role>): ((v: Var) => Behind) => {
  const known = new Map<number, Behind>()
  const of = (v: Var): Behind => known.get(v.id) ?? nothing
  for (const e of program.equations) {
    const role = roles.get(e)!
    const inputs = e.inputs.flatMap((a) => (a.kind === 'var' && known.has(a.id) ? [{ v: a, b: of(a) }] : []))
    let result: Behind | null = null
    if (role.kind === 'reduce') {
      const { domain, inner } = solidReduction(e.inputs[0]!.aval.shape, role.axes)
      result = { rows: [{ domain, inner }], spread: [] }
    } else if (inputs.length === 0) continue
    else if (role.kind === 'scalar')
      result = {
        rows: union(
          inputs.map(({ b }) => b.rows),
          sameDirection,
        ),
        spread: union(
          inputs.map(({ b }) => b.spread),
          sameAxes,
        ),
      }
    else if (role.kind === 'view' || role.kind === 'keep') {
      const { v, b } = inputs[0]!
      const to = e.outputs[0]!.aval.shape
      const domain = solid(to)
      const axes = axesOf(compose(role.map, identityMap(to)), v.aval.shape, domain)
      if (axes === null) continue
      result =
        axes.length === domain.length
          ? axes.every((a, k) => a === k)
            ? b
            : nothing
          : {
              rows: [],
              spread: b.rows.flatMap((r) => (sameShape(r.domain, domain) && complements(axes, r.inner, domain) ? [r.inner] : [])),
            }
    }
    if (result !== null && (result.rows.length > 0 || result.spread.length > 0)) for (const v of e.outputs) known.set(v.id, result)
  }
  return of
}
