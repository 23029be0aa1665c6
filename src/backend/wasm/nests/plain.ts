/** The plan without index-set splitting: every axis is one loop with its tests inside, reductions are loops. It is made fast. */
import type { Nest } from './nest.js'
import { reducedSize } from './nest.js'
import type { NestPlan, NestTree } from './plan.js'
import { pointOf } from './plan.js'
import type { AxisPlace, Segment, Term } from './terms.js'
import { createTerms } from './terms.js'

/** Instructions of an element, roughly: the different terms under `roots`, and the loop's own. */
const instructions = (roots: readonly Term[]): number => {
  const seen = new Set<Term>()
  const visit = (t: Term): void => {
    if (seen.has(t)) return
    seen.add(t)
    t.args.forEach(visit)
  }
  roots.forEach(visit)
  return seen.size + 3
}

/** Plans a nest as plain loops. */
export const plainPlan = (nest: Nest): NestPlan => {
  const { shape, reduce, ins, outputs } = nest
  const terms = createTerms(nest, (axis) => axis + 1)
  const sizes = [...shape, ...(reduce?.sizes ?? [])]
  const segments = sizes.map((count): Segment => ({ from: 0, step: 1, count }))
  const places = segments.map((segment): AxisPlace => ({ segment, name: 'whole' }))
  const counters = segments.map((segment, axis) => terms.counter(axis, segment, 'whole'))
  const own = places.slice(0, shape.length)
  const points = outputs.map((out, k) => pointOf(terms, out, ins.length + k, terms.of(out.body, places), own, -1))
  const reduced = (reduce?.sizes ?? []).map((count, k) => ({ count, counter: counters[shape.length + k]! }))
  let tree: NestTree = { kind: 'leaf', points, reduced, lanes: false }
  for (let axis = shape.length - 1; axis >= 0; axis--)
    tree = { kind: 'branch', axis, pieces: [{ segment: segments[axis]!, counter: counters[axis]!, inside: tree }] }
  const work = instructions(points.map((p) => p.value))
  return { order: shape.map((_, k) => k), tree, terms, work, elements: 1, repeats: reducedSize(nest) }
}
