/** Batches of a data set, as an iterable that starts anew every time it is iterated. */
import { count as countMeaning, flag, listOf, positiveWhole, tensor } from '../core/check.js'
import { fail, TraceError, ValueError } from '../core/errors.js'
import { recordOf } from '../core/options.js'
import { knownElements } from '../core/tensor.js'
import type { Key } from '../random/key.js'
import { permutation } from '../random/discrete.js'
import type { Dataset } from './dataset.js'
import { fromColumns, isDataset } from './dataset.js'

/** Options of `batches`. */
export interface BatchOptions {
  /** Rows per batch. */
  readonly size: number
  /**
   * Shuffle by this key: the same key, the same order. `random.foldIn(key, epoch)` gives each epoch its own. On devices whose memory is
   * read asynchronously the order is given instead: `order: await random.permutation(key, rows).read()`.
   */
  readonly key?: Key
  /** The rows to visit, in this order; all in their own order by default. */
  readonly order?: ArrayLike<number>
  /** Leave out a last batch that is smaller than the others. */
  readonly dropLast?: boolean
}

const batchesOf = recordOf<BatchOptions>(
  {
    size: positiveWhole,
    key: tensor,
    order: {
      says: 'a list of row numbers',
      fix: 'listed rows, [2, 0, 1]',
      accepts: (x) => listOf(countMeaning).accepts(x) || ArrayBuffer.isView(x),
    },
    dropLast: flag,
  },
  ['size'],
)

/** Batches; iterating twice gives the same ones twice, also after a `break`. */
export interface Batches<B> extends Iterable<B> {
  /** Number of batches. */
  readonly length: number
  /** Number of rows in them. */
  readonly rows: number
}

/** Which row comes when. */
interface Order {
  readonly length: number
  readonly row: (i: number) => number
}

const listed = (rows: ArrayLike<number>): Order => ({ length: rows.length, row: (i) => rows[i]! })

/** Rows in their own order are not listed: a data set that is computed may have more of them than memory holds. */
const orderOf = (length: number, { key, order }: BatchOptions): Order => {
  if (order !== undefined && key !== undefined)
    fail(ValueError, 'batches: both key and order say in which order rows come', { fix: 'one of them' })
  if (order !== undefined) return listed(order)
  if (key === undefined) return { length, row: (i) => i }
  const drawn = permutation(key, length)
  return listed(
    knownElements(drawn) ??
      fail(
        TraceError,
        `batches: the order that key draws is not known yet: ${drawn.memory === null ? 'it is traced' : `memory of ${drawn.memory.name} is read asynchronously`}`,
        {
          fix: '{ order: await random.permutation(key, rows).read() }',
        },
      ),
  )
}

/**
 * The rows of a data set (or of a tree of tensors) in batches of `size`; the last one is smaller when they do not come out even.
 *
 * @throws ValueError unless `size` is a positive integer; TraceError for a key whose order is not known at once.
 * @example
 * const rows = data.fromColumns({ x: np.ones([5, 2]), y: np.zeros([5]) })
 * for (const batch of data.batches(rows, { size: 2, key: random.key(0) })) console.log(batch.x.shape)   // [2, 2], [2, 2], [1, 2]
 */
export const batches = <B>(source: B | Dataset<B>, options: BatchOptions): Batches<B> => {
  const { size, dropLast = false } = batchesOf('batches', options)
  const dataset = isDataset(source) ? source : fromColumns(source)
  const order = orderOf(dataset.length, options)
  const length = dropLast ? Math.floor(order.length / size) : Math.ceil(order.length / size)
  const rowsOf = (i: number): readonly number[] =>
    Array.from({ length: Math.min(size, order.length - i * size) }, (_, k) => order.row(i * size + k))
  return {
    length,
    rows: Math.min(order.length, length * size),
    *[Symbol.iterator]() {
      for (let i = 0; i < length; i++) yield dataset.take(rowsOf(i))
    },
  }
}
