/**
 * Fusion: a Program as few passes over memory. Equations are visited from the last to the first; each joins the loops
 * of its readers when that saves a pass, else starts loops of its own. Views cost nothing: they change how their
 * input is read. A nest without reduction (pad, concat, gather) joins the loops of its readers, or takes up what its inputs are made
 * of, computed at the positions that it reads. A reduction joins the loops that spread its result back over what it reduced (softmax, layer norm), or
 * takes up loops over its result. In the end loops over the same domain are merged where they read the same values.
 */
import type { Shape } from '../core/shape.js'
import { sameShape, sizeOf } from '../core/shape.js'
import type { Atom, Equation, Program } from '../ir/program.js'
import { hasEffect } from '../ir/host.js'
import { costOfBody } from '../ir/scalarBody.js'
import type { Reading } from './buffers.js'
import { buffersOf } from './buffers.js'
import type { FusionDraft, LoopGroup, Single, Unit, Use } from './groups.js'
import { reaches } from './groups.js'
import type { IndexMap } from './indexMap.js'
import { axesOf, compose, identityMap, isComputed, isInjective, isWhole, renumbered, sameMap, solid } from './indexMap.js'
import type { NestRole } from './nests.js'
import type { Role } from './roles.js'
import { roleOf, solidReduction } from './roles.js'
import { mergeSiblings } from './siblings.js'
import { behind } from './spreads.js'
import type { Target } from './target.js'
import type { Turn } from './turns.js'
import { turnsOf } from './turns.js'

const isOpaque = ({ kind }: Role): boolean => kind === 'opaque' || kind === 'alias' || kind === 'nest'

/** Every equation's unit: the groups and single equations of a Program, and how each value is read. */
export interface Assignment {
  readonly units: readonly Unit[]
  readonly roles: ReadonlyMap<Equation, Role>
  /** What waits for what on the host. */
  readonly turns: ReadonlyMap<Equation, Turn>
}

/** Assigns every equation of a Program, whose inputs at positions `donate` are given away, to a unit, within the limits of a target. */
export const assign = (program: Program, target: Target, donate: readonly number[]): Assignment => {
  const { fusion } = target
  const { equations } = program
  const roles = new Map(equations.map((e) => [e, roleOf(e, target)] as const))
  const reductions = behind(program, roles)
  const turns = turnsOf(program)
  const external = new Set<number>()
  for (const o of program.outputs) if (o.kind === 'var') external.add(o.id)
  const draft: FusionDraft = { units: [], uses: new Map(), makers: new Map(), external, searches: 0 }
  const { units, uses } = draft
  const buffers = buffersOf(program, roles, draft, target, donate)

  const use = (e: Equation, k: number, unit: Unit, map: IndexMap | null, guarded = false): void => {
    const a = e.inputs[k]!
    if (a.kind === 'literal') return
    unit.reads.add(a.id)
    const list = uses.get(a.id)
    const known = list?.find((u) => u.unit === unit && (u.map === map || (u.map !== null && map !== null && sameMap(u.map, map))))
    if (known !== undefined) known.guarded ||= guarded
    else if (list === undefined) uses.set(a.id, [{ unit, map, guarded }])
    else list.push({ unit, map, guarded })
  }
  /** Takes back that a unit reads a value in the ways that a test picks. */
  const drop = (id: number, unit: Unit, picked: (use: Use) => boolean): void => {
    const list = uses.get(id) ?? []
    const rest = list.filter((u) => u.unit !== unit || !picked(u))
    uses.set(id, rest)
    if (rest.every((u) => u.unit !== unit)) unit.reads.delete(id)
  }
  /** Loops that read a view read its input instead: where the view is then made after all, they do not wait for it. */
  const readThrough = (e: Equation, view: IndexMap): void => {
    for (const { unit, map, guarded } of usesOf(e))
      if (map !== null) {
        use(e, 0, unit, compose(view, map), guarded)
        drop(e.outputs[0]!.id, unit, (u) => u.map === map)
      }
  }
  const open = (e: Equation, domain: Shape, inner: readonly number[]): LoopGroup => {
    const group: LoopGroup = {
      kind: 'group',
      domain,
      inner,
      members: new Set([e]),
      outputs: new Map(),
      reads: new Set(),
      seen: 0,
      pieces: 1,
      flat: false,
    }
    for (const v of e.outputs) group.outputs.set(v, identityMap(v.aval.shape))
    units.push(group)
    for (const v of e.outputs) draft.makers.set(v.id, group)
    return group
  }
  const join = (e: Equation, group: LoopGroup, map: IndexMap, asOutput: boolean): void => {
    group.members.add(e)
    if (asOutput) for (const v of e.outputs) group.outputs.set(v, map)
    for (const v of e.outputs) draft.makers.set(v.id, group)
  }
  const usesOf = (e: Equation): Use[] =>
    e.outputs.length === 1 ? (uses.get(e.outputs[0]!.id) ?? []) : e.outputs.flatMap((v) => uses.get(v.id) ?? [])
  const isExternal = (e: Equation): boolean => e.outputs.some((v) => external.has(v.id))

  /** A group among the readers that may compute `e` itself, and whether `e` must then also be written to memory. */
  const host = (
    e: Equation,
    fits: (map: IndexMap, group: LoopGroup, written: boolean, guarded: boolean) => boolean,
    reads: (map: IndexMap, group: LoopGroup) => readonly Reading[],
  ): { readonly group: LoopGroup; readonly map: IndexMap; readonly written: boolean; readonly guarded: boolean } | null => {
    const list = usesOf(e)
    const tried = new Set<Unit>()
    for (const { unit, map, guarded } of list) {
      if (unit.kind !== 'group' || map === null || tried.has(unit) || unit.members.size * unit.pieces >= fusion.equations) continue
      tried.add(unit)
      if (list.some((u) => u.unit === unit && (u.map === null || !sameMap(u.map, map)))) continue
      const written = isExternal(e) || list.some((u) => u.unit !== unit)
      if (!fits(map, unit, written, guarded)) continue
      if (!buffers.allowsJoin(unit, { equation: e, reads: reads(map, unit), written: written ? map : null })) continue
      if (list.some((u) => u.unit !== unit && reaches(draft, u.unit, unit))) continue
      return { group: unit, map, written, guarded }
    }
    return null
  }

  const costs = new Map<Equation, number>()
  /** Instructions of an elementwise equation. */
  const costOf = (e: Equation): number => {
    let cost = costs.get(e)
    if (cost === undefined) costs.set(e, (cost = roles.get(e)!.kind === 'scalar' ? costOfBody(e) : 0))
    return cost
  }
  /** True when loops that are cut into pieces may compute another equation. */
  const isLight = ({ members }: LoopGroup, e: Equation): boolean => [...members].reduce((n, m) => n + costOf(m), costOf(e)) <= fusion.cut

  /** True when the group may compute an equation, element by element, that it reads through `map`. */
  const takes =
    (e: Equation, isCheap: boolean) =>
    (map: IndexMap, group: LoopGroup, written: boolean, guarded: boolean): boolean => {
      const { domain, inner, flat } = group
      const { shape, size } = e.outputs[0]!.aval
      if (flat && !isLight(group, e)) return false
      // At positions of its own a nest computes no more elements than there are, or cheap ones.
      if (guarded || isComputed(map))
        return !written && (isCheap || sizeOf(domain) <= size || (guarded && !isComputed(map) && isInjective(map, domain.length)))
      const axes = axesOf(map, shape, domain)
      if (axes === null) return !written && size === sizeOf(domain)
      if (isWhole(axes, domain.length))
        // What other loops read too is better made where its rows are made than written along columns and made again.
        return !written || inner.length === 0 || reductions(e.outputs[0]!).spread.every((s) => sameShape(s, inner))
      if (axes.length === domain.length) return !written
      const free = domain.flatMap((_, k) => (axes.includes(k) ? [] : [k]))
      if (inner.length > 0) return sameShape(free, inner) || (!written && (inner.every((k) => free.includes(k)) || isCheap))
      const rows = reductions(e.outputs[0]!).rows.some((r) => sameShape(r.domain, domain) && sameShape(r.inner, free))
      return written ? rows && !flat : rows || size === 1 || isCheap
    }

  /** Computes a cheap equation again wherever it is read at computed positions, so that its other readers alone decide whether it is written. */
  const copy = (e: Equation): void => {
    const list = usesOf(e)
    if (isExternal(e) || list.some((u) => u.map === null)) return
    for (const u of [...list]) {
      const { unit, map, guarded } = u
      if (unit.kind !== 'group' || map === null || !isComputed(map) || unit.members.size * unit.pieces >= fusion.equations) continue
      if (list.length === 1) continue
      const reads = e.inputs.map((_, input) => ({ input, map, guarded }))
      if (!buffers.allowsJoin(unit, { equation: e, reads, written: null })) continue
      unit.members.add(e)
      list.splice(list.indexOf(u), 1)
      if (list.every((w) => w.unit !== unit)) unit.reads.delete(e.outputs[0]!.id)
      for (let k = 0; k < e.inputs.length; k++) use(e, k, unit, map, guarded)
    }
  }
  const elementwise = (e: Equation, role: Role): void => {
    const { shape } = e.outputs[0]!.aval
    /** How loops that read the result through `map` read its inputs. */
    const reads = (map: IndexMap): readonly (Reading & { readonly map: IndexMap })[] => {
      if (role.kind === 'nest') return role.reads.map((read) => ({ ...read, map: compose(read.map, map) }))
      return e.inputs.map((_, input) => ({
        input,
        map: role.kind === 'keep' ? compose(role.map, map) : role.kind === 'product' ? compose(role.maps[input]!, map) : map,
        guarded: false,
      }))
    }
    const isCheap = role.kind === 'product' || (role.kind === 'scalar' && costOf(e) <= fusion.again)
    if (isCheap && role.kind === 'scalar' && e.outputs.length === 1) copy(e)
    const fits = takes(e, isCheap)
    const found = host(
      e,
      role.kind === 'nest' ? (map, group, ...how) => suits(e, role, map, group) && fits(map, group, ...how) : fits,
      reads,
    )
    const group = found?.group ?? open(e, solid(shape), [])
    const map = found?.map ?? identityMap(shape)
    if (found !== null) {
      join(e, group, map, found.written)
      if (found.written && group.inner.length === 0) {
        const axes = axesOf(map, shape, group.domain)!
        group.inner = group.domain.flatMap((_, k) => (axes.includes(k) ? [] : [k]))
      }
    }
    if (role.kind === 'nest') {
      group.pieces *= role.pieces
      group.flat ||= role.flat
    }
    const guarded = found?.guarded ?? false
    for (const read of reads(map)) use(e, read.input, group, read.map, guarded || read.guarded)
  }
  /** True when the loops of a group may be cut as a nest asks, and rows that are walked several times hold no positions of their own. */
  const suits = (e: Equation, { flat, pieces, moving }: NestRole, map: IndexMap, group: LoopGroup): boolean =>
    (group.inner.length === 0 || (!flat && moving.every((k) => !group.inner.includes(map[k]!.axis)))) &&
    (group.members.size + 1) * group.pieces * pieces <= fusion.equations &&
    (!flat || isLight(group, e))

  /** Loops over the result of a reduction become loops over its input. */
  const widen = (e: Equation, reduced: readonly number[], domain: Shape, kept: readonly number[]): LoopGroup | null => {
    const rowSize = reduced.reduce((n, k) => n * domain[k]!, 1)
    const { shape, size } = e.outputs[0]!.aval
    if (rowSize < fusion.shortRow && size > fusion.small) return null
    const found = host(
      e,
      (map, g) => {
        const axes = axesOf(map, shape, g.domain)
        return !g.flat && g.inner.length === 0 && axes !== null && isWhole(axes, g.domain.length)
      },
      // How the loops over the input will read it, they are asked when they are there.
      () => [{ input: 0, map: null, guarded: false }],
    )
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
    const innerOf = (map: IndexMap, g: LoopGroup): readonly number[] | null => {
      const rows = axesOf(map, result, g.domain)
      if (rows === null || g.flat) return null
      const free = g.domain.flatMap((_, k) => (rows.includes(k) ? [] : [k]))
      if (free.length !== inner.length || free.some((k, i) => g.domain[k] !== domain[inner[i]!])) return null
      if (g.inner.length > 0 && !sameShape(g.inner, free)) return null
      return g === widened || free.reduce((n, k) => n * g.domain[k]!, 1) <= fusion.row ? free : null
    }
    const fits = (map: IndexMap, g: LoopGroup): boolean => innerOf(map, g) !== null
    /** How loops that read the result through `map` and reduce over the axes `free` read the input. */
    const spread = (map: IndexMap, free: readonly number[]): IndexMap => {
      let outer = 0
      let next = 0
      return input.map((n, k) => {
        if (!axes.includes(k)) return map[outer++]!
        return n === 1 ? { axis: -1, scale: 0, offset: 0 } : { axis: free[next++]!, scale: 1, offset: 0 }
      })
    }
    let widened: LoopGroup | null = null
    const through = (map: IndexMap, g: LoopGroup): readonly Reading[] => [{ input: 0, map: spread(map, innerOf(map, g)!), guarded: false }]
    let found = host(e, fits, through)
    if (found === null) {
      widened = widen(e, inner, domain, kept)
      if (widened !== null) found = host(e, fits, through)
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
    use(e, 0, group, spread(map, free))
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
  const inputs = new Set(program.inputs.map((v) => v.id))
  const made = new Map(equations.flatMap((e) => e.outputs.map((v) => [v.id, e] as const)))
  const isInMemory = (a: Atom): boolean => a.kind === 'literal' || inputs.has(a.id) || draft.makers.has(a.id)
  /** Loops that consist of one nest, which reads what is in memory, are that equation alone: it keeps its own code. */
  const alone = (group: LoopGroup): Unit => {
    const [e] = group.members
    if (group.members.size !== 1 || roles.get(e!)!.kind !== 'nest') return group
    // Another shape of what is in memory costs nothing as an alias of it; other views were folded into the loops.
    const folded = e!.inputs.flatMap((a) => (a.kind === 'var' && !isInMemory(a) ? [made.get(a.id)!] : []))
    if (!folded.every((f) => f.prim.lower.kind === 'alias' && isInMemory(f.inputs[0]!))) return group
    folded.forEach(single)
    for (const id of group.reads) drop(id, group, () => true)
    const unit: Single = { kind: 'single', equation: e!, reads: new Set(), seen: 0 }
    draft.makers.set(e!.outputs[0]!.id, unit)
    e!.inputs.forEach((_, k) => {
      use(e!, k, unit, null)
    })
    return unit
  }
  const opaques = new Set<number>()
  for (const e of equations) if (isOpaque(roles.get(e)!)) for (const v of e.outputs) opaques.add(v.id)
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
      case 'nest':
        elementwise(e, role)
        break
      case 'reduce':
        reduce(e, role.axes)
        break
      case 'view':
      case 'iota': {
        if (role.kind === 'view') readThrough(e, role.map)
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
  for (let k = 0; k < units.length; k++) if (units[k]!.kind === 'group') units[k] = alone(units[k] as LoopGroup)
  mergeSiblings(draft, fusion, buffers)
  return { units: draft.units.reverse(), roles, turns }
}
