/** A backend on one case: its outputs against what is known of them. */
import type { TypedArray } from '../../src/core/dtype.js'
import { isReal } from '../../src/core/dtype.js'
import { showAval } from '../../src/core/showAval.js'
import type { Backend } from '../../src/extend.js'
import { indexOf, showNumber } from '../../laws/compare.js'
import { bounds } from './bounds.js'
import type { Known } from './known.js'
import type { Case } from './programs.js'

/** How many outputs were compared, and how: each counts as one, shared among the ways of its elements. */
export interface Tally {
  exact: number
  bounded: number
  /** Bounded, but by more than a thousandth of the element and of 1. */
  loose: number
  unknown: number
}

/** Nothing compared yet. */
export const emptyTally = (): Tally => ({ exact: 0, bounded: 0, loose: 0, unknown: 0 })

/** Why an output is not what it should be; `null` when it is. */
const wrong = (k: number, actual: TypedArray, { aval, value, error }: Known, tally: Tally): string | null => {
  if (actual.constructor !== value.constructor || actual.length !== value.length)
    return `output ${k} is ${actual.constructor.name} of ${actual.length}, expected ${showAval(aval)}`
  const share = 1 / value.length
  for (let i = 0; i < value.length; i++) {
    const [a, v, e] = [actual[i]!, value[i]!, error === null ? 0 : error[i]!]
    const agrees = Object.is(a, v) || e === Infinity || (e > 0 && Math.abs(a - v) <= e)
    if (!agrees && !(isReal(aval.dtype) && Number.isNaN(a) && Number.isNaN(v)))
      return `output ${k}, entry ${indexOf(i, aval.shape)} of ${showAval(aval)} is ${showNumber(a)}, expected ${showNumber(v)}${e > 0 ? ` within ${e.toExponential(1)}` : ''}`
    if (e === 0) tally.exact += share
    else if (e === Infinity) tally.unknown += share
    else if (e > 1e-3 * Math.max(1, Math.abs(v))) tally.loose += share
    else tally.bounded += share
  }
  return null
}

/** What is known of a case's outputs. */
export const expected = ({ program, inputs }: Case): readonly Known[] =>
  bounds(
    program,
    inputs.map((x) => ({ aval: x.aval, value: x.toTypedArray(), error: null })),
  )

const bytesOf = (x: TypedArray): Uint8Array => new Uint8Array(x.buffer, x.byteOffset, x.byteLength)
/** One NaN is as good as another: which one arises depends on the machine code. */
const sameElements = (x: TypedArray, y: TypedArray): boolean => x.every((v: number, i: number) => Object.is(v, y[i]))
const sameBytes = (x: TypedArray, y: TypedArray): boolean => Buffer.compare(bytesOf(x), bytesOf(y)) === 0

/**
 * Throws unless a backend gives what is known, twice, the second time bit for bit as the first, and leaves its inputs alone.
 */
export const checkCase = (backend: Backend, subject: Case, tally: Tally = emptyTally()): readonly TypedArray[] => {
  const { program, inputs } = subject
  const arrays = inputs.map((x) => x.toTypedArray())
  const before = arrays.map((x) => x.slice())
  const run = backend.compile(program, { donate: [] })
  const buffers = arrays.map((x, k) => backend.put(x, inputs[k]!.aval))
  const call = (): TypedArray[] => run(buffers).map((b, k) => backend.get(b, program.outputs[k]!.aval) as TypedArray)
  const actual = call()
  const again = call()
  arrays.forEach((x, k) => {
    if (!sameBytes(x, before[k]!)) throw new Error(`${backend.name} wrote into input ${k}`)
  })
  expected(subject).forEach((known, k) => {
    const why = wrong(k, actual[k]!, known, tally)
    if (why !== null) throw new Error(`${backend.name}: ${why}`)
    if (!sameElements(actual[k]!, again[k]!))
      throw new Error(`${backend.name}: output ${k} of the second run differs from that of the first`)
  })
  return actual
}
