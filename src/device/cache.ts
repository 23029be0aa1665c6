/** The compile cache of evaluation: one executable per primitive, input avals and parameters. */
import type { Aval } from '../core/aval.js'
import type { Tensor } from '../core/tensor.js'
import type { Executable } from '../compile/backend.js'
import type { AnyPrimitive, Params } from '../ir/primitive.js'
import type { Program } from '../ir/program.js'
import { hashParams, heldProgram, sameParams } from './same.js'

/** A compiled equation. */
export interface CompiledEquation {
  readonly ins: readonly Aval[]
  readonly params: Params
  readonly outs: readonly Aval[]
  readonly run: Executable
  readonly generation: number
}

/** All entries of one primitive. */
export interface CallSite {
  /** The entry that answered last; asked first. */
  last: CompiledEquation | undefined
  readonly table: Map<number, CompiledEquation[]>
  /** Entries of primitives that hold Programs, kept only as long as their Program. */
  readonly programs: WeakMap<Program, CompiledEquation[]>
}

const limit = 4096
const sites = new WeakMap<AnyPrimitive, CallSite>()
const ages = new Map<CompiledEquation, { readonly site: CallSite; readonly hash: number }>()

/** The site of `prim`. */
export const siteOf = (prim: AnyPrimitive): CallSite => {
  let site = sites.get(prim)
  if (site === undefined) sites.set(prim, (site = { last: undefined, table: new Map(), programs: new WeakMap() }))
  return site
}

/** True when `entry` answers for `inputs` and `params`. */
export const answers = (entry: CompiledEquation, inputs: readonly Tensor[], params: Params, generation: number): boolean => {
  const { ins } = entry
  if (ins.length !== inputs.length || entry.generation !== generation) return false
  for (let k = 0; k < ins.length; k++) if (ins[k] !== inputs[k]!.aval) return false
  return entry.params === params || sameParams(entry.params, params)
}

const hashOf = (inputs: readonly Tensor[], params: Params): number => {
  let h = inputs.length
  for (let k = 0; k < inputs.length; k++) h = Math.imul(h, 31) + inputs[k]!.aval.id
  return hashParams(h | 0, params)
}

const search = (
  list: readonly CompiledEquation[] | undefined,
  inputs: readonly Tensor[],
  params: Params,
  generation: number,
): CompiledEquation | undefined => {
  if (list !== undefined) for (let k = list.length - 1; k >= 0; k--) if (answers(list[k]!, inputs, params, generation)) return list[k]
  return undefined
}

const evict = (entry: CompiledEquation): void => {
  const { site, hash } = ages.get(entry)!
  ages.delete(entry)
  const left = site.table.get(hash)!.filter((e) => e !== entry)
  if (left.length === 0) site.table.delete(hash)
  else site.table.set(hash, left)
  if (site.last === entry) site.last = undefined
}

/** The entry of `site` for `inputs` and `params`, made by `make` when there is none; the oldest beyond the bound is dropped. */
export const entryOf = (
  site: CallSite,
  inputs: readonly Tensor[],
  params: Params,
  generation: number,
  make: () => CompiledEquation,
): CompiledEquation => {
  const program = heldProgram(params)
  if (program !== undefined) {
    const list = site.programs.get(program)
    const found = search(list, inputs, params, generation)
    if (found !== undefined) return found
    const entry = make()
    site.programs.set(program, [...(list ?? []).filter((e) => e.generation === generation), entry])
    return entry
  }
  const hash = hashOf(inputs, params)
  const list = site.table.get(hash)
  const found = search(list, inputs, params, generation)
  if (found !== undefined) return (site.last = found)
  const entry = make()
  if (list === undefined) site.table.set(hash, [entry])
  else list.push(entry)
  ages.set(entry, { site, hash })
  if (ages.size > limit) evict(ages.keys().next().value!)
  return (site.last = entry)
}

/** Number of entries kept, those of held Programs not counted. */
export const cacheSize = (): number => ages.size
