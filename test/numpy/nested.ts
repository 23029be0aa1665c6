/** Arrays as nested JavaScript lists: a model so plain that it cannot be wrong, for comparison. */
import fc from 'fast-check'
import type { Tensor } from '../../src/index.js'
import { np } from '../../src/index.js'

/** A list of lists, or a number. */
export type Nest = number | readonly Nest[]

/** Every multi-index of `shape`, in row-major order. */
export const places = (shape: readonly number[]): readonly (readonly number[])[] =>
  shape.reduce<readonly (readonly number[])[]>((all, n) => all.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])), [[]])

/** The element at a multi-index. */
export const element = (x: Nest, at: readonly number[]): number => at.reduce<Nest>((n, i) => (n as readonly Nest[])[i]!, x) as number

/** The nested list of `shape` whose elements are `f` of their multi-index. */
export const tabulate = (shape: readonly number[], f: (at: readonly number[]) => number, at: readonly number[] = []): Nest =>
  shape.length === at.length ? f(at) : Array.from({ length: shape[at.length]! }, (_, i) => tabulate(shape, f, [...at, i]))

/** A tensor's elements as numbers: booleans are 0 and 1. */
export const elements = (x: Tensor): readonly number[] => [...x.toTypedArray()]

/** A float64 tensor of `shape` with different small dyadic numbers. */
export const numbered = (shape: readonly number[], seed = 0): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  const data = Float64Array.from({ length: size }, (_, i) => (((i + 1) * 37 + seed * 11) % 64) / 8 - 4)
  return np.reshape(np.array(data), shape)
}

/** The model of a tensor. */
export const modelOf = (x: Tensor): Nest => {
  const data = elements(x)
  let i = 0
  return tabulate(x.shape, () => data[i++]!)
}

/** Shapes of up to `maxLength` axes, empty and size-1 axes included. */
export const shapes = (maxLength = 4, maxSize = 4): fc.Arbitrary<readonly number[]> =>
  fc.array(fc.oneof({ weight: 1, arbitrary: fc.constantFrom(0, 1) }, { weight: 4, arbitrary: fc.integer({ min: 1, max: maxSize }) }), {
    maxLength,
  })

/** Shapes without empty axes. */
export const filledShapes = (minLength = 0, maxLength = 4, maxSize = 4): fc.Arbitrary<readonly number[]> =>
  fc.array(fc.integer({ min: 1, max: maxSize }), { minLength, maxLength })
