/** Batches and data sets of what comes in an order: time series and text. */
import { aval } from '../core/aval.js'
import { anything, check, listOf, positiveWhole } from '../core/check.js'
import { fail, ValueError } from '../core/errors.js'
import { recordOf } from '../core/options.js'
import { range } from '../core/shape.js'
import { hostTensor } from '../core/tensor.js'
import type { Batches } from './batches.js'
import { batches } from './batches.js'
import type { Dataset } from './dataset.js'
import { checkRows, fromColumns, isDataset } from './dataset.js'
import type { Labelled } from './spiral.js'

const stretches = recordOf<{ readonly length: number; readonly stride?: number }>({ length: positiveWhole, stride: positiveWhole }, [
  'length',
])
const sizeOf = recordOf<{ readonly size: number }>({ size: positiveWhole }, ['size'])

/**
 * Batches in which row `k` continues row `k` of the batch before: `size` series that run through the data side by side, each from its
 * own start, `floor(length / size)` rows apart, around the end when rows are left over. What a recurrent network trained with truncated
 * back-propagation needs; DeZero's `SeqDataLoader`.
 *
 * @throws ValueError unless `size` is a positive integer.
 * @example
 * const steps = [...data.sequenceBatches(np.arange(6), { size: 2 })]
 * steps.length   // 3
 * steps[0]       // [0, 3]
 * steps[1]       // [1, 4]
 */
export const sequenceBatches = <B>(source: B | Dataset<B>, options: { readonly size: number }): Batches<B> => {
  const { size } = sizeOf('sequenceBatches', options)
  const dataset = isDataset(source) ? source : fromColumns(source)
  const { length } = dataset
  const jump = Math.floor(length / size)
  const order = range(Math.ceil(length / size) * size).map((i) => ((i % size) * jump + Math.floor(i / size)) % length)
  return batches(dataset, { size, order })
}

/**
 * Every stretch of `length` tokens, and the same stretch one token later: what a language model reads and what it should say.
 *
 * shapes: x int32[n,length], y int32[n,length]
 *
 * @throws ValueError when there are not more than `length` tokens, or `length` or `stride` is no positive integer.
 * @example
 * const { x, y } = data.windows([1, 2, 3, 4, 5], { length: 3 }).take([1])
 * x   // [[2, 3, 4]]
 * y   // [[3, 4, 5]]
 */
export const windows = (tokens: ArrayLike<number>, options: { readonly length: number; readonly stride?: number }): Dataset<Labelled> => {
  const { length, stride = 1 } = stretches('windows', options)
  check(
    'windows',
    'tokens',
    { ...listOf(anything), says: 'a list of tokens', accepts: (x) => Array.isArray(x) || ArrayBuffer.isView(x) },
    tokens,
  )
  if (tokens.length <= length)
    fail(ValueError, `windows: ${tokens.length} tokens have no window of ${length} and one more`, {
      fix: 'a longer text or a shorter length',
    })
  const ids = Int32Array.from(tokens)
  const count = Math.floor((ids.length - 1 - length) / stride) + 1
  return {
    length: count,
    take: (rows) => {
      checkRows(rows, count)
      const x = new Int32Array(rows.length * length)
      const y = new Int32Array(rows.length * length)
      for (let i = 0; i < rows.length; i++) {
        const start = rows[i]! * stride
        x.set(ids.subarray(start, start + length), i * length)
        y.set(ids.subarray(start + 1, start + 1 + length), i * length)
      }
      const a = aval([rows.length, length], 'int32')
      return { x: hostTensor(a, x), y: hostTensor(a, y) }
    },
  }
}
