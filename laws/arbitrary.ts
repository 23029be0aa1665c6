/**
 * Random subjects: shapes, tensors, trees. Numbers are short (multiples of 1/8 in [-2, 2]), so that counterexamples
 * read well, are exact in float32, and have exact sums.
 */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { DType, Shape, Tensor } from '../src/index.js'
import { dtypes, fail, isReal, ShapeError, ValueError } from '../src/index.js'
import { aval, hostTensor } from '../src/extend.js'
import {
  arbitrary,
  callable,
  check,
  checkAll,
  count,
  dtype as aDtype,
  finite,
  listOf,
  number,
  optionsOf,
  positiveWhole,
  shape as aShape,
  tensor as aTensor,
  whole,
} from './check.js'

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)

/** A tensor of `values`, in row-major order. */
export const tensorOf = (values: readonly number[], shape: Shape, dtype: DType = 'float64'): Tensor => {
  checkAll('tensorOf', { values: [listOf(number), values], shape: [aShape, shape], dtype: [aDtype, dtype] })
  const size = sizeOf(shape)
  if (values.length !== size)
    fail(ShapeError, `tensorOf: ${values.length} values for ${size} elements of shape [${shape.join(',')}]`, {
      fix: 'one value for every element',
    })
  return hostTensor(aval(shape, dtype), dtypes[dtype].from(values))
}

/** Multiples of 1/8 from `min` to `max` that satisfy `where`; shrinks towards 0. */
export const eighths = (min = -2, max = 2, where: (v: number) => boolean = () => true): Arbitrary<number> => {
  checkAll('eighths', { min: [finite, min], max: [finite, max], where: [callable, where] })
  const [least, most] = [Math.ceil(min * 8), Math.floor(max * 8)]
  if (!(Number.isSafeInteger(least) && Number.isSafeInteger(most) && least <= most))
    fail(ValueError, `eighths: there is no multiple of 1/8 from min ${min} to max ${max}`, { fix: 'min below max, both of moderate size' })
  return fc
    .integer({ min: least, max: most })
    .map((n) => n / 8)
    .filter(where)
}

/** Numbers at which arithmetic is hard, by dtype. */
export const edges: Readonly<Record<DType, readonly number[]>> = {
  float32: [
    0,
    -0,
    1,
    -1,
    NaN,
    Infinity,
    -Infinity,
    1e30,
    -1e30,
    1e-30,
    3.4028234663852886e38,
    1.1754943508222875e-38,
    1.401298464324817e-45,
  ],
  float64: [0, -0, 1, -1, NaN, Infinity, -Infinity, 1e300, -1e300, 1e-300, Number.MAX_VALUE, 2.2250738585072014e-308, Number.MIN_VALUE],
  int32: [0, 1, -1, 2147483647, -2147483648, 65536, -65537],
  uint32: [0, 1, 2147483648, 4294967295, 65536],
  bool: [0, 1],
}

/** Plain numbers of a dtype: eighths for floats, small integers for integers. */
export const numbers = (dtype: DType): Arbitrary<number> => {
  checkAll('numbers', { dtype: [aDtype, dtype] })
  if (isReal(dtype)) return eighths()
  return dtype === 'bool' ? fc.integer({ min: 0, max: 1 }) : fc.integer({ min: dtype === 'uint32' ? 0 : -9, max: 9 })
}

/** Plain numbers with edge values among them. */
export const anyNumbers = (dtype: DType): Arbitrary<number> => {
  checkAll('anyNumbers', { dtype: [aDtype, dtype] })
  return fc.oneof({ weight: 3, arbitrary: numbers(dtype) }, { weight: 1, arbitrary: fc.constantFrom(...edges[dtype]) })
}

/** What shapes `shapes` makes. */
export interface ShapeOptions {
  readonly minRank?: number
  readonly maxRank?: number
  /** Smallest size of an axis; 0 (empty tensors) by default. */
  readonly minSize?: number
  readonly maxSize?: number
}

const shapesOf = optionsOf<ShapeOptions>({ minRank: count, maxRank: count, minSize: count, maxSize: positiveWhole })

/** Shapes, 0-d, empty and odd ones included. */
export const shapes = (options?: ShapeOptions): Arbitrary<Shape> => {
  const { minRank = 0, maxRank = Math.max(3, minRank), minSize = 0, maxSize = Math.max(5, minSize) } = shapesOf('shapes', options)
  if (minRank > maxRank || minSize > maxSize)
    fail(ValueError, `shapes: there is no rank from ${minRank} to ${maxRank}, or no size from ${minSize} to ${maxSize}`, {
      fix: 'min at most max',
    })
  const size = fc.integer({ min: Math.max(1, minSize), max: maxSize })
  const axis = minSize === 0 ? fc.oneof({ weight: 9, arbitrary: size }, { weight: 1, arbitrary: fc.constant(0) }) : size
  return fc.array(axis, { minLength: minRank, maxLength: maxRank })
}

const dtypeList = {
  says: 'a list of names of dtypes',
  fix: "['float32', 'float64']",
  accepts: (x: unknown): boolean => Array.isArray(x) && x.length > 0 && x.every(aDtype.accepts),
}

/** Any dtype of `among`, all by default. */
export const anyDtype = (among: readonly DType[] = ['float64', 'float32', 'int32', 'uint32', 'bool']): Arbitrary<DType> => {
  checkAll('anyDtype', { among: [dtypeList, among] })
  return fc.constantFrom(...among)
}

/** A list of exactly `n` numbers. */
export const list = (of: Arbitrary<number>, n: number): Arbitrary<number[]> => {
  checkAll('list', { of: [arbitrary, of], n: [count, n] })
  return fc.array(of, { minLength: n, maxLength: n })
}

/** Tensors of one shape and dtype; `of` draws the elements. */
export const tensor = (shape: Shape, dtype: DType = 'float64', of?: Arbitrary<number>): Arbitrary<Tensor> => {
  checkAll('tensor', { shape: [aShape, shape], dtype: [aDtype, dtype] })
  const drawn = of === undefined ? numbers(dtype) : check('tensor', 'of', arbitrary, of)
  return list(drawn, sizeOf(shape)).map((v) => tensorOf(v, shape, dtype))
}

/** Tensors of random shapes. */
export const tensors = (dtype: DType = 'float64', options?: ShapeOptions): Arbitrary<Tensor> => {
  checkAll('tensors', { dtype: [aDtype, dtype] })
  return shapes(shapesOf('tensors', options)).chain((shape) => tensor(shape, dtype))
}

/** Trees of records, lists and tuples over `leaf`; at most about `maxLeaves` wide and three deep. */
export const trees = <L>(leaf: Arbitrary<L>): Arbitrary<unknown> => {
  checkAll('trees', { leaf: [arbitrary, leaf] })
  const { node } = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'tree' },
      leaf,
      fc.dictionary(fc.constantFrom('w', 'b', 'l1', 'l2', 'scale', '0', 'a/b'), tie('node'), { maxKeys: 3, depthIdentifier: 'tree' }),
      fc.array(tie('node'), { maxLength: 3, depthIdentifier: 'tree' }),
      fc.constant(null),
    ),
  }))
  return node
}

/**
 * A small deterministic stream of numbers, for directions that go with a random subject: drawn from its seed, not from
 * the arbitrary, so that shrinking the subject keeps them. Multiples of 1/8 in [-1, 1], never 0; seed 0 gives only ones.
 */
export const stream = (seed: number): (() => number) => {
  checkAll('stream', { seed: [whole, seed] })
  let state = (seed * 0x9e3779b1) >>> 0
  return () => {
    if (seed === 0) return 1
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const n = (state >>> 16) % 16
    return (n < 8 ? n - 8 : n - 7) / 8
  }
}

/** Directions on eighths beside `xs`: one tensor per tensor, of its shape and dtype. */
export const directions = (xs: readonly Tensor[], next: () => number): readonly Tensor[] => {
  checkAll('directions', { xs: [listOf(aTensor), xs], next: [callable, next] })
  return xs.map((x) => tensorOf(Array.from({ length: x.size }, next), x.shape, x.dtype))
}
