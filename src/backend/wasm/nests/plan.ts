/**
 * The plan of a nest: which axes are written out, how the others are cut into segments, and which one the lanes of vectors
 * lie along. In every combination of segments the body is straight code.
 */
import { range } from '../../../core/shape.js'
import type { DType } from '../../../core/dtype.js'
import { bytesOf, width } from '../loops/lanes.js'
import { writtenOut } from './combination.js'
import type { Nest, Written } from './nest.js'
import { reducedSize } from './nest.js'
import { segmentsOf } from './segments.js'
import type { AxisPlace, Questions, Segment, Term, Terms } from './terms.js'
import { createTerms } from './terms.js'
import { laneStride } from './values.js'

/** One element at an offset from a place that depends on the loops; lanes of it lie `stride` bytes apart. */
export interface Point {
  readonly dtype: DType
  readonly value: Term
  readonly at: Term
  readonly offset: number
  readonly stride: number
}

/** The loops over a reduced axis. */
export interface ReducedLoops {
  readonly count: number
  readonly counter: Term
}

/** The innermost code: what is stored when every axis stands in one segment. */
export interface NestBody {
  readonly kind: 'leaf'
  readonly points: readonly Point[]
  /** Loops over which the values of points are combined; none where reductions are written out. */
  readonly reduced: readonly ReducedLoops[]
  /** Whether four neighbours can be made at once. */
  readonly lanes: boolean
}
/** An axis and its segments. */
export interface Branch {
  readonly kind: 'branch'
  readonly axis: number
  readonly pieces: readonly { readonly segment: Segment; readonly counter: Term; readonly inside: NestTree }[]
}
/** Loops inside loops. */
export type NestTree = NestBody | Branch

/** What emission needs. */
export interface NestPlan {
  /** Axes that are loops, outermost first; the last one is the lanes' when they are used. */
  readonly order: readonly number[]
  readonly tree: NestTree
  readonly terms: Terms
  /** Rough instructions of one iteration of the innermost loop, and the elements that it makes. */
  readonly work: number
  readonly elements: number
  /** How often the innermost code runs for one element: once, but in loops over reduced axes. */
  readonly repeats: number
}

/** Copies of the body in the innermost code, at most. */
const mostPoints = 64
/** Copies of the body in all code, at most. */
const mostCopies = 600
/** Axes up to this long may be written out for the sake of longer ones. */
const shortAxis = 8

/** All points of some axes, in row-major order. */
const grid = (sizes: readonly number[]): readonly (readonly number[])[] =>
  sizes.reduce<readonly (readonly number[])[]>((ps, n) => ps.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])), [[]])

/** Whether four neighbours of a value are made by the same code. */
const sameForLanes = (laneLevel: number) => {
  const known = new Map<Term, boolean>()
  const visit = (t: Term): boolean => {
    if (t.level < laneLevel) return true
    let ok = known.get(t)
    if (ok === undefined) {
      ok = look(t)
      known.set(t, ok)
    }
    return ok
  }
  const look = (t: Term): boolean => {
    if (t.op === 'read') return laneStride(t, laneLevel) !== null
    // A guard that differs between lanes guards nothing once all lanes are loaded.
    if (t.op === 'select' && t.args[0]!.level >= laneLevel && t.args.slice(1).some((a) => a.reads)) return false
    return t.args.every(visit)
  }
  return visit
}

/** What it costs that four neighbours lie in different lines of memory. */
const far = (stride: number): number => (Math.abs(stride) > 32 ? 12 : 0)

/** Instructions for four elements. */
const weigh = (leaf: NestBody, laneLevel: number, step: number): number => {
  const seen = new Set<Term>()
  let work = 2
  const visit = (t: Term, reading: boolean): void => {
    if (seen.has(t) || t.op === 'const' || t.level < laneLevel) return
    seen.add(t)
    if (t.op === 'read') {
      const bytes = bytesOf[t.dtype]
      const stride = (laneStride(t, laneLevel) ?? 0) / bytes
      if (!leaf.lanes) work += 4 + far(stride * bytes)
      else work += Math.abs(stride) <= 1 && stride !== -1 ? 1 : Math.abs(stride) <= 3 ? 3 : 6 + far(stride * bytes)
    } else if (!reading) work += leaf.lanes ? 1 : 4
    t.args.forEach((a) => {
      visit(a, reading || (leaf.lanes && t.op === 'read'))
    })
  }
  for (const { value, dtype, stride } of leaf.points) {
    visit(value, false)
    work += leaf.lanes && stride * step === bytesOf[dtype] ? 1 : 4 + far(stride * step)
  }
  return work
}

/** A nest of which some axes stand at constants and the others are cut into segments. */
interface Cut {
  readonly nest: Nest
  /** Positions on the reduced axes. */
  readonly cells: readonly (readonly number[])[]
  /** Axes written out, and all positions on them. */
  readonly fixed: readonly number[]
  readonly fixedAt: readonly (readonly number[])[]
  readonly segments: ReadonlyMap<number, readonly Segment[]>
}

const wholeOf = (nest: Nest, axis: number): AxisPlace => ({ segment: { from: 0, step: 1, count: nest.shape[axis]! }, name: 'whole' })

/** Looks at every copy of the body, with the axes that are not written out at `at`. */
const lookAt = (
  terms: Terms,
  { nest, cells, fixed, fixedAt }: Omit<Cut, 'segments'>,
  at: (axis: number) => AxisPlace,
  questions: Questions,
): void => {
  for (const f of fixedAt) {
    const places = nest.shape.map((_, k) => (fixed.includes(k) ? f[fixed.indexOf(k)]! : at(k)))
    for (const cell of cells) for (const { body } of nest.outputs) terms.of(body, [...places, ...cell], questions)
  }
}

/** The nest with axes written out until no test looks at several others, as far as there is room; then these are cut. */
const cutNest = (nest: Nest, cells: readonly (readonly number[])[], first: readonly number[]): Cut => {
  const { shape, outputs } = nest
  const copies = cells.length * outputs.length
  let fixed = first
  for (;;) {
    const fixedAt = grid(fixed.map((k) => shape[k]!))
    const start = { nest, cells, fixed, fixedAt }
    const together = new Set<number>()
    const several = (axes: readonly number[]): void => {
      for (const a of axes) together.add(a)
    }
    // What an axis does not change is written once: its questions were asked where it was.
    const terms = createTerms(nest, () => 1)
    lookAt(terms, start, (k) => wholeOf(nest, k), { sign: () => undefined, divides: () => undefined, several })
    const shortest = [...together].sort((a, b) => shape[a]! - shape[b]!)[0]
    if (shortest === undefined || copies * fixedAt.length * shape[shortest]! > mostPoints) {
      const split = range(shape.length).filter((k) => !fixed.includes(k) && shape[k]! > 1)
      const segments = segmentsOf(shape, split, (axis, place, questions) => {
        lookAt(terms, start, (k) => (k === axis ? place : wholeOf(nest, k)), questions)
      })
      return { ...start, segments }
    }
    fixed = [...fixed, shortest].sort((a, b) => a - b)
  }
}

/** A cut nest with an order of its loops. */
interface Layout {
  readonly cut: Cut
  readonly order: readonly number[]
  readonly lane: number
  readonly terms: Terms
  readonly same: (t: Term) => boolean
}
const layoutOf = (cut: Cut, lane: number): Layout => {
  const order = [...range(cut.nest.shape.length).filter((k) => !cut.fixed.includes(k) && k !== lane), lane]
  return { cut, order, lane, terms: createTerms(cut.nest, (axis) => order.indexOf(axis) + 1), same: sameForLanes(order.length) }
}
const segmentsAlong = ({ segments, nest }: Cut, axis: number): readonly Segment[] =>
  segments.get(axis) ?? [{ from: 0, step: 1, count: nest.shape[axis]! }]

/** Where a value of an output goes when the axes stand at `places`. */
export const pointOf = (
  terms: Terms,
  { dtype, strides }: Written,
  arg: number,
  value: Term,
  places: readonly AxisPlace[],
  lane: number,
): Point => {
  const bytes = bytesOf[dtype]
  const place = terms.address(
    arg,
    places,
    strides.map((n) => n * bytes),
  )
  return { dtype, value, ...place, stride: (strides[lane] ?? 0) * bytes }
}

const leafAt = ({ cut, terms, same, lane }: Layout, places: readonly (AxisPlace | null)[]): NestBody => {
  const { nest, fixed, fixedAt, cells } = cut
  const { reduce, ins, outputs } = nest
  const points = fixedAt.flatMap((f) => {
    const at = places.map((p, a) => p ?? f[fixed.indexOf(a)]!)
    return outputs.map((out, k): Point => {
      const elements = cells.map((cell) => terms.of(out.body, [...at, ...cell]))
      const value = reduce === undefined ? elements[0]! : writtenOut(terms, reduce.combine, out.dtype, elements)
      return pointOf(terms, out, ins.length + k, value, at, lane)
    })
  })
  return { kind: 'leaf', points, reduced: [], lanes: points.every((p) => same(p.value)) }
}

const treeOf = (layout: Layout, k: number, places: readonly (AxisPlace | null)[]): NestTree => {
  const { cut, order, terms } = layout
  const axis = order[k]
  if (axis === undefined) return leafAt(layout, places)
  const pieces = segmentsAlong(cut, axis).map((segment, i) => {
    const name = `${k} ${i}`
    const inside = treeOf(
      layout,
      k + 1,
      places.map((p, a) => (a === axis ? { segment, name } : p)),
    )
    return { segment, counter: terms.counter(axis, segment, name), inside }
  })
  return { kind: 'branch', axis, pieces }
}

/** Instructions of one element in the largest leaf, which stands for all. */
const priceOf = (layout: Layout): { readonly price: number; readonly work: number; readonly elements: number } => {
  const { cut, order, lane } = layout
  const { shape } = cut.nest
  const largest = (axis: number): Segment => segmentsAlong(cut, axis).reduce((a, b) => (b.count > a.count ? b : a))
  const leaf = leafAt(
    layout,
    shape.map((_, k) => (cut.fixed.includes(k) ? null : { segment: largest(k), name: 'largest' })),
  )
  const { step, count } = largest(lane)
  const work = weigh(leaf, order.length, step)
  const elements = leaf.points.length * (leaf.lanes ? width : 1)
  const price = leaf.lanes ? (work * Math.ceil(count / width) + 4) / (count * leaf.points.length) : (work + 2 / count) / (width * elements)
  return { price, work: leaf.lanes ? work : work / width, elements }
}

/** Plans a nest; `null` where plain loops with tests do as well. */
export const planNest = (nest: Nest): NestPlan | null => {
  const { shape, reduce, outputs } = nest
  const count = reducedSize(nest) * outputs.length
  if (count > mostPoints || count === 0) return null
  const cells = grid(reduce?.sizes ?? [])
  const cuts = [cutNest(nest, cells, [])]
  // A short last axis may be written out along a longer one.
  const last = shape.length - 1
  const [{ fixed, fixedAt }] = cuts as [Cut]
  if (!fixed.includes(last) && shape[last]! <= shortAxis && count * fixedAt.length * shape[last]! <= mostPoints)
    cuts.push(cutNest(nest, cells, [last]))
  const choices = cuts.flatMap((cut) => {
    const free = range(shape.length).filter((k) => !cut.fixed.includes(k))
    const pieces = free.reduce((n, k) => n * segmentsAlong(cut, k).length, 1)
    if (pieces * count * cut.fixedAt.length > mostCopies) return []
    return free
      .filter((k) => shape[k]! >= width || k === free[free.length - 1])
      .map((lane) => {
        const layout = layoutOf(cut, lane)
        return { layout, ...priceOf(layout) }
      })
  })
  if (choices.length === 0) return null
  const { layout, work, elements } = choices.reduce((a, b) => (b.price < a.price ? b : a))
  const tree = treeOf(
    layout,
    0,
    shape.map(() => null),
  )
  const { order, terms } = layout
  return { order, tree, terms, work, elements, repeats: 1 }
}
