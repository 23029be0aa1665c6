/** Reductions of nests: what is held while elements are combined, and one element written out without loops. */
import type { DType } from '../../../core/dtype.js'
import { isReal } from '../../../core/dtype.js'
import type { Combine } from '../../../kernel/loop.js'
import type { BinaryOp } from '../../../kernel/operations.js'
import type { Term, Terms } from './terms.js'

const joins: Readonly<Record<Combine, BinaryOp>> = { add: 'add', mul: 'mul', max: 'max', min: 'min', and: 'and', or: 'or' }
const identity: Readonly<Record<Combine, (d: DType) => number>> = {
  add: () => 0,
  mul: () => 1,
  max: (d) => (isReal(d) ? -Infinity : d === 'int32' ? -2147483648 : 0),
  min: (d) => (isReal(d) ? Infinity : d === 'int32' ? 2147483647 : d === 'bool' ? 1 : -1),
  and: (d) => (d === 'bool' ? 1 : isReal(d) ? Infinity : -1),
  or: (d) => (isReal(d) ? -Infinity : 0),
}

/** How a reduction to elements of one dtype is computed. */
export interface Combination {
  /** What is held while it runs: sums and products of float32 are held as float64. */
  readonly held: DType
  readonly join: BinaryOp
  /** The combination of nothing. */
  readonly nothing: number
}

/** The combination of elements of `dtype`. */
export const combinationOf = (combine: Combine, dtype: DType): Combination => {
  const held: DType = dtype === 'float32' && (combine === 'add' || combine === 'mul') ? 'float64' : dtype
  const join = isReal(held) && combine === 'and' ? 'min' : isReal(held) && combine === 'or' ? 'max' : joins[combine]
  return { held, join, nothing: identity[combine](dtype) }
}

/** The combination of `elements` of `dtype` as one term. */
export const writtenOut = (terms: Terms, combine: Combine, dtype: DType, elements: readonly Term[]): Term => {
  const { held, join, nothing } = combinationOf(combine, dtype)
  const wide = held !== dtype
  let sum: Term | null = null
  const extremes: Term[] = []
  for (const x of elements) {
    if (x.op === 'const' && Object.is(x.n, nothing)) continue
    const y = wide ? terms.term('cast', [x], held) : x
    // A sum begins at 0, so that -0 alone is 0.
    if (sum === null && isReal(held) && (join === 'max' || join === 'min')) extremes.push(y)
    else if (sum === null) sum = combine === 'add' && isReal(held) ? terms.term('add', [y, terms.constant(0, held)], held) : y
    else sum = terms.term(join, [sum, y], held)
  }
  if (extremes.length > 0) return extremes.length === 1 ? extremes[0]! : terms.term(join === 'max' ? 'most' : 'least', extremes, dtype)
  if (sum === null) return terms.constant(nothing, dtype)
  return wide ? terms.term('cast', [sum], dtype) : sum
}
