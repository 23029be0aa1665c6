/** Affine maps between index spaces: which element of a value a point of a kernel's domain reads. */
import type { Shape } from '../core/shape.js'
import { stridesOf } from '../core/shape.js'
import type { Expr } from '../kernel/scalar.js'
import type { View } from '../kernel/view.js'

/**
 * Coordinate `a` of the value is `offset + scale * point[axis]`; `axis` -1 means a constant, or `offset + scale * at` where a position is
 * computed: while fusion assigns equations `at` is the expression that computes it, in loops that are written out it is a value.
 */
export interface Coordinate {
  readonly axis: number
  readonly scale: number
  readonly offset: number
  readonly at?: Expr | number
}

/** One coordinate for every axis of the value. */
export type IndexMap = readonly Coordinate[]

const still: Coordinate = { axis: -1, scale: 0, offset: 0 }

/** The sizes of a shape that are not 1: domains have no other axes, so that `[n]`, `[n, 1]` and `[1, n]` are the same loops. */
export const solid = (shape: Shape): Shape => (shape.includes(1) ? shape.filter((n) => n !== 1) : shape)

/** Every element of a value of `shape`, over the domain `solid(shape)`. */
export const identityMap = (shape: Shape): IndexMap => {
  let axis = 0
  return shape.map((n) => (n === 1 ? still : { axis: axis++, scale: 1, offset: 0 }))
}

/**
 * The axes of `domain` along which a value of `shape` lies when it is read whole through `map`, in the order of the
 * value's axes; `null` when it is read otherwise (in part, backwards, along a diagonal).
 */
export const axesOf = (map: IndexMap, shape: Shape, domain: Shape): readonly number[] | null => {
  const axes: number[] = []
  for (let k = 0; k < map.length; k++) {
    const { axis, scale, offset } = map[k]!
    if (shape[k] === 1) continue
    if (axis < 0 || scale !== 1 || offset !== 0 || domain[axis] !== shape[k] || axes.includes(axis)) return null
    axes.push(axis)
  }
  return axes
}

/** True when axes stand for themselves: `0, 1, ... ndim - 1`. */
export const isWhole = (axes: readonly number[], ndim: number): boolean => axes.length === ndim && axes.every((a, k) => a === k)

/** A map into a domain whose axis `k` has become axis `to[k]` of another. */
export const renumbered = (map: IndexMap, to: readonly number[]): IndexMap => map.map((c) => (c.axis < 0 ? c : { ...c, axis: to[c.axis]! }))

/** Two maps that read the same elements. */
export const sameMap = (a: IndexMap, b: IndexMap): boolean =>
  a === b || (a.length === b.length && a.every((c, k) => sameCoordinate(c, b[k]!)))

const sameCoordinate = (a: Coordinate, b: Coordinate): boolean =>
  a.axis === b.axis && a.scale === b.scale && a.offset === b.offset && a.at === b.at

/** True for a map some of whose positions are computed. */
export const isComputed = (map: IndexMap): boolean => map.some((c) => c.at !== undefined)

/** True where no two points of a domain of `ndim` axes read the same element. */
export const isInjective = (map: IndexMap, ndim: number): boolean => new Set(map.flatMap((c) => (c.axis < 0 ? [] : [c.axis]))).size === ndim

/** Strides over the domain and offset with which a row-major value of `shape` is read through `map`. */
export const stridesThrough = (map: IndexMap, shape: Shape, ndim: number): { readonly strides: number[]; readonly offset: number } => {
  const own = stridesOf(shape)
  const strides = new Array<number>(ndim).fill(0)
  let offset = 0
  map.forEach((c, a) => {
    offset += own[a]! * c.offset
    if (c.axis >= 0) strides[c.axis]! += own[a]! * c.scale
  })
  return { strides, offset }
}

/**
 * What a view reads, as coordinates of its input: the inverse of flattening. `null` when the view's strides do not
 * stand for single axes of the input.
 */
export const mapOfView = (view: View, input: Shape): IndexMap | null => {
  const own = stridesOf(input)
  const coordinates: Coordinate[] = []
  let rest = view.offset
  for (let a = 0; a < input.length; a++) {
    const at = own[a] === 0 ? 0 : Math.floor(rest / own[a]!)
    rest -= at * own[a]!
    coordinates.push({ axis: -1, scale: 0, offset: at })
  }
  for (let k = 0; k < view.shape.length; k++) {
    const s = view.strides[k]!
    if (s === 0 || view.shape[k]! <= 1) continue
    // The outermost input axis whose stride divides: strides of size-1 axes coincide with their neighbour's, those axes cannot be stepped over.
    const a = own.findIndex((o, j) => input[j]! > 1 && o !== 0 && s % o === 0 && Math.abs(s / o) < input[j]!)
    if (a < 0 || coordinates[a]!.axis >= 0) return null
    coordinates[a] = { axis: k, scale: s / own[a]!, offset: coordinates[a]!.offset }
  }
  return coordinates
}

/** `inner` (value coordinates from a view's point) after `outer` (the view's point from the domain). */
export const compose = (inner: IndexMap, outer: IndexMap): IndexMap =>
  inner.map((c) => {
    if (c.axis < 0) return c
    if (c.scale === 1 && c.offset === 0) return outer[c.axis]!
    const o = outer[c.axis]!
    return { ...o, scale: c.scale * o.scale, offset: c.offset + c.scale * o.offset }
  })

/** The map of a reshape that only inserts or removes axes of size 1; `null` for other reshapes. */
export const mapOfReshape = (from: Shape, to: Shape): IndexMap | null => {
  const solid = to.flatMap((n, k) => (n === 1 ? [] : [k]))
  if (solid.length !== from.filter((n) => n !== 1).length) return null
  let next = 0
  const map = from.map((n): Coordinate | null => {
    if (n === 1) return still
    const k = solid[next++]!
    return to[k] === n ? { axis: k, scale: 1, offset: 0 } : null
  })
  return map.some((c) => c === null) ? null : (map as IndexMap)
}
