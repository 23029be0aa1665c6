/**
 * The plan of a nest: which axes are written out, how the others are cut into segments, and which one the lanes of vectors
 * lie along. In every combination of segments the body is straight code.
 */
import { isReal } from '../../../core/dtype.js'
import type { DType } from '../../../core/dtype.js'
import { range, sizeOf, stridesOf } from '../../../core/shape.js'
import type { Aval } from '../../../core/aval.js'
import type { Combine, LoopNest } from '../../../kernel/loop.js'
import type { BinaryOp } from '../../../kernel/operations.js'
import { bytesOf, width } from '../loops/lanes.js'
import { segmentsOf } from './segments.js'
import type { Place, Questions, Segment, Term, Terms } from './terms.js'
import { createTerms } from './terms.js'
import { laneStride } from './values.js'

/** One element at an offset from a place that depends on the loops. */
export interface Point {
  readonly value: Term
  readonly at: Term
  readonly offset: number
}

/** The innermost code: what is stored when every axis stands in one segment. */
export interface Leaf {
  readonly kind: 'leaf'
  readonly points: readonly Point[]
  /** Whether four neighbours can be made at once. */
  readonly lanes: boolean
}
/** An axis and its segments. */
export interface Branch {
  readonly kind: 'branch'
  readonly axis: number
  readonly pieces: readonly { readonly segment: Segment; readonly counter: Term; readonly inside: Tree }[]
}
/** Loops inside loops. */
export type Tree = Leaf | Branch

/** What emission needs. */
export interface Plan {
  /** Axes that are loops, outermost first; the last one is the lanes' when they are used. */
  readonly order: readonly number[]
  readonly tree: Tree
  readonly terms: Terms
  /** Bytes between lanes of the result. */
  readonly storeStride: number
  /** Rough instructions of one iteration of the innermost loop, and the elements that it makes. */
  readonly work: number
  readonly elements: number
}

/** Copies of the body in the innermost code, at most. */
const mostPoints = 64
/** Copies of the body in all code, at most. */
const mostCopies = 600
/** Axes up to this long may be written out for the sake of longer ones. */
const shortAxis = 8

const combined: Readonly<Record<Combine, BinaryOp>> = { add: 'add', mul: 'mul', max: 'max', min: 'min', and: 'and', or: 'or' }
const identity: Readonly<Record<Combine, (d: DType) => number>> = {
  add: () => 0,
  mul: () => 1,
  max: (d) => (isReal(d) ? -Infinity : d === 'int32' ? -2147483648 : 0),
  min: (d) => (isReal(d) ? Infinity : d === 'int32' ? 2147483647 : d === 'bool' ? 1 : -1),
  and: (d) => (d === 'bool' ? 1 : isReal(d) ? Infinity : -1),
  or: (d) => (isReal(d) ? -Infinity : 0),
}

/** All points of some axes, in row-major order. */
const grid = (sizes: readonly number[]): readonly (readonly number[])[] =>
  sizes.reduce<readonly (readonly number[])[]>((ps, n) => ps.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])), [[]])

/** The value of one element: the body, or its combination over the reduced axes, which all stand at constants in turn. */
const elementOf = (terms: Terms, nest: LoopNest, cells: readonly (readonly number[])[], places: readonly Place[]): Term => {
  const { reduce, dtype, body } = nest
  if (reduce === undefined) return terms.of(body, places)
  const { combine } = reduce
  const wide = dtype === 'float32' && (combine === 'add' || combine === 'mul')
  const held: DType = wide ? 'float64' : dtype
  const join = isReal(held) && combine === 'and' ? 'min' : isReal(held) && combine === 'or' ? 'max' : combined[combine]
  const nothing = identity[combine](dtype)
  let sum: Term | null = null
  const extremes: Term[] = []
  for (const cell of cells) {
    const x = terms.of(body, [...places, ...cell])
    if (x.op === 'const' && Object.is(x.n, nothing)) continue
    const y = wide ? terms.term('cast', [x], 'float64') : x
    // A sum begins at 0, so that -0 alone is 0.
    if (sum === null && isReal(held) && (join === 'max' || join === 'min')) extremes.push(y)
    else if (sum === null) sum = combine === 'add' && isReal(held) ? terms.term('add', [y, terms.constant(0, held)], held) : y
    else sum = terms.term(join, [sum, y], held)
  }
  if (extremes.length > 0) return extremes.length === 1 ? extremes[0]! : terms.term(join === 'max' ? 'most' : 'least', extremes, dtype)
  if (sum === null) return terms.constant(nothing, dtype)
  return wide ? terms.term('cast', [sum], 'float32') : sum
}

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
const weigh = (leaf: Leaf, laneLevel: number, storeStride: number, bytes: number): number => {
  const seen = new Set<Term>()
  let work = 2
  const visit = (t: Term, reading: boolean): void => {
    if (seen.has(t) || t.op === 'const' || t.level < laneLevel) return
    seen.add(t)
    if (t.op === 'read') {
      const stride = (laneStride(t, laneLevel) ?? 0) / bytes
      if (!leaf.lanes) work += 4 + far(stride * bytes)
      else work += Math.abs(stride) <= 1 && stride !== -1 ? 1 : Math.abs(stride) <= 3 ? 3 : 6 + far(stride * bytes)
    } else if (!reading) work += leaf.lanes ? 1 : 4
    t.args.forEach((a) => {
      visit(a, reading || (leaf.lanes && t.op === 'read'))
    })
  }
  for (const p of leaf.points) visit(p.value, false)
  return work + leaf.points.length * (leaf.lanes && storeStride === bytes ? 1 : 4 + far(storeStride))
}

/** A nest of which some axes stand at constants and the others are cut into segments. */
interface Cut {
  readonly nest: LoopNest
  readonly ins: readonly Aval[]
  /** Positions on the reduced axes. */
  readonly cells: readonly (readonly number[])[]
  /** Axes written out, and all positions on them. */
  readonly fixed: readonly number[]
  readonly fixedAt: readonly (readonly number[])[]
  readonly segments: ReadonlyMap<number, readonly Segment[]>
}

const wholeOf = (nest: LoopNest, axis: number): Place => ({ segment: { from: 0, step: 1, count: nest.shape[axis]! }, name: 'whole' })

/** Looks at every copy of the body, with the axes that are not written out at `at`. */
const lookAt = ({ nest, ins, cells, fixed, fixedAt }: Omit<Cut, 'segments'>, at: (axis: number) => Place, questions: Questions): void => {
  const terms = createTerms(ins, () => 1)
  for (const f of fixedAt) {
    const places = nest.shape.map((_, k) => (fixed.includes(k) ? f[fixed.indexOf(k)]! : at(k)))
    for (const cell of cells) terms.of(nest.body, [...places, ...cell], questions)
  }
}

/** The nest with axes written out until no test looks at several others, as far as there is room; then these are cut. */
const cutNest = (nest: LoopNest, ins: readonly Aval[], cells: readonly (readonly number[])[], first: readonly number[]): Cut => {
  const { shape } = nest
  let fixed = first
  for (;;) {
    const fixedAt = grid(fixed.map((k) => shape[k]!))
    const start = { nest, ins, cells, fixed, fixedAt }
    const together = new Set<number>()
    const several = (axes: readonly number[]): void => {
      for (const a of axes) together.add(a)
    }
    lookAt(start, (k) => wholeOf(nest, k), { sign: () => undefined, divides: () => undefined, several })
    const shortest = [...together].sort((a, b) => shape[a]! - shape[b]!)[0]
    if (shortest === undefined || cells.length * fixedAt.length * shape[shortest]! > mostPoints) {
      const split = range(shape.length).filter((k) => !fixed.includes(k) && shape[k]! > 1)
      const segments = segmentsOf(shape, split, (axis, place, questions) => {
        lookAt(start, (k) => (k === axis ? place : wholeOf(nest, k)), questions)
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
  readonly terms: Terms
  readonly same: (t: Term) => boolean
}
const layoutOf = (cut: Cut, lane: number): Layout => {
  const order = [...range(cut.nest.shape.length).filter((k) => !cut.fixed.includes(k) && k !== lane), lane]
  return { cut, order, terms: createTerms(cut.ins, (axis) => order.indexOf(axis) + 1), same: sameForLanes(order.length) }
}
const segmentsAlong = ({ segments, nest }: Cut, axis: number): readonly Segment[] =>
  segments.get(axis) ?? [{ from: 0, step: 1, count: nest.shape[axis]! }]

const leafAt = ({ cut, terms, same }: Layout, places: readonly (Place | null)[]): Leaf => {
  const { nest, fixed, fixedAt, cells, ins } = cut
  const strides = stridesOf(nest.shape).map((n) => n * bytesOf[nest.dtype])
  const points = fixedAt.map((f): Point => {
    const at = places.map((p, a) => p ?? f[fixed.indexOf(a)]!)
    return { value: elementOf(terms, nest, cells, at), ...terms.address(ins.length, at, strides) }
  })
  return { kind: 'leaf', points, lanes: points.every((p) => same(p.value)) }
}

const treeOf = (layout: Layout, k: number, places: readonly (Place | null)[]): Tree => {
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
  const { cut, order } = layout
  const { shape, dtype } = cut.nest
  const bytes = bytesOf[dtype]
  const lane = order[order.length - 1]!
  const largest = (axis: number): Segment => segmentsAlong(cut, axis).reduce((a, b) => (b.count > a.count ? b : a))
  const leaf = leafAt(
    layout,
    shape.map((_, k) => (cut.fixed.includes(k) ? null : { segment: largest(k), name: 'largest' })),
  )
  const { step, count } = largest(lane)
  const work = weigh(leaf, order.length, stridesOf(shape)[lane]! * step * bytes, bytes)
  const elements = leaf.points.length * (leaf.lanes ? width : 1)
  const price = leaf.lanes ? (work * Math.ceil(count / width) + 4) / (count * leaf.points.length) : (work + 2 / count) / (width * elements)
  return { price, work: leaf.lanes ? work : work / width, elements }
}

/** Plans a nest; `null` where plain loops with tests do as well. */
export const planNest = (nest: LoopNest, ins: readonly Aval[]): Plan | null => {
  const { shape, dtype, reduce } = nest
  const count = sizeOf(reduce?.sizes ?? [])
  if (count > mostPoints || count === 0) return null
  const cells = grid(reduce?.sizes ?? [])
  const cuts = [cutNest(nest, ins, cells, [])]
  // A short last axis may be written out along a longer one.
  const last = shape.length - 1
  const [{ fixed, fixedAt }] = cuts as [Cut]
  if (!fixed.includes(last) && shape[last]! <= shortAxis && count * fixedAt.length * shape[last]! <= mostPoints)
    cuts.push(cutNest(nest, ins, cells, [last]))
  const choices = cuts.flatMap((cut) => {
    const free = range(shape.length).filter((k) => !cut.fixed.includes(k))
    const pieces = free.reduce((n, k) => n * segmentsAlong(cut, k).length, 1)
    if (pieces * count * cut.fixedAt.length > mostCopies) return []
    return free
      .filter((k) => shape[k]! >= width || k === free[free.length - 1])
      .map((lane) => {
        const layout = layoutOf(cut, lane)
        return { layout, lane, ...priceOf(layout) }
      })
  })
  if (choices.length === 0) return null
  const { layout, lane, work, elements } = choices.reduce((a, b) => (b.price < a.price ? b : a))
  const tree = treeOf(
    layout,
    0,
    shape.map(() => null),
  )
  const { order, terms } = layout
  return { order, tree, terms, storeStride: stridesOf(shape)[lane]! * bytesOf[dtype], work, elements }
}
