/** Nested values as the tensors in them and the rest. */
import type { Tensor } from '../src/index.js'
import { isTensor } from '../src/index.js'

/** True for records of anything. */
export const isPlain = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && [Object.prototype, null].includes(Object.getPrototypeOf(x) as object | null)

/** Values taken apart: tensors may become inputs of a Program, everything else is fixed in it. */
export interface Taken {
  readonly tensors: readonly Tensor[]
  /**
   * What is fixed: the other values, how all of them nest, the avals of the tensors and which of them are the same one; `null`
   * where something may change behind its identity (closures, typed arrays).
   */
  readonly fixed: readonly unknown[] | null
  /** The values with other tensors in the places of those; what holds none is the same object. */
  readonly refilled: (tensors: readonly Tensor[]) => readonly unknown[]
}

/** Nesting beyond which a value is kept as it is: cycles end. */
const deepest = 16

/** Takes values apart. */
export const take = (values: readonly unknown[]): Taken => {
  const tensors: Tensor[] = []
  const fixed: unknown[] = []
  let stable = true
  const walk = (x: unknown, depth: number): ((from: readonly Tensor[]) => unknown) => {
    if (isTensor(x)) {
      const k = tensors.push(x) - 1
      fixed.push(x.aval, tensors.indexOf(x))
      return (from) => from[k]
    }
    if ((Array.isArray(x) || isPlain(x)) && depth < deepest) {
      const keys = Object.keys(x)
      fixed.push(Array.isArray(x) ? x.length : keys.join())
      const before = tensors.length
      const parts = keys.map((k) => [k, walk((x as Readonly<Record<string, unknown>>)[k], depth + 1)] as const)
      if (tensors.length === before) return () => x
      return Array.isArray(x)
        ? (from) => parts.map(([, part]) => part(from))
        : (from) => Object.fromEntries(parts.map(([k, part]) => [k, part(from)]))
    }
    if (typeof x === 'function' || (typeof x === 'object' && x !== null)) stable = false
    fixed.push(x)
    return () => x
  }
  const parts = values.map((x) => walk(x, 0))
  return { tensors, fixed: stable ? fixed : null, refilled: (from) => parts.map((part) => part(from)) }
}

type Path = readonly string[]

const isNest = (x: unknown): x is Readonly<Record<string, unknown>> => Array.isArray(x) || isPlain(x)

/** Every tensor and nest in `x` with its path, the outermost first. */
const places = (x: unknown, path: Path = [], found = new Map<unknown, Path>()): ReadonlyMap<unknown, Path> => {
  if (path.length >= deepest || !(isTensor(x) || isNest(x)) || found.has(x)) return found
  found.set(x, path)
  if (isNest(x)) Object.keys(x).forEach((k) => places(x[k], [...path, k], found))
  return found
}

/**
 * What of `result` is a part of `args`, tensors and whole nests, as a function that puts the same parts of other arguments
 * into another result.
 */
export const givenBack = (result: unknown, args: readonly unknown[]): ((result: unknown, args: readonly unknown[]) => unknown) => {
  const from = places(args)
  const walk = (x: unknown, depth: number): ((other: unknown, args: readonly unknown[]) => unknown) | null => {
    const path = from.get(x)
    if (path !== undefined) return (_, args) => path.reduce((at: unknown, k) => (at as Readonly<Record<string, unknown>>)[k], args)
    if (!isNest(x) || depth >= deepest) return null
    const parts = Object.keys(x).flatMap((k) => {
      const part = walk(x[k], depth + 1)
      return part === null ? [] : [[k, part] as const]
    })
    if (parts.length === 0) return null
    return (other, args) => {
      const nest = other as Readonly<Record<string, unknown>>
      const put = parts.map(([k, part]) => [k, part(nest[k], args)] as const)
      return Array.isArray(nest)
        ? Object.assign([...(nest as unknown[])], Object.fromEntries(put))
        : { ...nest, ...Object.fromEntries(put) }
    }
  }
  return walk(result, 0) ?? ((other) => other)
}

/** True where all that is fixed is the same. */
export const alike = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((x, k) => Object.is(x, b[k]))
