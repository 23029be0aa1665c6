/**
 * How many blocks of memory a kernel names (its bindings): the values that it reads and writes, where one that is written over another
 * counts with it. Machines bound it, so fusion asks before equations join and before loops become one. What it counts, the memory plan
 * keeps: a pair is counted only where the plan will find it.
 */
import type { Atom, Equation, Program, Var } from '../ir/program.js'
import type { FusionDraft, LoopGroup } from './groups.js'
import type { IndexMap } from './indexMap.js'
import { axesOf, compose, isComputed, stridesThrough } from './indexMap.js'
import type { Role } from './roles.js'
import type { Target } from './target.js'

/** How loops would read an input of an equation: through which map, `null` where that is not known yet, and whether not at every point. */
export interface Reading {
  readonly input: number
  readonly map: IndexMap | null
  readonly guarded: boolean
}

/** An equation that asks to join: how the group's loops would read its inputs, and the map of its result where that is written to memory. */
export interface Joining {
  readonly equation: Equation
  readonly reads: readonly Reading[]
  readonly written: IndexMap | null
}

/** What fusion asks. */
export interface Buffers {
  readonly allowsJoin: (group: LoopGroup, joining: Joining) => boolean
  readonly allowsMerge: (a: LoopGroup, b: LoopGroup) => boolean
}

const everything: Buffers = { allowsJoin: () => true, allowsMerge: () => true }

/** A kernel as it would be. */
interface Kernel {
  readonly groups: readonly LoopGroup[]
  readonly joining: Joining | null
}

type Maps = Map<number, { readonly value: Var; readonly maps: (IndexMap | null)[] }>

const sameStrides = (x: Var, a: IndexMap, y: Var, b: IndexMap, ndim: number): boolean => {
  const [from, to] = [stridesThrough(a, x.aval.shape, ndim), stridesThrough(b, y.aval.shape, ndim)]
  return from.offset === to.offset && from.strides.every((n, k) => n === to.strides[k])
}

/** Counts the blocks of the kernels of a draft, for a target, when inputs at positions `donate` are given away. */
export const buffersOf = (
  { equations, inputs }: Program,
  roles: ReadonlyMap<Equation, Role>,
  { external, uses }: FusionDraft,
  { buffers, storesLast }: Target,
  donate: readonly number[],
): Buffers => {
  if (buffers === Infinity) return everything
  const position = new Map(equations.map((e, k) => [e, k]))
  const made = new Map<number, Equation>()
  /** The first equation that reads a value. */
  const firstReader = new Map<number, number>()
  equations.forEach((e, k) => {
    for (const v of e.outputs) made.set(v.id, e)
    for (const a of e.inputs) if (a.kind === 'var' && !firstReader.has(a.id)) firstReader.set(a.id, k)
  })
  const given = new Set(donate.map((k) => inputs[k]!.id))

  /** What a kernel reads from memory when it reads `a` through `map`: views are read through. */
  const source = (a: Atom, map: IndexMap | null): { readonly value: Var; readonly map: IndexMap | null } | null => {
    let [value, through] = [a, map]
    for (;;) {
      if (value.kind === 'literal') return null
      const e = made.get(value.id)
      const role = e === undefined ? undefined : roles.get(e)!
      if (role?.kind === 'iota') return null
      if (role?.kind !== 'view') return { value, map: through }
      ;[value, through] = [e!.inputs[0]!, through === null ? null : compose(role.map, through)]
    }
  }
  const variables = new Map<number, Var>(inputs.map((v) => [v.id, v]))
  for (const e of equations) for (const v of e.outputs) variables.set(v.id, v)

  const readsOf = ({ groups, joining }: Kernel): Maps => {
    const reads: Maps = new Map()
    const isInside = (e: Equation | undefined): boolean =>
      e !== undefined && (e === joining?.equation || groups.some((g) => g.members.has(e)))
    const add = (a: Atom, map: IndexMap | null, guarded: boolean): void => {
      const from = source(a, map)
      if (from === null || isInside(made.get(from.value.id))) return
      const known = reads.get(from.value.id)
      // What is read at computed positions, or not everywhere, is never written over.
      const through = guarded || from.map === null || isComputed(from.map) ? null : from.map
      if (known === undefined) reads.set(from.value.id, { value: from.value, maps: [through] })
      else known.maps.push(through)
    }
    for (const group of groups)
      for (const id of group.reads)
        for (const u of uses.get(id) ?? []) if (u.unit === group && u.map !== null) add(variables.get(id)!, u.map, u.guarded)
    joining?.reads.forEach(({ input, map, guarded }) => {
      add(joining.equation.inputs[input]!, map, guarded)
    })
    return reads
  }
  const writesOf = ({ groups, joining }: Kernel): readonly (readonly [Var, IndexMap])[] => [
    ...groups
      .flatMap((g) => [...g.outputs])
      .filter(
        ([v]) => groups.length === 1 || external.has(v.id) || uses.get(v.id)?.some((u) => !groups.includes(u.unit as LoopGroup)) === true,
      ),
    ...(joining === null || joining.written === null ? [] : joining.equation.outputs.map((v) => [v, joining.written!] as const)),
  ]
  /** True when nothing but the kernel reads a value, now and when all equations are assigned, and its block is the Program's own. */
  const isLastRead = ({ groups, joining }: Kernel, { id }: Var): boolean => {
    const e = made.get(id)
    if (external.has(id) || (e === undefined ? !given.has(id) : roles.get(e)!.kind === 'alias')) return false
    if (joining !== null && firstReader.get(id)! < position.get(joining.equation)!) return false
    return (uses.get(id) ?? []).every((u) => groups.includes(u.unit as LoopGroup))
  }
  /** True when the kernel may read what it writes. */
  const mayOverlap = ({ groups, joining }: Kernel): boolean => {
    if (storesLast) return true
    const [group] = groups
    const isWhole =
      joining === null ||
      joining.written === null ||
      axesOf(joining.written, joining.equation.outputs[0]!.aval.shape, group!.domain)?.length === group!.domain.length
    const stores = (e: Equation): boolean => !['nest', 'reduce'].includes(roles.get(e)!.kind)
    return (
      isWhole &&
      groups.every((g) => g.inner.length === 0 && [...g.members].every(stores)) &&
      (joining === null || (stores(joining.equation) && joining.reads.every(({ map }) => map === null || !isComputed(map))))
    )
  }
  const count = (kernel: Kernel): number => {
    const reads = readsOf(kernel)
    const writes = writesOf(kernel)
    let blocks = reads.size + writes.length
    if (blocks <= buffers || !mayOverlap(kernel)) return blocks
    const ndim = kernel.groups[0]!.domain.length
    const free = [...reads.values()].filter(({ value }) => isLastRead(kernel, value))
    for (const [v, map] of writes) {
      const at = free.findIndex(
        ({ value, maps }) =>
          value.aval.dtype === v.aval.dtype &&
          value.aval.size === v.aval.size &&
          maps.every((m) => m !== null && sameStrides(value, m, v, map, ndim)),
      )
      if (at < 0) continue
      free.splice(at, 1)
      blocks--
    }
    return blocks
  }
  return {
    allowsJoin: (group, joining) => count({ groups: [group], joining }) <= buffers,
    allowsMerge: (a, b) => count({ groups: [a, b], joining: null }) <= buffers,
  }
}
