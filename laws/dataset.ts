/** The laws of data sets: rows do not depend on how they are asked for, and iteration can be started again. */
import fc from 'fast-check'
import { isTensor, tree } from '../src/index.js'
import { callable, check, checkAll, count, having, iterable } from './check.js'
import type { LawOptions } from './law.js'
import { broken, forAll, lawOptions } from './law.js'
import { expectSame } from './same.js'
import { elements } from './compare.js'
import { tensorOf } from './arbitrary.js'

/** Rows that can be asked for in any order. */
export interface Rows {
  readonly length: number
  /** The batch of these rows, in this order. */
  readonly take: (rows: readonly number[]) => unknown
}

const rowsOf = having('rows', '{ length, take }: a data set of data.fromColumns(...)', 'take')

const rowOf = (batch: unknown, i: number): unknown =>
  tree.map((x: unknown) => {
    if (!isTensor(x)) return broken('a batch has a leaf that is no tensor')
    const shape = x.shape.slice(1)
    const size = shape.reduce((a, b) => a * b, 1)
    return tensorOf(elements(x).slice(i * size, (i + 1) * size), shape, x.dtype)
  }, batch)

/**
 * Law: `take` is pure and works row by row: a row is the same alone, in any batch, at any place in it, and the next time;
 * a row that is not there throws.
 */
export const dataset = (subject: Rows, options?: LawOptions): void => {
  check('dataset', 'subject', rowsOf, subject)
  const given = lawOptions('dataset', options)
  const row = fc.nat(Math.max(0, subject.length - 1))
  forAll(
    'rows do not depend on batches',
    fc.array(row, { minLength: 1, maxLength: 5 }),
    (rows) => `rows ${rows.join(', ')}`,
    (rows) => {
      if (subject.length === 0) return
      const batch = subject.take(rows)
      expectSame('the same rows again', subject.take(rows), batch)
      rows.forEach((r, i) => {
        expectSame(`row ${r} alone`, rowOf(subject.take([r]), 0), rowOf(batch, i))
      })
    },
    given,
  )
  for (const outside of [-1, subject.length]) {
    let threw = false
    try {
      subject.take([outside])
    } catch {
      threw = true
    }
    if (!threw) broken(`take([${outside}]) of ${subject.length} rows did not throw`)
  }
}

/** Law: an iterable gives the same items every time, also after an iteration that was broken off. */
export const restartable = (subject: Iterable<unknown>, options?: LawOptions): void => {
  check('restartable', 'subject', iterable, subject)
  const given = lawOptions('restartable', options)
  const whole = [...subject]
  forAll(
    'iteration can be restarted',
    fc.nat(whole.length),
    (n) => `broken off after ${n} items`,
    (n) => {
      let count = 0
      for (const item of subject) {
        if (count === n) break
        expectSame(`item ${count}`, item, whole[count])
        count++
      }
      const again = [...subject]
      if (again.length !== whole.length) broken(`${again.length} items after a break, ${whole.length} before`)
      again.forEach((item, i) => {
        expectSame(`item ${i} after a break`, item, whole[i])
      })
    },
    { numRuns: 10, ...given },
  )
}

/** Law: batches of a shuffled data set are a permutation of its rows: nothing is lost, nothing comes twice. */
export const partition = (batches: (seed: number) => Iterable<readonly number[]>, length: number, options?: LawOptions): void => {
  checkAll('partition', { batches: [callable, batches], length: [count, length] })
  const given = lawOptions('partition', options)
  forAll(
    'batches are a partition',
    fc.nat(999),
    (seed) => `seed ${seed}`,
    (seed) => {
      const rows = [...batches(seed)].flat()
      const sorted = [...rows].sort((a, b) => a - b)
      if (rows.length !== length || sorted.some((r, i) => r !== i))
        broken(`${rows.length} rows, ${new Set(rows).size} of them different, expected ${length}`)
    },
    { numRuns: 10, ...given },
  )
}
