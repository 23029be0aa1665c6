/**
 * Fusion: a Program as few passes over memory. Equations are visited from the last to the first; each joins the loops
 * of its readers when that saves a pass, else starts loops of its own. Views cost nothing: they change how their
 * input is read. A reduction joins the loops that spread its result back over what it reduced (softmax, layer norm), or
 * takes up loops over its result. In the end loops over the same domain are merged where they read the same values.
 */
import type { Shape } from '../core/shape.js'
import { sameShape, sizeOf } from '../core/shape.js'
import type { Equation, Program } from '../ir/program.js'
import { hasEffect } from '../ir/host.js'
import { costOfBody } from '../ir/scalarBody.js'
import type { Draft, Group, Single, Unit, Use } from './groups.js'
import { reaches } from './groups.js'
import type { IndexMap } from './indexMap.js'
import { axesOf, compose, identityMap, isWhole, renumbered, sameMap, solid } from './indexMap.js'
import type { Role } from './roles.js'
import { roleOf, solidReduction } from './roles.js'
import { mergeSiblings } from './siblings.js'
import { behind } from './spreads.js'
import type { Target } from './target.js'
import type { Turn } from './turns.js'
import { turnsOf } from './turns.js'

const isOpaque = ({ kind }: Role): boolean => kind === 'opaque' || kind === 'alias'

/** Every equation's unit: the groups and single equations of a Program, and how each value is read. */
export interface Assignment {
  readonly units: readonly Unit[]
  readonly roles: ReadonlyMap<Equation, Role>
  /** The group that computes an equation inside its loops, if any does. */
  readonly groupOf: (e: Equation) => Group | undefined
  /** What waits for what on the host. */
  readonly turns: ReadonlyMap<Equation, Turn>
}

/** Assigns every equation of a Program to a unit, within the limits of a target. */
export const assign = (program: Program, { fusion }: Target): Assignment => {
  const { equations } = program
  const roles = new Map(equations.map((e) => [e, roleOf(e)] as const))
  const reductions = behind(program, roles)
  const turns = turnsOf(program)
  const external = new Set<number>()
  for (const o of program.outputs) if (o.kind === 'var') external.add(o.id)
  const draft: Draft = { units: [], uses: new Map(), home: new Map(), makers: new Map(), external, searches: 0 }
  const { units, uses, home } = draft

  const use = (e: Equation, k: number, unit: Unit, map: IndexMap | null): void => {
    const a = e.inputs[k]!
    if (a.kind === 'literal') return
    unit.reads.add(a.id)
    const list = uses.get(a.id)
    if (list === undefined) uses.set(a.id, [{ unit, map }])
    else if (!list.some((u) => u.unit === unit && (u.map === map || (u.map !== null && map !== null && sameMap(u.map, map)))))
      list.push({ unit, map })
  }
  const open = (e: Equation, domain: Shape, inner: readonly number[]): Group => {
    const group: Group = { kind: 'group', domain, inner, members: new Set([e]), outputs: new Map(), reads: new Set(), seen: 0 }
    for (const v of e.outputs) group.outputs.set(v, identityMap(v.aval.shape))
    units.push(group)
    home.set(e, group)
    for (const v of e.outputs) draft.makers.set(v.id, group)
    return group
  }
  const join = (e: Equation, group: Group, map: IndexMap, asOutput: boolean): void => {
    group.members.add(e)
    if (asOutput) for (const v of e.outputs) group.outputs.set(v, map)
    home.set(e, group)
    for (const v of e.outputs) draft.makers.set(v.id, group)
  }
  const usesOf = (e: Equation): Use[] =>
    e.outputs.length === 1 ? (uses.get(e.outputs[0]!.id) ?? []) : e.outputs.flatMap((v) => uses.get(v.id) ?? [])
  const isExternal = (e: Equation): boolean => e.outputs.some((v) => external.has(v.id))

  /** A group among the readers that may compute `e` itself, and whether `e` must then also be written to memory. */
  const host = (
    e: Equation,
    fits: (map: IndexMap, group: Group, written: boolean) => boolean,
  ): { readonly group: Group; readonly map: IndexMap; readonly written: boolean } | null => {
    const list = usesOf(e)
    const tried = new Set<Unit>()
    for (const { unit, map } of list) {
      if (unit.kind !== 'group' || map === null || tried.has(unit) || unit.members.size >= fusion.equations) continue
      tried.add(unit)
      if (list.some((u) => u.unit === unit && (u.map === null || !sameMap(u.map, map)))) continue
      const written = isExternal(e) || list.some((u) => u.unit !== unit)
      if (!fits(map, unit, written)) continue
      if (list.some((u) => u.unit !== unit && reaches(draft, u.unit, unit))) continue
      return { group: unit, map, written }
    }
    return null
  }

  /** True when the group may compute an elementwise equation that it reads through `map`. */
  const takes =
    (e: Equation, isCheap: boolean) =>
    (map: IndexMap, { domain, inner }: Group, written: boolean): boolean => {
      const { shape, size } = e.outputs[0]!.aval
      const axes = axesOf(map, shape, domain)
      if (axes === null) return !written && size === sizeOf(domain)
      if (isWhole(axes, domain.length))
        // What other loops read too is better made where its rows are made than written along columns and made again.
        return !written || inner.length === 0 || reductions(e.outputs[0]!).spread.every((s) => sameShape(s, inner))
      if (axes.length === domain.length) return !written
      const free = domain.flatMap((_, k) => (axes.includes(k) ? [] : [k]))
      if (inner.length > 0) return sameShape(free, inner) || (!written && (inner.every((k) => free.includes(k)) || isCheap))
      const rows = reductions(e.outputs[0]!).rows.some((r) => sameShape(r.domain, domain) && sameShape(r.inner, free))
      return written ? rows : rows || size === 1 || isCheap
    }

  const elementwise = (e: Equation, role: Role): void => {
    const { shape } = e.outputs[0]!.aval
    const found = host(e, takes(e, role.kind === 'product' || costOfBody(e) <= fusion.again))
    const group = found?.group ?? open(e, solid(shape), [])
    const map = found?.map ?? identityMap(shape)
    if (found !== null) {
      join(e, group, map, found.written)
      if (found.written && group.inner.length === 0) {
        const axes = axesOf(map, shape, group.domain)!
        group.inner = group.domain.flatMap((_, k) => (axes.includes(k) ? [] : [k]))
      }
    }
    const through = (k: number): IndexMap =>
      role.kind === 'keep' ? compose(role.map, map) : role.kind === 'product' ? compose(role.maps[k]!, map) : map
    for (let k = 0; k < e.inputs.length; k++) use(e, k, group, through(k))
  }

  /** Loops over the result of a reduction become loops over its input. */
  const widen = (e: Equation, reduced: readonly number[], domain: Shape, kept: readonly number[]): Group | null => {
    const rowSize = reduced.reduce((n, k) => n * domain[k]!, 1)
    const { shape, size } = e.outputs[0]!.aval
    if (rowSize < fusion.shortRow && size > fusion.small) return null
    const found = host(e, (map, g) => {
      const axes = axesOf(map, shape, g.domain)
      return g.inner.length === 0 && axes !== null && isWhole(axes, g.domain.length)
    })
    if (found === null) return null
    const { group } = found
    group.domain = domain
    group.inner = reduced
    for (const [v, map] of group.outputs) group.outputs.set(v, renumbered(map, kept))
    for (const id of group.reads)
      for (const u of uses.get(id) ?? []) if (u.unit === group && u.map !== null) u.map = renumbered(u.map, kept)
    return group
  }

  const reduce = (e: Equation, axes: readonly number[]): void => {
    const input = e.inputs[0]!.aval.shape
    const { domain, inner, kept } = solidReduction(input, axes)
    const result = e.outputs[0]!.aval.shape
    /** The axes of a group's domain over which its reductions run when it reads the result through `map`. */
    const innerOf = (map: IndexMap, g: Group): readonly number[] | null => {
      const rows = axesOf(map, result, g.domain)
      if (rows === null) return null
      const free = g.domain.flatMap((_, k) => (rows.includes(k) ? [] : [k]))
      if (free.length !== inner.length || free.some((k, i) => g.domain[k] !== domain[inner[i]!])) return null
      if (g.inner.length > 0 && !sameShape(g.inner, free)) return null
      return g === widened || free.reduce((n, k) => n * g.domain[k]!, 1) <= fusion.row ? free : null
    }
    const fits = (map: IndexMap, g: Group): boolean => innerOf(map, g) !== null
    let widened: Group | null = null
    let found = host(e, fits)
    if (found === null) {
      widened = widen(e, inner, domain, kept)
      if (widened !== null) found = host(e, fits)
    }
    if (found === null) {
      const group = open(e, domain, inner)
      group.outputs.set(e.outputs[0]!, renumbered(identityMap(result), kept))
      use(e, 0, group, identityMap(input))
      return
    }
    const { group, map, written } = found
    const free = innerOf(map, group)!
    group.inner = free
    join(e, group, map, written)
    let outer = 0
    let next = 0
    use(
      e,
      0,
      group,
      input.map((n, k) => {
        if (!axes.includes(k)) return map[outer++]!
        return n === 1 ? { axis: -1, scale: 0, offset: 0 } : { axis: free[next++]!, scale: 1, offset: 0 }
      }),
    )
  }

  const single = (e: Equation): void => {
    const unit: Single = { kind: 'single', equation: e, reads: new Set(), seen: 0 }
    units.push(unit)
    const turn = turns.get(e)
    if (turn !== undefined) {
      draft.makers.set(turn.done, unit)
      if (turn.after !== null) unit.reads.add(turn.after)
    }
    for (const v of e.outputs) draft.makers.set(v.id, unit)
    e.inputs.forEach((_, k) => {
      use(e, k, unit, null)
    })
  }
  const opaques = new Set<number>()
  for (const e of equations) if (isOpaque(roles.get(e)!)) for (const v of e.outputs) opaques.add(v.id)
  const inputs = new Set(program.inputs.map((v) => v.id))
  /** True for another shape of what is in memory anyway, which costs nothing as an alias of it. */
  const isLaidOut = (e: Equation): boolean => {
    const [x] = e.inputs
    return e.prim.lower.kind === 'alias' && x?.kind === 'var' && (inputs.has(x.id) || opaques.has(x.id))
  }

  for (let at = equations.length - 1; at >= 0; at--) {
    const e = equations[at]!
    const role = roles.get(e)!
    const list = usesOf(e)
    if (list.length === 0 && !isExternal(e) && !hasEffect(e)) continue
    switch (role.kind) {
      case 'scalar':
      case 'keep':
      case 'product':
        elementwise(e, role)
        break
      case 'reduce':
        reduce(e, role.axes)
        break
      case 'view':
      case 'iota': {
        if (role.kind === 'view') for (const u of [...list]) if (u.map !== null) use(e, 0, u.unit, compose(role.map, u.map))
        if (!isExternal(e) && !list.some((u) => u.map === null)) break
        if (isLaidOut(e)) single(e)
        else {
          const { shape } = e.outputs[0]!.aval
          const group = open(e, solid(shape), [])
          if (role.kind === 'view') use(e, 0, group, compose(role.map, identityMap(shape)))
        }
        break
      }
      case 'alias':
      case 'opaque':
        single(e)
    }
  }
  mergeSiblings(draft, fusion)
  return { units: draft.units.reverse(), roles, groupOf: (e) => home.get(e), turns }
}
