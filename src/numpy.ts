/** NumPy's vocabulary on tensors: creation, arithmetic, reductions, shapes, indexing, products. */
export type { Binary, Dual, Unary } from './numpy/dual.js'
export { dual } from './numpy/dual.js'
export type { TensorLike } from './numpy/lift.js'
export * from './numpy/arithmetic.js'
export * from './numpy/bits.js'
export {
  equal,
  greater,
  greaterEqual,
  isclose,
  isfinite,
  isinf,
  isnan,
  isneginf,
  isposinf,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  notEqual,
  where,
  type Tolerance,
} from './numpy/comparison.js'
export {
  array,
  asarray,
  astype,
  finfo,
  fromTransferable,
  full,
  fullLike,
  iinfo,
  ones,
  onesLike,
  zeros,
  zerosLike,
  type ArrayLike,
  type DTypeOption,
  type ShapeLike,
} from './numpy/create.js'
export * from './numpy/cumulative.js'
export * from './numpy/exponential.js'
export * from './numpy/nanReduce.js'
export * from './numpy/ranges.js'
export * from './numpy/reduce.js'
export * from './numpy/rounding.js'
export * from './numpy/shape.js'
export * from './numpy/trigonometric.js'
export * from './numpy/einsum.js'
export * from './numpy/matmul.js'
export { at, type Place, type UpdateOption } from './numpy/at.js'
export * from './numpy/diagonal.js'
export { index } from './numpy/index.js'
export * from './numpy/join.js'
export * from './numpy/names.js'
export * from './numpy/rearrange.js'
export * from './numpy/search.js'
export * from './numpy/sort.js'
export type { IndexItem, Slice } from './numpy/spec.js'
export type { OutOfRange, OutOfRangeOption } from './numpy/outside.js'
export { take, takeAlongAxis } from './numpy/take.js'
