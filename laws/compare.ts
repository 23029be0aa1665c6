/** Comparing tensors, and saying where they differ. */
import type { DType, Tensor } from '../src/index.js'
import { showAval } from '../src/extend.js'
import type { Meanings } from './check.js'
import { checkAll, count, dtype as aDtype, flag, list, listOf, nonNegative, number, optionsOf, tensor, text } from './check.js'
import { broken } from './law.js'

/** The elements of a concrete tensor as numbers, a copy. */
export const elements = (t: Tensor): readonly number[] => Array.from(t.toTypedArray())

/** The multi-index of element `i` of an array of `shape`, as `[1, 2]`; `[]` for a scalar. */
export const indexOf = (i: number, shape: readonly number[]): string => {
  const at = new Array<number>(shape.length)
  let rest = i
  for (let k = shape.length - 1; k >= 0; k--) {
    at[k] = rest % shape[k]!
    rest = Math.floor(rest / shape[k]!)
  }
  return `[${at.join(', ')}]`
}

/** A number as a law prints it: exact, with the sign of zero. */
export const showNumber = (v: number): string => (Object.is(v, -0) ? '-0' : String(v))

/** A tensor as a law prints it: aval and elements, long ones cut. */
export const showTensor = (t: Tensor, limit = 64): string => {
  checkAll('showTensor', { t: [tensor, t], limit: [count, limit] })
  const v = elements(t)
  const shown = v.slice(0, limit).map(showNumber).join(', ')
  return `${showAval(t.aval)} {${shown}${v.length > limit ? `, ... ${v.length - limit} more` : ''}}`
}

/** An entry in which two arrays of numbers differ. */
export interface Gap {
  readonly at: number
  readonly actual: number
  readonly expected: number
}

/** How far numbers may be apart: `atol + rtol * max(|actual|, |expected|, scale)`. */
export interface Bound {
  readonly rtol: number
  /** The same as `rtol` by default. */
  readonly atol?: number
}

/**
 * The entry where two arrays of numbers differ most, beyond the bound; `null` when nowhere. `scale[i]` says how large the
 * numbers were that entry `i` was computed from. With `finite`, an entry that is not finite is a gap of its own;
 * otherwise two NaNs agree, and so do two equal infinities.
 */
export const gap = (
  actual: readonly number[],
  expected: readonly number[],
  { rtol, atol = rtol }: Bound,
  { scale, finite = false }: { readonly scale?: readonly number[]; readonly finite?: boolean } = {},
): Gap | null => {
  let worst: Gap | null = null
  let most = 1
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i]!
    const e = expected[i]!
    const agree = a === e || (Number.isNaN(a) && Number.isNaN(e))
    if (agree && (!finite || Number.isFinite(a))) continue
    const size = Math.max(Math.abs(a), Math.abs(e), Math.abs(scale?.[i] ?? 0))
    const excess = Number.isFinite(size) ? Math.abs(a - e) / (atol + rtol * size) : Infinity
    if (excess > most) {
      most = excess
      worst = { at: i, actual: a, expected: e }
    }
  }
  return worst
}

const toBits = (v: number, dtype: DType): bigint => {
  const view = new DataView(new ArrayBuffer(8))
  if (dtype === 'float32') {
    view.setFloat32(0, v)
    return BigInt(view.getInt32(0))
  }
  view.setFloat64(0, v)
  return view.getBigInt64(0)
}

const ordered = (bits: bigint, dtype: DType): bigint => {
  const lowest = dtype === 'float32' ? -(1n << 31n) : -(1n << 63n)
  return bits < 0n ? lowest - bits : bits
}

/** How many representable numbers of `dtype` lie between two; 0 for equal ones, for both zeros and for two NaNs. */
export const ulpDistance = (a: number, b: number, dtype: DType): number => {
  checkAll('ulpDistance', { a: [number, a], b: [number, b], dtype: [aDtype, dtype] })
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0
  if (Number.isNaN(a) || Number.isNaN(b)) return Infinity
  if (dtype !== 'float32' && dtype !== 'float64') return Infinity
  const d = ordered(toBits(a, dtype), dtype) - ordered(toBits(b, dtype), dtype)
  return Number(d < 0n ? -d : d)
}

/** The distance from `v` to the next larger number of `dtype`, for `v` at or above the least normal number; 0 for 0. */
const spacing = (v: number, dtype: DType): number =>
  v === 0 || (dtype !== 'float32' && dtype !== 'float64') ? 0 : 2 ** (Math.floor(Math.log2(Math.abs(v))) - (dtype === 'float32' ? 23 : 52))

/** How two tensors are compared. */
export interface Closeness {
  /** Units in the last place that they may be apart; 0 by default. */
  readonly ulp?: number
  /**
   * The size of the numbers that the elements were computed from, whose units those are where an element is smaller: the
   * error of a sum is relative to its terms, not to what they leave. 0 by default.
   */
  readonly scale?: number
  /** Or: relative difference to the larger of 1 and both numbers. */
  readonly bound?: number
  /** Whether 0 and -0 differ; `false` by default. */
  readonly signedZeros?: boolean
  /** Whether weakness of the avals counts; `true` by default. */
  readonly weak?: boolean
}

/** What the options of comparisons mean. */
export const closenessMeanings: Meanings<Closeness> = {
  ulp: nonNegative,
  scale: nonNegative,
  bound: nonNegative,
  signedZeros: flag,
  weak: flag,
}

/** How tensors are compared, checked. */
export const closenessOf = optionsOf<Closeness>(closenessMeanings)

/**
 * Throws unless two tensors have one aval and elements that agree. `slack` is an absolute difference for each element that
 * is allowed besides; infinite, also one between numbers and non-numbers.
 *
 * @throws LawError naming the entry and both numbers.
 */
export const expectClose = (what: string, actual: Tensor, expected: Tensor, closeness?: Closeness, slack: readonly number[] = []): void => {
  checkAll('expectClose', { what: [text, what], actual: [tensor, actual], expected: [tensor, expected], slack: [listOf(number), slack] })
  compared(what, actual, expected, closenessOf('expectClose', closeness), slack)
}

const compared = (
  what: string,
  actual: Tensor,
  expected: Tensor,
  { ulp = 0, scale = 0, bound, signedZeros = false, weak = true }: Closeness,
  slack: readonly number[],
): void => {
  const [a, e] = [actual.aval, expected.aval]
  if (weak ? a !== e : a.dtype !== e.dtype || showAval(a).replace('*', '') !== showAval(e).replace('*', ''))
    broken(`${what}: ${showAval(a)}, expected ${showAval(e)}`)
  const [av, ev] = [elements(actual), elements(expected)]
  if (av.length !== ev.length) broken(`${what}: ${av.length} elements in storage, expected ${ev.length}`)
  if (bound !== undefined) {
    const g = gap(av, ev, { rtol: bound })
    if (g !== null)
      broken(`${what}: entry ${indexOf(g.at, a.shape)} is ${showNumber(g.actual)}, expected ${showNumber(g.expected)} (within ${bound})`)
    return
  }
  const least = ulp * spacing(scale, a.dtype)
  for (let i = 0; i < ev.length; i++) {
    const d = ulpDistance(av[i]!, ev[i]!, a.dtype)
    const free = Math.max(slack[i] ?? 0, least)
    if (d > 0 && (free === Infinity || Math.abs(av[i]! - ev[i]!) <= free)) continue
    if (d > ulp || (signedZeros && d === 0 && av[i] === 0 && !Object.is(av[i], ev[i])))
      broken(
        `${what}: entry ${indexOf(i, a.shape)} is ${showNumber(av[i]!)}, expected ${showNumber(ev[i]!)}${ulp > 0 ? ` (${d} ulp apart, ${ulp} allowed)` : ''}`,
      )
  }
}

/** `expectClose` for lists of tensors. */
export const expectAllClose = (
  what: string,
  actual: readonly Tensor[],
  expected: readonly Tensor[],
  closeness?: Closeness,
  slack: readonly (readonly number[])[] = [],
): void => {
  const tensors = listOf(tensor)
  checkAll('expectAllClose', { what: [text, what], actual: [tensors, actual], expected: [tensors, expected], slack: [list, slack] })
  const given = closenessOf('expectAllClose', closeness)
  if (actual.length !== expected.length) broken(`${what}: ${actual.length} outputs, expected ${expected.length}`)
  expected.forEach((e, k) => expectClose(expected.length === 1 ? what : `${what}, output ${k}`, actual[k]!, e, given, slack[k]))
}

/** `sum_k <a_k, b_k>` and the sum of the terms' magnitudes. */
export const dot = (as: readonly Tensor[], bs: readonly Tensor[]): { readonly value: number; readonly scale: number } => {
  let value = 0
  let scale = 0
  as.forEach((a, k) => {
    const b = elements(bs[k]!)
    elements(a).forEach((x, i) => {
      const term = x * b[i]!
      value += term
      scale += Math.abs(term)
    })
  })
  return { value, scale }
}
