/** What pictures are made of: tensors, or arrays of numbers. */
import { check } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor, peek } from '../core/tensor.js'

/** A vector: a tensor, whose elements are taken as they come, or numbers. */
export type Numbers = Tensor | ArrayLike<number>

/** A matrix: a tensor with two axes, or rows of one length. */
export type Matrix = Tensor | readonly ArrayLike<number>[]

/** The numbers of a vector. */
export const numbersOf = (x: Numbers, name = 'viz'): ArrayLike<number> => {
  if (isTensor(x)) return peek(x)
  return check(name, 'values', vectors, x)
}

const vectors = {
  says: 'a tensor, or a list of numbers',
  fix: '[1, 2, 3]',
  accepts: (x: unknown): boolean => ArrayBuffer.isView(x) || (Array.isArray(x) && x.every((v) => typeof v === 'number')),
}

const isList = (x: unknown): boolean => Array.isArray(x) || ArrayBuffer.isView(x)
const matrices = {
  says: 'a tensor of two axes, or rows of numbers',
  fix: '[[1, 2], [3, 4]]',
  accepts: (x: unknown): boolean => Array.isArray(x) && x.every(isList),
}

/** The rows of a matrix. @throws ShapeError for what is none. */
export const rowsOf = (name: string, x: Matrix): readonly (readonly number[])[] => {
  if (!isTensor(x)) {
    check(name, 'the matrix', matrices, x)
    const rows = x.map((row) => Array.from(row))
    const odd = rows.findIndex((row) => row.length !== rows[0]!.length)
    return odd < 0 ? rows : fail(ShapeError, `${name}: row ${odd} has ${rows[odd]!.length} numbers, the first one ${rows[0]!.length}`)
  }
  if (x.ndim !== 2) fail(ShapeError, `${name}: a matrix has two axes, got [${x.shape.join(',')}]`, { args: { x } })
  const [height, width] = x.shape as readonly [number, number]
  const data = peek(x)
  return Array.from({ length: height }, (_, i) => Array.from(data.subarray(i * width, (i + 1) * width)))
}

/** @throws ShapeError unless there is a name for each of `count`. */
export const checkNames = (name: string, what: string, names: readonly string[] | undefined, count: number): void => {
  if (names !== undefined && names.length !== count) fail(ShapeError, `${name}: ${names.length} ${what} for ${count}`)
}
