/** Comparison of what a case expects with what came out. */
import { isTensor } from '../../src/index.js'
import type { Encoded, Json } from './fixture.js'
import { dtypeOf, isEncoded, numberOf } from './fixture.js'

/** When two numbers agree: `|x - y| <= atol + rtol |y|`. */
export interface Tolerance {
  readonly rtol: number
  readonly atol: number
}

/** Bits must agree. */
export const exact: Tolerance = { rtol: 0, atol: 0 }

const agree = (x: number, y: number, t: Tolerance): boolean =>
  Object.is(x, y) || x === y || (Number.isFinite(x) && Number.isFinite(y) && Math.abs(x - y) <= t.atol + t.rtol * Math.abs(y))

const arrays = (path: string, expected: Encoded, actual: unknown, t: Tolerance): string | null => {
  if (!isTensor(actual)) return `${path}: expected ${expected.dtype}[${expected.shape.join(',')}], got ${typeof actual}`
  const dtype = dtypeOf(expected.dtype)
  if (actual.dtype !== dtype || actual.shape.join() !== expected.shape.join())
    return `${path}: expected ${dtype}[${expected.shape.join(',')}], got ${actual.dtype}[${actual.shape.join(',')}]`
  const data = actual.toTypedArray()
  // float32 is written with the fewest digits that tell it apart.
  const target = expected.data.map((y) => (dtype === 'float32' ? Math.fround(numberOf(y)) : numberOf(y)))
  const wrong = target.findIndex((y, i) => !agree(data[i]!, y, t))
  if (wrong < 0) return null
  const count = target.filter((y, i) => !agree(data[i]!, y, t)).length
  const [x, y] = [data[wrong]!, target[wrong]!]
  return `${path}[${wrong}]: expected ${y}, got ${x} (relative error ${(Math.abs(x - y) / Math.abs(y)).toExponential(1)}; ${count} of ${data.length} differ)`
}

/** The first difference between an expected value and the actual one, as text; null when they agree. Scalars may be tensors or numbers. */
export const difference = (path: string, expected: Json, actual: unknown, t: Tolerance): string | null => {
  if (isEncoded(expected)) return arrays(path, expected, actual, t)
  if (typeof expected === 'number') {
    const x = isTensor(actual) ? Number(actual.item()) : actual
    if (typeof x === 'number' && agree(x, expected, t)) return null
    return `${path}: expected ${expected}, got ${String(x)}`
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return `${path}: expected ${expected.length} items`
    for (const [k, e] of expected.entries()) {
      const d = difference(`${path}[${k}]`, e as Json, actual[k], t)
      if (d !== null) return d
    }
    return null
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return `${path}: expected a record`
    for (const [k, e] of Object.entries(expected)) {
      const d = difference(`${path}.${k}`, e, (actual as Record<string, unknown>)[k], t)
      if (d !== null) return d
    }
    return null
  }
  return Object.is(expected, actual) ? null : `${path}: expected ${String(expected)}, got ${String(actual)}`
}
