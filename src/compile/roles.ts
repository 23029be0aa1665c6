/** What fusion may do with an equation. */
import type { Shape } from '../core/shape.js'
import type { Aval } from '../core/aval.js'
import type { Equation } from '../ir/program.js'
import type { Combine, LoopNest } from '../kernel/loop.js'
import type { IndexMap } from './indexMap.js'
import { mapOfReshape, mapOfView, solid } from './indexMap.js'
import type { NestRole } from './nests.js'
import { mostReads, nestRoleOf } from './nests.js'
import type { Target } from './target.js'

/** How an equation takes part in fusion. */
export type Role =
  | { readonly kind: 'scalar' }
  | { readonly kind: 'view'; readonly map: IndexMap }
  | { readonly kind: 'iota'; readonly axis: number }
  | { readonly kind: 'reduce'; readonly axes: readonly number[]; readonly combine: Combine }
  /** A reduction over axes of size 1: each element alone, read through `map`. */
  | { readonly kind: 'keep'; readonly map: IndexMap; readonly combine: Combine }
  /** Products of pairs of elements, each read through its map, that nothing is summed over. */
  | { readonly kind: 'product'; readonly maps: readonly IndexMap[] }
  | NestRole
  | { readonly kind: 'alias' }
  | { readonly kind: 'opaque' }

/** The axes that a loop nest reduces, when all it does is combine the elements of its one input. */
const reducedAxes = (nest: LoopNest, input: Aval): readonly number[] | null => {
  const { body, reduce, shape } = nest
  if (reduce === undefined || body.op !== 'load' || body.at.length !== input.shape.length) return null
  const reduced: number[] = []
  let outer = 0
  let inner = shape.length
  for (let k = 0; k < body.at.length; k++) {
    const at = body.at[k]!
    if (at.op !== 'index') return null
    if (at.axis >= shape.length) reduced.push(k)
    if (at.axis !== (at.axis >= shape.length ? inner++ : outer++)) return null
  }
  return reduced
}

/** Where a dotGeneral reads its operands, when all axes that it sums over have size 1. */
const productOf = (e: Equation): Role => {
  const { lhsContract, rhsContract, lhsBatch, rhsBatch } = e.params as Readonly<Record<string, readonly number[]>>
  const [x, y] = e.inputs.map((a) => a.aval)
  if (e.outputs[0]!.aval.size === 0 || lhsContract!.some((a) => x!.shape[a] !== 1)) return opaque
  let next = lhsBatch!.length
  const mapOf = ({ shape }: Aval, contract: readonly number[], batch: readonly number[]): IndexMap =>
    shape.map((_, k) => {
      if (contract.includes(k)) return { axis: -1, scale: 0, offset: 0 }
      return { axis: batch.includes(k) ? batch.indexOf(k) : next++, scale: 1, offset: 0 }
    })
  return { kind: 'product', maps: [mapOf(x!, lhsContract!, lhsBatch!), mapOf(y!, rhsContract!, rhsBatch!)] }
}

const opaque: Role = { kind: 'opaque' }
const scalar: Role = { kind: 'scalar' }

/** What fusion may do with an equation, read off its lowering. */
export const roleOf = (e: Equation, { hasRoutine }: Target): Role => {
  const { lower } = e.prim
  const input = e.inputs[0]?.aval
  switch (lower.kind) {
    case 'scalar':
      return scalar
    case 'view': {
      const map = input === undefined || input.size === 0 ? null : mapOfView(lower.view(input, e.params), input.shape)
      return map === null ? opaque : { kind: 'view', map }
    }
    case 'alias': {
      const map = input === undefined ? null : mapOfReshape(input.shape, e.outputs[0]!.aval.shape)
      return map === null ? { kind: 'alias' } : { kind: 'view', map }
    }
    case 'loops': {
      if (e.outputs.length !== 1 || e.inputs.length > mostReads) return opaque
      const nests = lower.nests(
        e.inputs.map((a) => a.aval),
        e.outputs.map((v) => v.aval),
        e.params,
      )
      const { body, reduce } = nests[0]!
      const counted = body.op === 'cast' ? body.x : body
      if (reduce === undefined) {
        if (counted.op === 'index') return { kind: 'iota', axis: counted.axis }
        const ins = e.inputs.map((a) => a.aval)
        return (hasRoutine(e) ? null : nestRoleOf(nests[0]!, ins)) ?? opaque
      }
      const axes = e.inputs.length === 1 && input!.size > 0 ? reducedAxes(nests[0]!, input!) : null
      if (axes === null) return opaque
      if (axes.some((a) => input!.shape[a] !== 1)) return { kind: 'reduce', axes, combine: reduce.combine }
      return { kind: 'keep', map: mapOfReshape(input!.shape, e.outputs[0]!.aval.shape)!, combine: reduce.combine }
    }
    case 'routine':
      return e.prim.name === 'dotGeneral' ? productOf(e) : opaque
    default:
      return opaque
  }
}

/** A reduction without axes of size 1: what it reduces and which axes, in `solid` numbers. */
export const solidReduction = (
  input: Shape,
  axes: readonly number[],
): { readonly domain: Shape; readonly inner: readonly number[]; readonly kept: readonly number[] } => {
  const inner: number[] = []
  const kept: number[] = []
  let axis = 0
  input.forEach((n, k) => {
    if (n !== 1) (axes.includes(k) ? inner : kept).push(axis++)
  })
  return { domain: solid(input), inner, kept }
}
