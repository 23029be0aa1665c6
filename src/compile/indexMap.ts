/** Affine maps between index spaces: which element of a value a point of a kernel's domain reads. */
import type { Shape } from '../core/shape.js'
import { stridesOf } from '../core/shape.js'
import type { View } from '../kernel/view.js'

/** Coordinate `a` of the value is `offset + scale * point[axis]`; `axis` -1 means a constant. */
export interface Coordinate {
  readonly axis: number
  readonly scale: number
  readonly offset: number
}

/** One coordinate for every axis of the value. */
export type IndexMap = readonly Coordinate[]

/** Every axis read from the domain axis of the same number. */
export const identityMap = (ndim: number): IndexMap => Array.from({ length: ndim }, (_, axis) => ({ axis, scale: 1, offset: 0 }))

/** True when the map is the identity on a domain of `ndim` axes. */
export const isIdentity = (map: IndexMap, ndim: number): boolean =>
  map.length === ndim && map.every((c, k) => c.axis === k && c.scale === 1 && c.offset === 0)

/** Two maps that read the same elements. */
export const sameMap = (a: IndexMap, b: IndexMap): boolean =>
  a.length === b.length && a.every((c, k) => c.axis === b[k]!.axis && c.scale === b[k]!.scale && c.offset === b[k]!.offset)

/** A text that equal maps share. */
export const mapKey = (map: IndexMap): string => map.map((c) => `${c.axis}*${c.scale}+${c.offset}`).join(',')

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
    const o = outer[c.axis]!
    return { axis: o.axis, scale: o.axis < 0 ? 0 : c.scale * o.scale, offset: c.offset + c.scale * o.offset }
  })

/** The map of a reshape that only inserts or removes axes of size 1; `null` for other reshapes. */
export const mapOfReshape = (from: Shape, to: Shape): IndexMap | null => {
  const solid = to.flatMap((n, k) => (n === 1 ? [] : [k]))
  if (solid.length !== from.filter((n) => n !== 1).length) return null
  let next = 0
  const map = from.map((n): Coordinate | null => {
    if (n === 1) return { axis: -1, scale: 0, offset: 0 }
    const k = solid[next++]!
    return to[k] === n ? { axis: k, scale: 1, offset: 0 } : null
  })
  return map.some((c) => c === null) ? null : (map as IndexMap)
}
