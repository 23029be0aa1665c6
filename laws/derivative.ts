/** Derivatives at one point: forward mode is the numerical difference, reverse mode is its transpose, in every nesting of the two. */
import type { Tensor } from '../src/index.js'
import { isInexact, jvp, vjp } from '../src/index.js'
import { directions, stream, tensorOf } from './arbitrary.js'
import type { Meanings } from './check.js'
import { callable, check, checkAll, listOf, nonNegative, optionsOf, positive, positiveWhole, record, tensor } from './check.js'
import type { Bound, Gap } from './compare.js'
import { dot, elements, expectAllClose, gap, indexOf, showNumber, showTensor } from './compare.js'
import type { TensorFunction } from './difference.js'
import { difference, step } from './difference.js'
import { broken } from './law.js'
import { tolerance } from './tolerance.js'

/** Forward or reverse mode. */
export type Mode = 'fwd' | 'rev'

/** A function and the inputs at which its derivative is looked at. */
export interface Point {
  /** Float tensors to tensors; pure. */
  readonly f: TensorFunction
  readonly xs: readonly Tensor[]
  /** What the inputs are called in messages. */
  readonly names?: readonly string[]
  /** The function as text, for messages. */
  readonly text?: () => string
}

/** How derivatives are checked. */
export interface CheckOptions {
  /** Derivatives up to this order, 1 by default. */
  readonly order?: number
  /** The modes that are tried, in every nesting; both by default. */
  readonly modes?: readonly Mode[]
  /** The step of the difference. */
  readonly eps?: number
  /** Bounds between derivative and difference. */
  readonly rtol?: number
  readonly atol?: number
}

/** The float outputs of `f`: the ones that have derivatives. */
export const floatOutputs =
  (f: TensorFunction): TensorFunction =>
  (...xs) =>
    f(...xs).filter((y) => isInexact(y.dtype))

/** The derivative of `f` at `xs` along `vs`, by forward mode. */
export const push = (f: TensorFunction, xs: readonly Tensor[], vs: readonly Tensor[]): readonly Tensor[] => jvp(f, xs, vs)[1]

/** The cotangents of `xs` for cotangents of the outputs of `f`, by reverse mode. */
export const pull = (f: TensorFunction, xs: readonly Tensor[], cts: readonly Tensor[]): readonly Tensor[] => vjp(f, ...xs)[1](cts)

const zerosBut = (vs: readonly Tensor[], keep: (input: number, entry: number) => boolean): readonly Tensor[] =>
  vs.map((v, k) =>
    tensorOf(
      elements(v).map((e, i) => (keep(k, i) ? e : 0)),
      v.shape,
      v.dtype,
    ),
  )

/** The one entry of a direction that bears most of an error: by halving, since the error is linear in the direction. */
const blame = (
  vs: readonly Tensor[],
  error: (vs: readonly Tensor[]) => number,
): { readonly input: number; readonly entry: number } | null => {
  let entries = vs.flatMap((v, input) => Array.from({ length: v.size }, (_, entry) => ({ input, entry })))
  while (entries.length > 1) {
    const half = entries.slice(0, entries.length >> 1)
    const rest = entries.slice(entries.length >> 1)
    const size = (part: typeof entries): number => {
      const chosen = new Set(part.map((e) => `${e.input}/${e.entry}`))
      const e = error(zerosBut(vs, (k, i) => chosen.has(`${k}/${i}`)))
      return Number.isNaN(e) ? Infinity : e
    }
    entries = size(half) >= size(rest) ? half : rest
  }
  return entries[0] ?? null
}

const nameOf = ({ names, xs }: Point, input: number): string => names?.[input] ?? (xs.length === 1 ? 'the input' : `input ${input}`)

const place = (point: Point, at: { readonly input: number; readonly entry: number } | null): string =>
  at === null ? 'no input' : `${nameOf(point, at.input)}, entry ${indexOf(at.entry, point.xs[at.input]!.shape)}`

const worst = (as: readonly (readonly number[])[], bs: readonly (readonly number[])[]): number =>
  Math.max(0, ...as.map((a, k) => Math.max(0, ...a.map((v, i) => Math.abs(v - bs[k]![i]!)))))

const unit = (point: Point, at: { readonly input: number; readonly entry: number } | null): readonly Tensor[] =>
  point.xs.map((x, k) =>
    tensorOf(
      Array.from({ length: x.size }, (_, i) => (at !== null && k === at.input && i === at.entry ? 1 : 0)),
      x.shape,
      x.dtype,
    ),
  )

/** A difference without the digits that are noise. */
const measured = (v: number): number => Number(v.toPrecision(11))

const relative = (a: number, b: number): string => (Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), 1e-300)).toExponential(1)

/** How deep a check is, for messages: the modes applied so far, innermost first. */
type Nesting = readonly Mode[]

const heading = (mode: Mode, nesting: Nesting): string => `order ${nesting.length + 1}, mode ${[...nesting, mode].reverse().join(' over ')}`

/** The inputs of a point as a law prints them. */
export const inputsOf = (point: Point): string => point.xs.map((x, k) => `  ${nameOf(point, k)}: ${showTensor(x, 16)}`).join('\n')

const explain = (mode: Mode, nesting: Nesting, point: Point, lines: readonly string[]): never =>
  broken([`the derivative is wrong: ${heading(mode, nesting)}`, ...lines.map((l) => `  ${l}`), inputsOf(point)].join('\n'))

/**
 * The step at which a difference is believed: a quarter of `h` where it disagrees at `h`. What was the stencil's own error
 * is 256 times smaller there, what is a wrong derivative is as wrong as before.
 */
const believed = (h: number, agrees: (h: number) => boolean): number => (agrees(h) ? h : h / 4)

/** The value that comes with a derivative is the function's: `fwd` of a `customVjp` states it anew. */
const sameValue = (mode: Mode, nesting: Nesting, { f, xs }: Point, ys: readonly Tensor[], { rtol }: Bound): void => {
  const what = `${heading(mode, nesting)}: the value that comes with the derivative, beside that of the function alone`
  expectAllClose(what, ys, f(...xs), { bound: rtol, weak: false })
}

const forward = (point: Point, nesting: Nesting, vs: readonly Tensor[], wide: number, bound: Bound): readonly Tensor[] => {
  const { f, xs } = point
  const [ys, dys] = jvp(f, xs, vs)
  sameValue('fwd', nesting, point, ys, bound)
  const gaps = (h: number): readonly (Gap | null)[] => {
    const expected = difference(f, xs, vs, h)
    return dys.map((dy, k) => gap(elements(dy), expected[k]!, bound, { scale: elements(ys[k]!), finite: true }))
  }
  const h = believed(wide, (t) => gaps(t).every((g) => g === null))
  if (h === wide) return dys
  gaps(h).forEach((found, k) => {
    if (found === null) return
    const dy = dys[k]!
    const at = blame(vs, (v) => worst(push(f, xs, v).map(elements), difference(f, xs, v, h)))
    const e = unit(point, at)
    const [one, numeric] = [elements(push(f, xs, e)[k]!), difference(f, xs, e, h)[k]!]
    const i = gap(one, numeric, bound, { finite: true })?.at ?? found.at
    explain('fwd', nesting, point, [
      `${place(point, at)}; output ${k}, entry ${indexOf(i, dy.shape)}`,
      `derivative ${showNumber(one[i]!)}`,
      `difference ${showNumber(measured(numeric[i]!))}   (relative difference ${relative(one[i]!, numeric[i]!)}, allowed ${bound.rtol})`,
    ])
  })
  return dys
}

const reverse = (
  point: Point,
  nesting: Nesting,
  vs: readonly Tensor[],
  cts: readonly Tensor[],
  dys: readonly Tensor[] | null,
  wide: number,
  bound: Bound,
): void => {
  const { f, xs } = point
  const [ys, back] = vjp(f, ...xs)
  sameValue('rev', nesting, point, ys, bound)
  const cxs = back(cts)
  cxs.forEach((c, k) => {
    if (c.aval.dtype !== xs[k]!.dtype || c.size !== xs[k]!.size || c.ndim !== xs[k]!.ndim)
      explain('rev', nesting, point, [`the cotangent of ${nameOf(point, k)} is ${showTensor(c)}`])
  })
  const left = dys === null ? null : dot(cts, dys)
  const along = (v: readonly Tensor[], h: number): number => {
    if (dys !== null) return dot(cts, push(f, xs, v)).value
    const numeric = difference(f, xs, v, h)
    return dot(
      cts,
      numeric.map((d, k) => tensorOf(d, ys[k]!.shape, 'float64')),
    ).value
  }
  const right = dot(cxs, vs)
  const limit: Bound = left === null ? bound : { rtol: tolerance.adjoint }
  const agrees = (t: number): boolean =>
    gap([right.value], [left?.value ?? along(vs, t)], limit, { scale: [Math.max(right.scale, left?.scale ?? 0)], finite: true }) === null
  const h = believed(wide, agrees)
  if (h === wide || (left === null && agrees(h))) return
  const at = blame(vs, (v) => Math.abs(dot(cxs, v).value - along(v, h)))
  const e = unit(point, at)
  const [pulled, pushed] = [dot(cxs, e).value, along(e, h)]
  explain('rev', nesting, point, [
    `${place(point, at)}: the derivative of <ct, output>`,
    `reverse mode ${showNumber(pulled)}`,
    `${left === null ? 'difference  ' : 'forward mode'} ${showNumber(left === null ? measured(pushed) : pushed)}   (relative difference ${relative(pulled, pushed)}, allowed ${limit.rtol})`,
    ...cts.map((ct, k) => `ct of output ${k}: ${showTensor(ct, 16)}`),
  ])
}

/** `checkPoint` of what has been checked, and again for derivatives, `nesting` deep. */
export const checkAt = (
  point: Point,
  { order = 1, modes = ['fwd', 'rev'], eps = step, rtol = tolerance.difference, atol = rtol }: CheckOptions = {},
  next: () => number = stream(1),
  nesting: Nesting = [],
): void => {
  const f = floatOutputs(point.f)
  const at = { ...point, f }
  const vs = directions(point.xs, next)
  const cts = directions(f(...point.xs), next)
  const dys = modes.includes('fwd') ? forward(at, nesting, vs, eps, { rtol, atol }) : null
  if (modes.includes('rev')) reverse(at, nesting, vs, cts, dys, eps, { rtol, atol })
  if (order <= 1) return
  for (const mode of modes) {
    const g: TensorFunction = mode === 'fwd' ? (...xs) => push(f, xs, vs) : (...xs) => pull(f, xs, cts)
    checkAt({ ...at, f: g }, { order: order - 1, modes, eps, rtol, atol }, next, [...nesting, mode])
  }
}

/** What the options of a check of derivatives mean. */
export const checkMeanings: Meanings<CheckOptions> = {
  order: positiveWhole,
  modes: {
    says: `a list of 'fwd' and 'rev'`,
    fix: `['fwd', 'rev']`,
    accepts: (x) => Array.isArray(x) && x.length > 0 && x.every((m) => m === 'fwd' || m === 'rev'),
  },
  eps: positive,
  rtol: positive,
  atol: nonNegative,
}

const checksOf = optionsOf<CheckOptions>(checkMeanings)

/**
 * Checks the derivatives of `f` at one point along random directions: forward mode against the five-point difference
 * (1e-9), reverse mode against forward mode (1e-12; against the difference where forward mode is not asked for), and both
 * again for the functions `x -> push_x v` and `x -> pull_x ct`, up to `order`: every nesting of the modes.
 *
 * @throws LawError saying which order, mode, input and entry, with both numbers; ValueError for arguments of another kind.
 */
export const checkPoint = (point: Point, options?: CheckOptions, next: () => number = stream(1)): void => {
  check('checkPoint', 'point', record, point)
  checkAll('checkPoint', { 'point.f': [callable, point.f], 'point.xs': [listOf(tensor), point.xs], next: [callable, next] })
  checkAt(point, checksOf('checkPoint', options), next)
}
