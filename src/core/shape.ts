/** Shapes: tuples of sizes. Everything here is arithmetic on small integer arrays. */

/** Sizes of the axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[]

/** Number of elements; 1 for a scalar. */
export const sizeOf = (shape: Shape): number => {
  let n = 1
  for (let i = 0; i < shape.length; i++) n *= shape[i]!
  return n
}

/** Row-major strides, in elements. */
export const stridesOf = (shape: Shape): number[] => {
  const strides = new Array<number>(shape.length)
  for (let i = shape.length - 1, s = 1; i >= 0; i--) {
    strides[i] = s
    s *= shape[i]!
  }
  return strides
}

/** Equality of two shapes (or any two integer tuples). */
export const sameShape = (a: Shape, b: Shape): boolean => {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** NumPy's broadcast of shapes; `null` when two sizes differ and neither is 1. */
export const broadcastShapes = (...shapes: readonly Shape[]): Shape | null => {
  let ndim = 0
  for (const s of shapes) ndim = Math.max(ndim, s.length)
  const out = new Array<number>(ndim).fill(1)
  for (const s of shapes) {
    for (let i = 0; i < s.length; i++) {
      const j = ndim - s.length + i
      const n = s[i]!
      if (out[j] === 1) out[j] = n
      else if (n !== 1 && n !== out[j]) return null
    }
  }
  return out
}

/** `0 .. n-1`. */
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** The axes of an `ndim`-dimensional array that are not in `axes`, in order. */
export const otherAxes = (ndim: number, axes: readonly number[]): number[] => range(ndim).filter((i) => !axes.includes(i))

/** `shape` without `axes`. */
export const dropAxes = (shape: Shape, axes: readonly number[]): number[] => shape.filter((_, i) => !axes.includes(i))

/** The inverse of a permutation. */
export const invert = (perm: readonly number[]): number[] => {
  const inverse = new Array<number>(perm.length)
  perm.forEach((p, i) => {
    inverse[p] = i
  })
  return inverse
}

/** True when `perm` is a permutation of `0 .. n-1`. */
export const isPermutation = (perm: readonly number[], n: number): boolean =>
  perm.length === n && new Set(perm).size === n && perm.every((p) => Number.isInteger(p) && p >= 0 && p < n)

/** Longest list whose length is part of its type; growing longer ones costs the compiler more than they help. */
type Longest = 32

type Grown<N extends number, T, Items extends readonly T[]> = Items['length'] extends N
  ? Items
  : Items['length'] extends Longest
    ? readonly T[]
    : Grown<N, T, readonly [...Items, T]>

/** `N` of `T`: a tuple where the number is known to the compiler and at most 32, a list otherwise. */
export type TupleOf<N extends number, T> = number extends N ? readonly T[] : N extends number ? Grown<N, T, readonly []> : never
