/** Geometry of sliding windows: how many fit, where each one reads, and the error that shows the sum. */
import type { Aval } from '../core/aval.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'

/** Windows over some axes: one entry per axis. Padding is `[before, after]` and may be negative (cropping). */
export type Sliding = {
  readonly window: readonly number[]
  readonly strides: readonly number[]
  readonly padding: readonly (readonly [number, number])[]
  readonly windowDilation: readonly number[]
}

/** One axis of a sliding window. `dilation` spreads the input, `windowDilation` the window. */
export interface Slide {
  readonly size: number
  readonly window: number
  readonly stride: number
  readonly padding: readonly [number, number]
  readonly dilation: number
  readonly windowDilation: number
}

/** Length of `n` elements laid out `dilation` apart. */
export const spread = (n: number, dilation: number): number => (n === 0 ? 0 : (n - 1) * dilation + 1)

/** Axis `k` of `p` over an input of `size` elements there. */
export const slideOf = (size: number, p: Sliding, k: number): Slide => ({
  size,
  window: p.window[k]!,
  stride: p.strides[k]!,
  padding: p.padding[k]!,
  dilation: 1,
  windowDilation: p.windowDilation[k]!,
})

const names: Readonly<Record<number, readonly string[]>> = { 1: ['length'], 2: ['height', 'width'], 3: ['depth', 'height', 'width'] }

/** What spatial axis `k` of `n` is called in errors. */
export const axisName = (k: number, n: number): string => names[n]?.[k] ?? `size ${k}`

const showSpread = (n: number, dilation: number): string => (dilation === 1 || n === 0 ? `${n}` : `((${n} - 1)*${dilation} + 1)`)
const showPadding = ([low, high]: readonly [number, number]): string =>
  low === high ? `2*${low < 0 ? `(${low})` : low}` : [low, high].map((p) => (p < 0 ? `(${p})` : `${p}`)).join(' + ')

/**
 * How many windows fit on one axis: `(size + low + high - window)/stride + 1`, rounded down.
 * An axis without elements may leave none; otherwise at least one window must fit.
 *
 * @throws ShapeError with the formula and its numbers when the window is larger than the padded input.
 */
export const windowCount = (name: string, axis: string, slide: Slide, args: Readonly<Record<string, Aval>>): number => {
  const { size, window, stride, padding, dilation, windowDilation } = slide
  const room = spread(size, dilation) + padding[0] + padding[1] - spread(window, windowDilation)
  const count = Math.floor(room / stride) + 1
  if (count > 0) return count
  if (size === 0) return 0
  const formula = `(${showSpread(size, dilation)} + ${showPadding(padding)} - ${showSpread(window, windowDilation)})/${stride} + 1`
  const largest = room + spread(window, windowDilation)
  const smaller = largest > 0 ? `a window that spans at most ${largest} there, or ` : ''
  return fail(ShapeError, `${name}: output ${axis} is ${formula} = ${count}`, { args, fix: `${smaller}${-room} more padding` })
}

const isCount = (n: number | undefined): boolean => n !== undefined && Number.isInteger(n) && n >= 1

/** Throws ShapeError unless every list of `lists` has `n` positive integers. */
export const checkCounts = (
  name: string,
  n: number,
  lists: Readonly<Record<string, readonly number[]>>,
  args: Readonly<Record<string, Aval>>,
): void => {
  for (const [list, values] of Object.entries(lists))
    if (values.length !== n || !values.every(isCount))
      fail(ShapeError, `${name}: ${list} must be ${n} positive integer${n === 1 ? '' : 's'}, got [${values.join(', ')}]`, { args })
}

/** Throws ShapeError unless `padding` has `n` pairs of integers. */
export const checkPadding = (
  name: string,
  n: number,
  padding: readonly (readonly [number, number])[],
  args: Readonly<Record<string, Aval>>,
): void => {
  const pairs = `${n} pair${n === 1 ? '' : 's'} [before, after] of integers`
  if (padding.length !== n || !padding.every((p) => p.length === 2 && p.every(Number.isInteger)))
    fail(ShapeError, `${name}: padding must be ${pairs}, got ${JSON.stringify(padding)}`, { args })
}

/** Throws ShapeError unless `p` describes windows over `n` axes. */
export const checkSliding = (name: string, n: number, p: Sliding, args: Readonly<Record<string, Aval>>): void => {
  checkCounts(name, n, { window: p.window, strides: p.strides, windowDilation: p.windowDilation }, args)
  checkPadding(name, n, p.padding, args)
}

/** True when every test holds; `null` stands for no test at all. */
export const allOf = (tests: readonly Expr[]): Expr | null => (tests.length === 0 ? null : tests.reduce((x, y) => s.and(x, y)))

/** `x` where `test` holds, else `y`; `x` alone without a test. */
export const guarded = (test: Expr | null, x: Expr, y: Expr): Expr => (test === null ? x : s.select(test, x, y))

/** `x * factor + offset` without the parts that do nothing. */
export const affine = (x: Expr, factor: number, offset: number): Expr => {
  const scaled = factor === 1 ? x : s.mul(x, s.int(factor))
  return offset === 0 ? scaled : s.add(scaled, s.int(offset))
}

/** Where window `o` reads its cell `w`, and the tests it must pass to be inside the input. */
export interface WindowReading {
  readonly at: Expr
  readonly tests: readonly Expr[]
}

/** The reading of cell `w` of window `o` of `count` on one axis; tests that always hold are left out. */
export const reading = (o: Expr, w: Expr, count: number, { size, window, stride, padding, windowDilation }: Slide): WindowReading => {
  const low = padding[0]
  const last = (count - 1) * stride + (window - 1) * windowDilation - low
  const at = window === 1 ? affine(o, stride, -low) : affine(s.add(affine(o, stride, 0), affine(w, windowDilation, 0)), 1, -low)
  return { at, tests: [...(low > 0 ? [s.ge(at, s.int(0))] : []), ...(last >= size ? [s.lt(at, s.int(size))] : [])] }
}
