/** Data sets whose examples are made when they are asked for. */
import { check, count, traceable } from '../core/check.js'
import type { Dataset } from './dataset.js'
import { checkRows } from './dataset.js'
import { stackExamples } from './examples.js'

/**
 * The data set of `length` examples that `get` makes one at a time: read from a file, decoded, or computed. A batch stacks the
 * examples' tensors along a new first axis; nothing is kept between batches.
 *
 * @throws ValueError for a batch of no rows, whose shape nobody knows; TreeError when examples are trees of different structure
 * or hold anything but tensors.
 * @example
 * const squares = data.lazy(1_000_000, (row) => ({ x: np.array(row), y: np.array(row * row) }))
 * squares.take([3, 5]).y   // [9, 25]
 */
export const lazy = <B>(length: number, get: (row: number) => B): Dataset<B> => {
  check('lazy', 'length', count, length)
  check('lazy', 'get', traceable, get)
  return {
    length,
    take: (rows) => {
      checkRows(rows, length)
      return stackExamples(
        'lazy',
        Array.from(rows, (row) => get(row)),
      )
    },
  }
}
