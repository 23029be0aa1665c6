/** What fusion knows of a loop nest without reduction: where it reads its inputs, and which tests of positions it holds. */
import type { Aval } from '../core/aval.js'
import { isBool } from '../core/dtype.js'
import type { Shape } from '../core/shape.js'
import type { LoopNest } from '../kernel/loop.js'
import type { Expr } from '../kernel/scalar.js'
import { nodesOf, operandsOf } from '../kernel/scalar.js'
import type { Coordinate, IndexMap } from './indexMap.js'

/** One place of a nest's body that reads an input. */
export interface NestRead {
  readonly input: number
  /** Which element of the input a point of the nest reads. */
  readonly map: IndexMap
  /** The read lies behind a test and may be out of range where the test fails. */
  readonly guarded: boolean
}

/** A nest that writes out one value at every point. */
export interface NestRole {
  readonly kind: 'nest'
  readonly nest: LoopNest
  readonly reads: readonly NestRead[]
  /** Pieces into which its tests of positions cut the nest. */
  readonly pieces: number
  /** Loops that hold it have no reduced axes: its tests are decided by cutting axes, or its windows overlap. */
  readonly flat: boolean
  /** Axes along which positions are computed from data. */
  readonly moving: readonly number[]
}

/** Places that read inputs, at most: a nest with more of them keeps its own code. */
export const mostReads = 8

/** What is known of a sum of products of positions. */
type Affine = Coordinate | null

const constant = (offset: number): Coordinate => ({ axis: -1, scale: 0, offset })
const isConstant = (c: Coordinate): boolean => c.axis < 0

const affine = (e: Expr): Affine => {
  if (e.op === 'const') return constant(e.value)
  if (e.op === 'index') return { axis: e.axis, scale: 1, offset: 0 }
  if (e.op !== 'add' && e.op !== 'sub' && e.op !== 'mul') return null
  const [x, y] = [affine(e.x), affine(e.y)]
  if (x === null || y === null) return null
  if (e.op === 'mul') {
    const [c, k] = isConstant(y) ? [x, y] : [y, x]
    return isConstant(k) ? { axis: c.axis, scale: c.scale * k.offset, offset: c.offset * k.offset } : null
  }
  const sign = e.op === 'add' ? 1 : -1
  if (!isConstant(x) && !isConstant(y)) return null
  const axis = Math.max(x.axis, y.axis)
  return { axis, scale: x.scale + sign * y.scale, offset: x.offset + sign * y.offset }
}

/** The position that an expression over the axes of a nest stands for: computed where it is not affine in one of them. */
export const positionOf = (e: Expr): Coordinate => affine(e) ?? { axis: -1, scale: 1, offset: 0, at: e }

/** True where every point of `domain` reads an element of a value of `shape`. */
export const isInside = (map: IndexMap, shape: Shape, domain: Shape): boolean =>
  map.every(({ axis, scale, offset, at }, k) => {
    if (at !== undefined) return false
    const last = offset + (axis < 0 ? 0 : scale * (domain[axis]! - 1))
    return Math.min(offset, last) >= 0 && Math.max(offset, last) < shape[k]!
  })

/** The axes under an expression, and whether it loads. */
const under = (e: Expr): { readonly axes: readonly number[]; readonly loads: boolean } => {
  const nodes = nodesOf([e])
  return {
    axes: [...new Set(nodes.flatMap((n) => (n.op === 'index' ? [n.axis] : [])))].sort((a, b) => a - b),
    loads: nodes.some((n) => n.op === 'load'),
  }
}

/** True for an expression that reads no input. */
export const isLoadFree = (e: Expr): boolean => !under(e).loads

/** The tests that decide what is read: comparisons under conjunctions. */
const testsUnder = (e: Expr): readonly Expr[] =>
  (e.op === 'and' || e.op === 'or') && isBool(e.dtype) ? [...testsUnder(e.x), ...testsUnder(e.y)] : [e]

/** Into how many pieces the tests of positions under `roots` cut axes of sizes `shape`. */
const piecesOf = (tests: readonly Expr[], shape: Shape): number => {
  const cuts = new Map<string, { readonly axes: readonly number[]; count: number; period: number }>()
  for (const test of new Set(tests.flatMap(testsUnder))) {
    const { axes, loads } = under(test)
    if (loads || axes.length === 0) continue
    const key = axes.join()
    let cut = cuts.get(key)
    if (cut === undefined) cuts.set(key, (cut = { axes, count: 1, period: 1 }))
    const rest = nodesOf([test]).find((n) => n.op === 'rem')
    if (rest?.op === 'rem' && rest.y.op === 'const') cut.period = Math.max(cut.period, rest.y.value)
    else cut.count++
  }
  let pieces = 1
  for (const { axes, count, period } of cuts.values())
    pieces *= count * period * (axes.length > 1 ? Math.min(...axes.map((a) => shape[a]!)) : 1)
  return pieces
}

/** The role of a nest that reads `ins`; `null` where it keeps its own code. */
export const nestRoleOf = (nest: LoopNest, ins: readonly Aval[]): NestRole | null => {
  if (nest.reduce !== undefined || nest.shape.includes(0)) return null
  const reads: NestRead[] = []
  const tests: Expr[] = []
  let overlap = false
  const moving = new Set<number>()
  const seen = new Map<Expr, boolean>()
  const visit = (e: Expr, guarded: boolean): void => {
    // What was seen behind a test is looked at once more where it lies open.
    const known = seen.get(e)
    if (known !== undefined && (guarded || !known)) return
    seen.set(e, guarded)
    if (e.op === 'load') {
      const map = e.at.map(positionOf)
      for (const { at } of map) {
        if (typeof at !== 'object') continue
        const { axes, loads } = under(at)
        if (!loads && axes.length > 1) overlap = true
        for (const load of nodesOf([at])) if (load.op === 'load') for (const x of load.at) for (const a of under(x).axes) moving.add(a)
      }
      const loose = guarded && !isInside(map, ins[e.input]!.shape, nest.shape)
      if (known === undefined) reads.push({ input: e.input, map, guarded: loose })
    }
    if (e.op === 'select') {
      tests.push(e.test)
      visit(e.test, guarded)
      visit(e.x, true)
      visit(e.y, true)
    } else for (const x of operandsOf<Expr>(e)) visit(x, guarded)
  }
  visit(nest.body, false)
  if (reads.length > mostReads) return null
  const pieces = piecesOf(tests, nest.shape)
  return { kind: 'nest', nest, reads, pieces, flat: pieces > 1 || overlap, moving: [...moving] }
}
