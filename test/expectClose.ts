/**
 * Comparing results with what they should be, entry by entry. Loops over a result pass on an empty one and on one that is
 * too short; this compares how many there are first. A lint rule (`scripts/resultLoops.mjs`) keeps tests to it.
 */
import { expect } from 'vitest'
import type { DType, Tensor } from '../src/index.js'
import { isTensor } from '../src/index.js'

/** Numbers in any nesting, or a tensor. */
export type Numbers = Tensor | number | ArrayLike<number> | readonly Numbers[]

/** How far an entry may lie from what it should be: the largest of what is named, one at least. */
export interface Tolerance {
  readonly atol?: number
  /** Times the expected size. */
  readonly rtol?: number
  /** Units in the last place of a float32 of the expected size. */
  readonly ulp?: number
  /** The dtype that the result must have. */
  readonly dtype?: DType
  /** What is compared, for the message. */
  readonly what?: string
}

/** The numbers of a nesting with the shape it has: `[]` for a number. Ragged lists have no shape. */
const parts = (x: Numbers): { readonly values: readonly number[]; readonly shape: readonly number[] } => {
  if (typeof x === 'number') return { values: [x], shape: [] }
  if (isTensor(x)) return { values: Array.from(x.toTypedArray()), shape: x.shape }
  const inner = Array.from<Numbers>(x as ArrayLike<Numbers>).map(parts)
  const shapes = new Set(inner.map((p) => p.shape.join()))
  expect(shapes.size, 'a ragged list of numbers').toBeLessThanOrEqual(1)
  return { values: inner.flatMap((p) => p.values), shape: [inner.length, ...(inner[0]?.shape ?? [])] }
}

const ulp = (x: number): number => 2 ** Math.max(-149, Math.floor(Math.log2(Math.abs(x) || 2 ** -149)) - 23)

const close = (a: number, e: number, { atol = 0, rtol = 0, ulp: units = 0 }: Tolerance): boolean =>
  Object.is(a, e) ||
  a === e ||
  (Number.isFinite(e) && Math.abs(a - e) <= Math.max(atol, rtol * Math.abs(e), units === 0 ? 0 : units * ulp(e)))

/**
 * Fails unless `got` has the shape of `expected` and every entry lies within the tolerance. A flat list of numbers may stand
 * for the entries of a tensor of any shape. NaN is close to NaN, an infinity to itself alone.
 */
export const expectClose = (got: Numbers, expected: Numbers, tolerance: Tolerance): void => {
  const { atol, rtol, ulp: units, dtype, what = 'result' } = tolerance
  expect(
    [atol, rtol, units].some((v) => v !== undefined),
    'expectClose: a tolerance is required: atol, rtol or ulp',
  ).toBe(true)
  const [a, e] = [parts(got), parts(expected)]
  const flat = e.shape.length <= 1 && isTensor(got) && !isTensor(expected) && typeof expected !== 'number'
  expect(flat ? [a.values.length] : a.shape, `the shape of the ${what}`).toEqual(e.shape)
  if (dtype !== undefined) expect(isTensor(got) && got.dtype, `the dtype of the ${what}`).toBe(dtype)
  const bad = e.values.findIndex((v, i) => !close(a.values[i]!, v, tolerance))
  if (bad < 0) return
  const count = e.values.filter((v, i) => !close(a.values[i]!, v, tolerance)).length
  expect.fail(
    `${what}: entry ${bad} of ${e.values.length} is ${a.values[bad]!}, expected ${e.values[bad]!}` +
      ` (difference ${Math.abs(a.values[bad]! - e.values[bad]!)}, allowed ${JSON.stringify({ atol, rtol, ulp: units })}; ${count} entries differ)`,
  )
}
