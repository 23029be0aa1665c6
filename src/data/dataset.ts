/** Data sets: a length, and a way to make a batch of given rows. */
import { aval } from '../core/aval.js'
import type { Meaning } from '../core/check.js'
import { check, traceable } from '../core/check.js'
import type { TypedArray } from '../core/dtype.js'
import { dtypes } from '../core/dtype.js'
import { fail, ShapeError, TreeError, ValueError } from '../core/errors.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor, isTensor, peek } from '../core/tensor.js'
import * as tree from '../tree/index.js'

/**
 * Rows that can be asked for in any order. `take` makes one batch: a tree whose leaves have the rows on their
 * first axis. In memory, in a file, or computed on demand: training code cannot tell.
 */
export interface Dataset<B> {
  readonly length: number
  /** The batch of these rows, in this order. */
  readonly take: (rows: ArrayLike<number>) => B
}

/** A data set. */
export const datasets: Meaning = {
  says: 'a data set',
  fix: 'data.fromColumns({ x, y }) of tensors with one row per example',
  accepts: (x) => isDataset(x as object) && 'length' in (x as object),
}

/** True for a data set, as against a tree of tensors. */
export const isDataset = <B>(source: B | Dataset<B>): source is Dataset<B> =>
  typeof source === 'object' && source !== null && 'take' in source && typeof source.take === 'function'

/** A list of rows. */
const lists: Meaning = {
  says: 'a list of row numbers',
  fix: '[0, 1, 2]',
  accepts: (x) => Array.isArray(x) || ArrayBuffer.isView(x),
}

/** @throws ValueError for a row that is not there. */
export const checkRows = (rows: ArrayLike<number>, length: number, name = 'take'): void => {
  check(name, 'rows', lists, rows)
  for (let i = 0; i < rows.length; i++)
    if (!Number.isInteger(rows[i]) || rows[i]! < 0 || rows[i]! >= length)
      fail(ValueError, `${name}: there is no row ${String(rows[i])}: the data set has ${length}`, { fix: `rows from 0 to ${length - 1}` })
}

/** The elements of columns that were read: those of a computed one are copied out of the backend's memory, once and not for every batch. */
const columnsRead = new WeakMap<Tensor, TypedArray>()
const elementsOf = (column: Tensor): TypedArray => {
  let elements = columnsRead.get(column)
  if (elements === undefined) columnsRead.set(column, (elements = peek(column)))
  return elements
}

/** The rows of one tensor, copied side by side. */
const takeRows = (column: Tensor, rows: ArrayLike<number>): Tensor => {
  const data = elementsOf(column)
  const shape = column.shape.slice(1)
  const width = shape.reduce((n, s) => n * s, 1)
  const out: TypedArray = dtypes[column.dtype].make(rows.length * width)
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * width
    if (width === 1) out[i] = data[from]!
    else out.set(data.subarray(from, from + width), i * width)
  }
  return hostTensor(aval([rows.length, ...shape], column.dtype), out)
}

/**
 * A data set in memory: a tree of tensors whose first axes agree.
 *
 * @throws ShapeError when a leaf is a scalar or the first axes differ.
 * @example
 * const points = data.fromColumns({ x: np.zeros([300, 2]), y: np.zeros([300], { dtype: 'int32' }) })
 * points.length         // 300
 * points.take([0, 7])   // { x: float32[2,2], y: int32[2] }
 */
export const fromColumns = <B>(columns: B): Dataset<B> => {
  const { leaves, structure } = tree.flatten(columns)
  if (structure.statics.length > 0)
    fail(TreeError, `fromColumns: a column is no tensor: ${tree.show(structure)}`, {
      fix: 'encode text as numbers, np.array(indices); what is the same for every row belongs beside the data set',
    })
  const names = tree.structurePaths(structure)
  const named = leaves.map((leaf, i) => [names[i] === '' ? 'x' : names[i]!, leaf] as const)
  const tensors = named.map(([name, leaf]): Tensor => {
    if (!isTensor(leaf) || leaf.ndim === 0)
      return fail(ShapeError, `fromColumns: ${name} is a scalar; rows lie on the first axis`, { fix: 'a tensor with one row per example' })
    return leaf
  })
  const first = tensors[0]
  if (first === undefined) return fail(ValueError, 'fromColumns: a data set needs at least one tensor')
  const length = first.shape[0]!
  for (const column of tensors)
    if (column.shape[0] !== length)
      fail(ShapeError, `fromColumns: columns of different length: ${length} and ${column.shape[0]!}`, {
        args: Object.fromEntries(tensors.map((t, i) => [named[i]![0], t])),
        fix: 'one row per example in every column',
      })
  return {
    length,
    take: (rows) => {
      checkRows(rows, length)
      return tree.unflatten(
        structure,
        tensors.map((column) => takeRows(column, rows)),
      )
    },
  }
}

/** The data set whose batches are `f` of the original's: casts, normalisation, augmentation. */
export const map = <A, B>(dataset: Dataset<A>, f: (batch: A) => B): Dataset<B> => {
  check('map', 'dataset', datasets, dataset)
  check('map', 'f', traceable, f)
  return { length: dataset.length, take: (rows) => f(dataset.take(rows)) }
}

/** The rows `rows` of a data set, as one. */
export const subset = <B>(dataset: Dataset<B>, rows: ArrayLike<number>): Dataset<B> => {
  check('subset', 'dataset', datasets, dataset)
  checkRows(check('subset', 'rows', lists, rows), dataset.length, 'subset')
  return {
    length: rows.length,
    take: (chosen) => {
      checkRows(chosen, rows.length)
      return dataset.take(Int32Array.from(chosen, (i) => rows[i]!))
    },
  }
}

/** All rows as one batch. */
export const all = <B>(dataset: Dataset<B>): B => check('all', 'dataset', datasets, dataset).take(range(dataset.length))
