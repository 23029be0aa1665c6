/**
 * Fusion: a Program as few passes over memory. Equations are visited from the last to the first; each joins the loops
 * of its readers when that saves a pass, else starts loops of its own. Views cost nothing: they change how their
 * input is read. A reduction joins the loops that spread its result back over what it reduced (softmax, layer norm).
 */
import type { Aval } from '../core/aval.js'
import type { Shape } from '../core/shape.js'
import { sameShape, sizeOf } from '../core/shape.js'
import type { Equation, Program, Var } from '../ir/program.js'
import type { Combine, LoopNest } from '../kernel/loop.js'
import type { IndexMap } from './indexMap.js'
import { compose, identityMap, isIdentity, mapOfReshape, mapOfView, sameMap } from './indexMap.js'

/** Loops under construction: a domain, the axes of it that reductions run over, and the equations computed in it. */
export interface Group {
  readonly kind: 'group'
  readonly domain: Shape
  inner: readonly number[]
  readonly members: Set<Equation>
  readonly outputs: Set<Var>
}

/** An equation that keeps its own kernel. */
export interface Single {
  readonly kind: 'single'
  readonly equation: Equation
}

/** What runs as one step. */
export type Unit = Group | Single

/** How an equation takes part in fusion. */
export type Role =
  | { readonly kind: 'scalar' }
  | { readonly kind: 'view'; readonly map: IndexMap }
  | { readonly kind: 'iota'; readonly axis: number }
  | { readonly kind: 'reduce'; readonly axes: readonly number[]; readonly combine: Combine }
  | { readonly kind: 'alias' }
  | { readonly kind: 'opaque' }

/** The most equations in one group: more would spill every register and compile slowly. */
const groupLimit = 128
/** The longest row over which a reduction may be spread back inside one kernel; longer ones are worth a pass of their own. */
const rowLimit = 1 << 16

const inputAval = (e: Equation, k: number): Aval => e.inputs[k]!.aval

/** The axes that a loop nest reduces, when all it does is combine the elements of its one input. */
const reducedAxes = (nest: LoopNest, input: Aval): readonly number[] | null => {
  const { body, reduce, shape } = nest
  if (reduce === undefined || body.op !== 'load' || body.at.length !== input.shape.length) return null
  const axes = body.at.map((at) => (at.op === 'index' ? at.axis : -1))
  if (axes.includes(-1)) return null
  const reduced = axes.flatMap((a, k) => (a >= shape.length ? [k] : []))
  const expected = new Array<number>(axes.length)
  let outer = 0
  let inner = shape.length
  for (let k = 0; k < axes.length; k++) expected[k] = reduced.includes(k) ? inner++ : outer++
  return axes.every((a, k) => a === expected[k]) ? reduced : null
}

/** What fusion may do with an equation, read off its lowering. */
export const roleOf = (e: Equation): Role => {
  const { lower } = e.prim
  const ins = e.inputs.map((a) => a.aval)
  const outs = e.outputs.map((v) => v.aval)
  switch (lower.kind) {
    case 'scalar':
      return { kind: 'scalar' }
    case 'view': {
      const map = mapOfView(lower.view(ins[0]!, e.params), ins[0]!.shape)
      return map === null || ins[0]!.size === 0 ? { kind: 'opaque' } : { kind: 'view', map }
    }
    case 'alias': {
      const map = mapOfReshape(ins[0]!.shape, outs[0]!.shape)
      return map === null ? { kind: 'alias' } : { kind: 'view', map }
    }
    case 'loops': {
      const nests = lower.nests(ins, outs, e.params)
      const [nest] = nests
      if (nests.length !== 1 || nest === undefined) return { kind: 'opaque' }
      if (nest.reduce === undefined && nest.body.op === 'index') return { kind: 'iota', axis: nest.body.axis }
      const axes = ins.length === 1 ? reducedAxes(nest, ins[0]!) : null
      return axes === null || ins[0]!.size === 0 ? { kind: 'opaque' } : { kind: 'reduce', axes, combine: nest.reduce!.combine }
    }
    default:
      return { kind: 'opaque' }
  }
}

interface Use {
  readonly unit: Unit
  /** How the unit's loops read the value; `null` reads memory as it is. */
  readonly map: IndexMap | null
}

/** The map under which a reduction's input is read in loops that read its result through `map`; `null` if they do not fit. */
export const throughReduction = (
  map: IndexMap,
  domain: Shape,
  input: Shape,
  axes: readonly number[],
): { readonly map: IndexMap; readonly inner: readonly number[] } | null => {
  const used = map.map((c) => c.axis)
  if (map.some((c, k) => (c.axis < 0 ? true : c.scale !== 1 || c.offset !== 0) && keptSize(input, axes, k) !== 1)) return null
  const free = domain.flatMap((_, k) => (used.includes(k) ? [] : [k]))
  const solid = axes.filter((a) => input[a] !== 1)
  const open = free.filter((k) => domain[k] !== 1)
  if (solid.length !== open.length || solid.some((a, i) => input[a] !== domain[open[i]!])) return null
  let kept = 0
  const full = input.map((n, a) => {
    if (!axes.includes(a)) return map[kept++]!
    return n === 1 ? { axis: -1, scale: 0, offset: 0 } : { axis: open[solid.indexOf(a)]!, scale: 1, offset: 0 }
  })
  return { map: full, inner: open }
}
const keptSize = (input: Shape, axes: readonly number[], k: number): number => input.filter((_, a) => !axes.includes(a))[k]!

/** Number of rows of a group: the size of its domain without the inner axes; 0 when it reduces nothing. */
const rowsOf = (g: Group): number => (g.inner.length === 0 ? 0 : g.domain.reduce((n, size, k) => (g.inner.includes(k) ? n : n * size), 1))

/** True when a value read through `map` is the same along the inner axes. */
export const perRow = (map: IndexMap, g: { readonly inner: readonly number[] }): boolean => map.every((c) => !g.inner.includes(c.axis))

/** Every equation's unit: the groups and single equations of a Program, and how each value is read. */
export interface Assignment {
  readonly units: readonly Unit[]
  readonly roles: ReadonlyMap<Equation, Role>
  /** The group that computes an equation inside its loops, if any does. */
  readonly groupOf: (e: Equation) => Group | undefined
}

/** Assigns every equation of a Program to a unit. */
export const assign = (program: Program): Assignment => {
  const roles = new Map(program.equations.map((e) => [e, roleOf(e)] as const))
  const units: Unit[] = []
  const uses = new Map<number, Use[]>()
  const home = new Map<Equation, Group>()
  const external = new Set<number>()
  for (const o of program.outputs) if (o.kind === 'var') external.add(o.id)

  const use = (e: Equation, k: number, unit: Unit, map: IndexMap | null): void => {
    const a = e.inputs[k]!
    if (a.kind === 'literal') return
    const list = uses.get(a.id)
    if (list === undefined) uses.set(a.id, [{ unit, map }])
    else if (!list.some((u) => u.unit === unit && (u.map === map || (u.map !== null && map !== null && sameMap(u.map, map)))))
      list.push({ unit, map })
  }
  const outputsOf = (unit: Unit): Iterable<Var> => (unit.kind === 'group' ? unit.outputs : unit.equation.outputs)
  /** True when something computed from `from` is read by `to`. */
  const reaches = (from: Unit, to: Unit): boolean => {
    const seen = new Set<Unit>([from])
    const stack: Unit[] = [from]
    for (let unit = stack.pop(); unit !== undefined; unit = stack.pop()) {
      if (unit === to) return true
      for (const v of outputsOf(unit))
        for (const u of uses.get(v.id) ?? [])
          if (!seen.has(u.unit)) {
            seen.add(u.unit)
            stack.push(u.unit)
          }
    }
    return false
  }
  const open = (e: Equation, domain: Shape, inner: readonly number[]): Group => {
    const group: Group = { kind: 'group', domain, inner, members: new Set([e]), outputs: new Set(e.outputs) }
    units.push(group)
    home.set(e, group)
    return group
  }
  const join = (e: Equation, group: Group, asOutput: boolean): void => {
    group.members.add(e)
    if (asOutput) for (const v of e.outputs) group.outputs.add(v)
    home.set(e, group)
  }
  const usesOf = (e: Equation): Use[] => e.outputs.flatMap((v) => uses.get(v.id) ?? [])
  const isExternal = (e: Equation): boolean => e.outputs.some((v) => external.has(v.id))

  /** A group among the readers that may compute `e` itself, and whether `e` must then also be written to memory. */
  const host = (e: Equation, fits: (u: Use, group: Group) => boolean): { readonly group: Group; readonly written: boolean } | null => {
    const list = usesOf(e)
    const tried = new Set<Unit>()
    for (const { unit } of list) {
      if (unit.kind !== 'group' || tried.has(unit) || unit.members.size >= groupLimit) continue
      tried.add(unit)
      const mine = list.filter((u) => u.unit === unit)
      if (!mine.every((u) => u.map !== null && fits(u, unit))) continue
      if (mine.some((u) => !sameMap(u.map!, mine[0]!.map!))) continue
      const others = list.filter((u) => u.unit !== unit).map((u) => u.unit)
      if (others.some((o) => reaches(o, unit))) continue
      return { group: unit, written: others.length > 0 || isExternal(e) }
    }
    return null
  }

  const scalar = (e: Equation): void => {
    const { shape, size } = e.outputs[0]!.aval
    const found = host(e, (u, g) => {
      if (isIdentity(u.map!, g.domain.length) && sameShape(shape, g.domain)) return true
      // Inside, without a trip to memory: every element is computed once, or once per row, or it is one element for all.
      return (
        !isExternal(e) &&
        usesOf(e).every((o) => o.unit === g) &&
        (size === 1 || size === sizeOf(g.domain) || (size === rowsOf(g) && perRow(u.map!, g)))
      )
    })
    const group = found?.group ?? open(e, shape, [])
    const map = found === null ? identityMap(shape.length) : usesOf(e).find((u) => u.unit === group)!.map!
    if (found !== null) join(e, group, found.written)
    e.inputs.forEach((_, k) => use(e, k, group, map))
  }

  const reduce = (e: Equation, axes: readonly number[]): void => {
    const input = inputAval(e, 0).shape
    const fit = (u: Use, g: Group) => {
      const t = throughReduction(u.map!, g.domain, input, axes)
      if (t === null || t.inner.length === 0) return null
      if (g.inner.length > 0 && !sameShape(g.inner, t.inner)) return null
      const row = t.inner.reduce((n, k) => n * g.domain[k]!, 1)
      return row <= rowLimit && sizeOf(input) === sizeOf(g.domain) ? t : null
    }
    const found = host(e, (u, g) => fit(u, g) !== null)
    if (found === null) {
      const group = open(
        e,
        input,
        axes.filter((a) => input[a] !== 1),
      )
      use(e, 0, group, identityMap(input.length))
      return
    }
    const { group, written } = found
    const t = fit(
      usesOf(e).find((u) => u.unit === group)!,
      group,
    )!
    group.inner = t.inner
    join(e, group, written)
    use(e, 0, group, t.map)
  }

  for (let i = program.equations.length - 1; i >= 0; i--) {
    const e = program.equations[i]!
    const role = roles.get(e)!
    const list = usesOf(e)
    if (list.length === 0 && !isExternal(e)) continue
    switch (role.kind) {
      case 'scalar':
        scalar(e)
        break
      case 'reduce':
        reduce(e, role.axes)
        break
      case 'view':
      case 'iota': {
        for (const u of list) if (u.map !== null && role.kind === 'view') use(e, 0, u.unit, compose(role.map, u.map))
        if (isExternal(e) || list.some((u) => u.map === null)) {
          const { shape } = e.outputs[0]!.aval
          const group = open(e, shape, [])
          if (role.kind === 'view') use(e, 0, group, compose(role.map, identityMap(shape.length)))
        }
        break
      }
      case 'alias':
      case 'opaque': {
        const unit: Single = { kind: 'single', equation: e }
        units.push(unit)
        e.inputs.forEach((_, k) => use(e, k, unit, null))
      }
    }
  }
  return { units: units.reverse(), roles, groupOf: (e) => home.get(e) }
}
