/** Recomputation: cheap values are computed again near a late reader instead of being kept. */
import type { Atom, Equation, Program } from '../program.js'
import { costOfBody } from '../scalarBody.js'
import type { Pass } from './pass.js'
import { freshFor, throughout } from './pass.js'

/** What to compute again, and when. */
export interface RematerialisationPolicy {
  /** How many equations that are not cheap may lie between two readers of a value before it is computed again. */
  readonly range: number
  /** Values with fewer elements are kept. */
  readonly size: number
  /** How many equations may be repeated to have one value again. */
  readonly depth: number
  /** True for equations that cost less than reading their result from memory. */
  readonly cheap: (e: Equation) => boolean
}

/** Instructions of which it is cheaper to make a value again than to read it. */
const light = 3

/** True for elementwise operations of a few instructions and for movements of data that copy nothing. */
export const isCheap = (e: Equation): boolean =>
  e.outputs.length === 1 && (costOfBody(e) <= light || e.prim.lower.kind === 'view' || e.prim.lower.kind === 'alias')

const standard: RematerialisationPolicy = { range: 8, size: 1024, depth: 4, cheap: isCheap }

/** For every variable, the last position (counted in equations that are not cheap) at which it is read anyway. */
const horizons = (program: Program, place: readonly number[]): Map<number, number> => {
  const last = new Map<number, number>()
  const read =
    (at: number) =>
    (a: Atom): void => {
      if (a.kind === 'var') last.set(a.id, at)
    }
  program.equations.forEach((e, i) => {
    e.inputs.forEach(read(place[i]!))
  })
  program.outputs.forEach(read(Infinity))
  return last
}

/** The number of equations before each that are not cheap: copies of cheap ones do not change it. */
const places = (program: Program, cheap: (e: Equation) => boolean): readonly number[] => {
  let n = 0
  return program.equations.map((e) => (cheap(e) ? n : n++))
}

interface Maker {
  readonly e: Equation
  readonly index: number
}

const rematerialiseOne = (program: Program, policy: RematerialisationPolicy): Program => {
  const place = places(program, policy.cheap)
  const until = horizons(program, place)
  const fresh = freshFor(program)
  const makers = new Map<number, Maker>()
  /** Where a value was last made or read, and the variable that holds it now. */
  const touched = new Map<number, number>()
  const holder = new Map<number, Atom>()
  const equations: Equation[] = []
  const given = new Set(program.inputs.map((v) => v.id))
  const held = (a: Atom): Atom => (a.kind === 'var' ? (holder.get(a.id) ?? a) : a)

  const far = (id: number, at: number): boolean => at - touched.get(id)! > policy.range
  /** Values that may be read at `at` for nothing: inputs, and those alive there that were not worth computing again. */
  const atHand = (id: number, at: number): boolean =>
    given.has(id) || ((until.get(id) ?? -1) >= at && (!far(id, at) || !policy.cheap(makers.get(id)!.e)))

  /** The equations to repeat, in order, so that `id` is there again at `at`; undefined when that is too much. */
  const recipe = (id: number, at: number): readonly Equation[] | undefined => {
    const wanted = new Map<number, Maker>()
    let front: readonly number[] = [id]
    while (front.length > 0) {
      const next: number[] = []
      for (const b of front) {
        if (wanted.has(b) || (b !== id && atHand(b, at))) continue
        const maker = makers.get(b)
        if (maker === undefined || !policy.cheap(maker.e) || wanted.size === policy.depth) return undefined
        wanted.set(b, maker)
        for (const a of maker.e.inputs) if (a.kind === 'var') next.push(a.id)
      }
      front = next
    }
    return [...wanted.values()].sort((p, q) => p.index - q.index).map((m) => m.e)
  }
  const repeat = (e: Equation, at: number): void => {
    for (const a of e.inputs) if (a.kind === 'var') touched.set(a.id, at)
    const outputs = e.outputs.map((v) => fresh(v.aval))
    equations.push({ ...e, inputs: e.inputs.map(held), outputs })
    e.outputs.forEach((v, k) => {
      holder.set(v.id, outputs[k]!)
      touched.set(v.id, at)
    })
  }
  const read = (a: Atom, at: number): Atom => {
    if (a.kind === 'literal') return a
    if (!given.has(a.id) && a.aval.size >= policy.size && far(a.id, at)) for (const e of recipe(a.id, at) ?? []) repeat(e, at)
    touched.set(a.id, at)
    return held(a)
  }

  program.equations.forEach((e, index) => {
    const at = place[index]!
    const inputs = e.inputs.map((a) => read(a, at))
    equations.push(inputs.every((a, k) => a === e.inputs[k]) ? e : { ...e, inputs })
    for (const v of e.outputs) {
      makers.set(v.id, { e, index })
      touched.set(v.id, at)
    }
  })
  if (equations.length === program.equations.length) return program
  return { inputs: program.inputs, equations, outputs: program.outputs.map(held) }
}

/**
 * Computes cheap values again just before a reader that is far from the one before it, when what they are made of is at
 * hand there; so that they need not be kept in between. Common-subexpression elimination undoes this: it comes last.
 *
 * @example
 * const { program } = trace((x) => np.sum(np.mul(np.sin(np.sin(np.neg(x))), np.neg(x))), np.zeros([4096]))
 * const shared = optimizeProgram(program)                                    // one neg, kept for its second reader
 * rematerialiseProgram(shared, { range: 1 }).equations.length - shared.equations.length   // 1
 */
export const rematerialise = (program: Program, policy: Partial<RematerialisationPolicy> = {}): Program => {
  const full = { ...standard, ...policy }
  const pass: Pass = throughout((p) => rematerialiseOne(p, full))
  return pass(program)
}
