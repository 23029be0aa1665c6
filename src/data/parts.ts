/** Data sets put together from others, and cut into parts. */
import { check, tensor, wholeWithin } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import { DTypeError, fail, TreeError, ValueError } from '../core/errors.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor, peek } from '../core/tensor.js'
import { array } from '../numpy/create.js'
import { concatenate } from '../numpy/join.js'
import { take } from '../numpy/take.js'
import type { Key } from '../random/key.js'
import { permutation } from '../random/discrete.js'
import * as tree from '../tree/index.js'
import type { Dataset } from './dataset.js'
import { checkRows, datasets, subset } from './dataset.js'

const tensorAt = (leaf: unknown): Tensor => (isTensor(leaf) ? leaf : fail(TreeError, 'concat: batches hold something that is no tensor'))

/** Batches of several data sets, one after the other: row `i` of the result is row `order[i]` of them all. */
const joined = <B>(batches: readonly B[], order: readonly number[]): B => {
  const flat = batches.map((batch) => tree.flatten(batch))
  const { structure } = flat[0]!
  for (const other of flat)
    if (!tree.equals(other.structure, structure))
      fail(TreeError, `concat: batches differ: ${tree.show(structure)} and ${tree.show(other.structure)}`, {
        fix: 'data.map, so that all parts give batches of one form',
      })
  const places = array(Int32Array.from(order))
  const row = (k: number): Tensor => {
    const columns = flat.map((f) => tensorAt(f.leaves[k]))
    const other = columns.find((c) => c.dtype !== columns[0]!.dtype)
    // Promotion would make a row's dtype depend on the rows beside it.
    if (other !== undefined)
      fail(DTypeError, `concat: parts of different dtype: ${columns[0]!.dtype} and ${other.dtype}`, {
        fix: 'data.map with np.astype, so that all parts give batches of one form',
      })
    return take(concatenate(columns), places, { axis: 0 })
  }
  return tree.unflatten(
    structure,
    flat[0]!.leaves.map((_, k) => row(k)),
  )
}

/**
 * The rows of several data sets, one after the other.
 *
 * @throws ValueError for no data set; TreeError or DTypeError, when a batch has rows of several parts, if
 * these are trees of different structure or dtype.
 * @example
 * const [a, b] = [data.fromColumns(np.array([1, 2])), data.fromColumns(np.array([3, 4]))]
 * data.all(data.concat(a, b))   // [1, 2, 3, 4]
 */
export const concat = <B>(...parts: readonly Dataset<B>[]): Dataset<B> => {
  if (parts.length === 0) fail(ValueError, 'concat: at least one data set')
  parts.forEach((part, i) => check('concat', `argument ${i}`, datasets, part))
  const starts = parts.map((_, i) => parts.slice(0, i).reduce((n, p) => n + p.length, 0))
  const length = parts.reduce((n, p) => n + p.length, 0)
  const partOf = (row: number): number => {
    const next = starts.findIndex((start) => start > row)
    const before = next === -1 ? parts.length : next
    return before - 1
  }
  return {
    length,
    take: (rows) => {
      checkRows(rows, length)
      const chosen = parts.map((): number[] => [])
      const places = Array.from(rows, (row) => {
        const part = partOf(row)
        return [part, chosen[part]!.push(row - starts[part]!) - 1] as const
      })
      const used = range(parts.length).filter((i) => chosen[i]!.length > 0)
      if (used.length <= 1) return parts[used[0] ?? 0]!.take(chosen[used[0] ?? 0]!)
      const offsets = chosen.map((_, i) => chosen.slice(0, i).reduce((n, c) => n + c.length, 0))
      return joined(
        used.map((i) => parts[i]!.take(chosen[i]!)),
        places.map(([part, at]) => offsets[part]! + at),
      )
    },
  }
}

const shuffled = optionsOf<{ readonly key?: Key }>({ key: tensor })

/**
 * The first `count` rows and the others, as two data sets; with a key, of the rows shuffled by it. Validation sets are made so.
 *
 * @throws ValueError unless `count` is an integer from 0 to the length.
 * @example
 * const [train, validation] = data.split(data.fromColumns(np.arange(10)), 8, { key: random.key(0) })
 * train.length        // 8
 * validation.length   // 2
 */
export const split = <B>(
  dataset: Dataset<B>,
  count: number,
  options: { readonly key?: Key } = {},
): readonly [first: Dataset<B>, rest: Dataset<B>] => {
  const { key } = shuffled('split', options)
  const { length } = check('split', 'dataset', datasets, dataset)
  check('split', 'count', wholeWithin(0, length), count)
  const order = key === undefined ? Int32Array.from(range(length)) : peek(permutation(key, length))
  return [subset(dataset, order.slice(0, count)), subset(dataset, order.slice(count))]
}
