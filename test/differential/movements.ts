/** Errors through primitives that move elements, add them up, multiply them, or take the largest. */
import type { Aval } from '../../src/core/aval.js'
import { isReal } from '../../src/core/dtype.js'
import type { AnyPrimitive, Params } from '../../src/ir/primitive.js'
import { ulps } from '../../laws/tolerance.js'
import type { Known } from './known.js'
import { errorAt, known, largest, roundoff, ulp, unknown } from './known.js'
import type { Sized } from './single.js'
import { applied, as64 } from './single.js'

/** Array operands of movements; the others say where. */
const carried: Readonly<Record<string, readonly number[]>> = {
  gather: [0],
  dynamicSlice: [0],
  dynamicUpdateSlice: [0, 1],
  scatter: [0, 2],
  scatterReduce: [0, 2],
}
const added = new Set(['reduceSum', 'windowSum', 'cumsum', 'unpatches'])
const multiplied = new Set(['reduceProd', 'cumprod'])
const largestOf = new Set(['reduceMax', 'reduceMin', 'windowMax', 'windowMin', 'cummax', 'cummin'])
const bilinear = new Set(['dotGeneral', 'conv'])

type Apply = (arrays: readonly ArrayLike<number>[]) => ArrayLike<number>

/**
 * Roundings along one sum of `n` terms, in halves of the spacing of the sum of magnitudes: every addition of a short one;
 * long ones are added in blocks.
 */
const depth = (n: number): number => Math.min(n, 24 + 2 * Math.sqrt(n))

/** Largest power of two that all numbers are multiples of; 0 when one is not finite. */
const quantum = (xs: ArrayLike<number>): number => {
  let q = Infinity
  for (let i = 0; i < xs.length; i++) {
    const v = Math.abs(xs[i]!)
    if (v === 0) continue
    if (!Number.isFinite(v)) return 0
    // halve the guess until it divides
    if (q === Infinity) q = 2 ** Math.min(Math.floor(Math.log2(v)), 1023)
    while (v % q !== 0) {
      q /= 2
      if (q === 0) return 0
    }
  }
  return q
}

const finite = (xs: ArrayLike<number>): Float64Array => Float64Array.from(xs, (v) => (Number.isFinite(v) ? Math.abs(v) : 0))
const wild = (xs: ArrayLike<number>): Float64Array => Float64Array.from(xs, (v) => (Number.isFinite(v) ? 0 : 1))
const certain = (x: Known): Float64Array =>
  Float64Array.from({ length: x.aval.size }, (_, i) => (errorAt(x, i) === Infinity ? 0 : errorAt(x, i)))
const doubtful = (x: Known): Float64Array => Float64Array.from({ length: x.aval.size }, (_, i) => (errorAt(x, i) === Infinity ? 1 : 0))
const ones = (n: number): Float64Array => new Float64Array(n).fill(1)
const zeros = (n: number): Float64Array => new Float64Array(n)

/** Sums of `terms` numbers each: moved errors, rounding, and what overflows on the way. */
const summed = (
  out: Aval,
  value: Sized['value'],
  {
    sizes,
    errors,
    lost,
    terms,
    exact,
  }: { sizes: ArrayLike<number>; errors: ArrayLike<number>; lost: ArrayLike<number>; terms: ArrayLike<number>; exact: boolean },
): Known => {
  const unit = roundoff(out.dtype)
  const error = new Float64Array(out.size)
  for (let i = 0; i < error.length; i++) {
    const v = value[i]!
    const rounding = exact ? 0 : depth(terms[i]!) * unit * sizes[i]!
    // what underflows loses a little, too
    const least = exact || sizes[i] === 0 ? 0 : terms[i]! * ulp(0, out.dtype)
    if (lost[i]! > 0 || sizes[i]! > largest(out.dtype) / 2) error[i] = Infinity
    else if (Number.isFinite(v))
      error[i] = terms[i]! <= 1 && exact ? errors[i]! : rounding + errors[i]! + least + (errors[i]! > 0 ? 2 * ulp(v, out.dtype) : 0)
    else error[i] = 0
  }
  return known(out, value, error)
}

const sum = (prim: AnyPrimitive, x: Known, params: Params, out: Aval, value: Sized['value']): Known => {
  if (!isReal(out.dtype)) return x.error === null ? known(out, value, null) : { ...moveErrors(prim, [x], params, out, value) }
  const apply = (xs: ArrayLike<number>): ArrayLike<number> => applied(prim, [as64(xs, x.aval)], params)[0]!.value
  const sizes = apply(finite(x.value))
  const total = finite(x.value).reduce((a, b) => a + b, 0)
  return summed(out, value, {
    sizes,
    errors: apply(certain(x)),
    lost: apply(doubtful(x)),
    terms: apply(ones(x.aval.size)),
    exact: isExact(quantum(x.value), total, out),
  })
}

/** True when all partial sums of numbers that are multiples of `q` and add up to at most `total` are exact. */
const isExact = (q: number, total: number, out: Aval): boolean =>
  q === Infinity || (q > 0 && total / q <= (out.dtype === 'float64' ? 2 ** 52 : 2 ** 23))

const product = (prim: AnyPrimitive, [x, y]: readonly [Known, Known], params: Params, out: Aval, value: Sized['value']): Known => {
  const apply: Apply = ([a, b]) => applied(prim, [as64(a!, x.aval), as64(b!, y.aval)], params)[0]!.value
  if (!isReal(out.dtype)) {
    const lost = apply([doubtful(x), ones(y.aval.size)])
    const more = apply([ones(x.aval.size), doubtful(y)])
    return known(
      out,
      value,
      Float64Array.from(lost, (v, i) => (v + more[i]! > 0 ? Infinity : 0)),
    )
  }
  const [sx, sy, ex, ey] = [finite(x.value), finite(y.value), certain(x), certain(y)]
  const sizes = apply([sx, sy])
  const [a, b, c] = [apply([sx, ey]), apply([ex, sy]), apply([ex, ey])]
  const [nx, ny] = [ones(x.aval.size), ones(y.aval.size)]
  const sign = (xs: Float64Array): Float64Array => xs.map((v) => (v > 0 ? 1 : 0))
  const lost = [apply([doubtful(x), ny]), apply([nx, doubtful(y)]), apply([wild(x.value), sign(ey)]), apply([sign(ex), wild(y.value)])]
  const most = (xs: ArrayLike<number>): number => Array.from(xs).reduce((m, v) => Math.max(m, v), 0)
  const terms = apply([nx, ny])
  const q = quantum(x.value) * quantum(y.value)
  return summed(out, value, {
    sizes,
    errors: Float64Array.from(a, (v, i) => v + b[i]! + c[i]!),
    lost: Float64Array.from(a, (_, i) => lost.reduce((m, l) => m + l[i]!, 0)),
    terms: Float64Array.from(terms, (n) => n + 1),
    exact: isExact(Number.isNaN(q) ? Infinity : q, most(sizes), out),
  })
}

/** Products of many: relative errors add up. */
const products = (prim: AnyPrimitive, x: Known, params: Params, out: Aval, value: Sized['value']): Known => {
  const apply = (xs: ArrayLike<number>): ArrayLike<number> => applied(prim, [as64(xs, x.aval)], params)[0]!.value
  if (!isReal(out.dtype)) return x.error === null ? known(out, value, null) : unknown(out, value)
  const q = quantum(x.value)
  const sizes = finite(x.value)
  const least = apply(sizes.map((v, i) => Math.max(v - errorAt(x, i), 0)))
  const most = apply(sizes.map((v, i) => v + errorAt(x, i)))
  const middle = apply(sizes)
  // partial products that leave the range of the dtype: by how many powers of two they may
  const summing = (f: (v: number) => number): ArrayLike<number> => {
    const logs = Float64Array.from(x.value, (v, i) => f(Math.abs(v) + errorAt(x, i)))
    return applied(sumLike(prim), [as64(logs, x.aval)], params)[0]!.value
  }
  const up = summing((v) => (v > 1 && Number.isFinite(v) ? Math.log2(v) : 0))
  const down = summing((v) => (v < 1 && v > 0 ? -Math.log2(v) : 0))
  const terms = applied(sumLike(prim), [as64(ones(x.aval.size), x.aval)], params)[0]!.value
  const range = out.dtype === 'float64' ? 1000 : 120
  const small = q >= 1 && most.length > 0 && Array.from(most).every((v) => v < 2 ** 23)
  const error = new Float64Array(out.size)
  for (let i = 0; i < error.length; i++) {
    if (Number.isNaN(value[i]) && x.error === null) error[i] = 0
    else if (most[i] === Infinity || Number.isNaN(most[i]) || up[i]! > range || down[i]! > range) error[i] = Infinity
    else if (!Number.isFinite(value[i])) error[i] = x.error === null ? 0 : Infinity
    else
      error[i] =
        (most[i]! - least[i]! > 0 ? Math.max(most[i]! - middle[i]!, middle[i]! - least[i]!) * 1.01 : 0) +
        (small && x.error === null ? 0 : Math.min(2 * terms[i]!, ulps.reduceProd! + Math.sqrt(terms[i]!)) * ulp(most[i]!, out.dtype))
  }
  return known(out, value, error)
}

/** The primitive that adds what `prim` multiplies. */
let sums: { readonly reduceProd: AnyPrimitive; readonly cumprod: AnyPrimitive } | null = null
/** Given once, by whoever has the registry. */
export const withSums = (reduceSum: AnyPrimitive, cumsum: AnyPrimitive): void => {
  sums = { reduceProd: reduceSum, cumprod: cumsum }
}
const sumLike = (prim: AnyPrimitive): AnyPrimitive => (prim.name === 'reduceProd' ? sums!.reduceProd : sums!.cumprod)

/** The same movement, of errors. */
const moveErrors = (prim: AnyPrimitive, inputs: readonly Known[], params: Params, out: Aval, value: Sized['value']): Known => {
  const at = carried[prim.name] ?? inputs.map((_, k) => k)
  if (inputs.some((x, k) => !at.includes(k) && x.error !== null)) return unknown(out, value)
  if (inputs.every((x) => x.error === null)) return known(out, value, null)
  const run = (part: (x: Known) => Float64Array): ArrayLike<number> =>
    applied(
      prim,
      inputs.map((x, k): Sized => (at.includes(k) ? as64(part(x), x.aval) : x)),
      params,
    )[0]!.value
  const [errors, lost] = [run(certain), run(doubtful)]
  return known(
    out,
    value,
    Float64Array.from(errors, (v, i) => (lost[i]! > 0 ? Infinity : v)),
  )
}

/** An extreme moves no further than what it is the extreme of. */
const extremes = (prim: AnyPrimitive, x: Known, params: Params, out: Aval, value: Sized['value'], opposite: AnyPrimitive): Known => {
  if (x.error === null) return known(out, value, null)
  const name = prim.name
  const max = name.endsWith('Max') || name.endsWith('max') ? prim : opposite
  const most = applied(max, [as64(x.error, x.aval)], params)[0]!.value
  return known(
    out,
    value,
    Float64Array.from(most, (v) => Math.max(v, 0)),
  )
}

const scattered = (prim: AnyPrimitive, inputs: readonly [Known, Known, Known], params: Params, out: Aval, value: Sized['value']): Known => {
  const [x, at, updates] = inputs
  if (at.error !== null) return unknown(out, value)
  if (params['op'] === 'set') return moveErrors(prim, inputs, params, out, value)
  if (params['op'] === 'add') {
    if (!isReal(out.dtype)) return moveErrors(prim, inputs, params, out, value)
    const apply: Apply = ([a, b]) => applied(prim, [as64(a!, x.aval), at, as64(b!, updates.aval)], params)[0]!.value
    const total = finite(x.value).reduce((m, v) => Math.max(m, v), 0) + finite(updates.value).reduce((a, b) => a + b, 0)
    return summed(out, value, {
      sizes: apply([finite(x.value), finite(updates.value)]),
      errors: apply([certain(x), certain(updates)]),
      lost: apply([doubtful(x), doubtful(updates)]),
      terms: apply([ones(x.aval.size), ones(updates.aval.size)]),
      exact: isExact(Math.min(quantum(x.value), quantum(updates.value)), total, out),
    })
  }
  const doubt = x.error !== null || updates.error !== null
  if (params['op'] === 'mul')
    return doubt || !isReal(out.dtype)
      ? doubt
        ? unknown(out, value)
        : known(out, value, null)
      : known(
          out,
          value,
          Float64Array.from(value, (v) => 4 * ulp(v, out.dtype)),
        )
  if (!doubt) return known(out, value, null)
  const errors = applied(prim, [as64(errorsOf(x), x.aval), at, as64(errorsOf(updates), updates.aval)], { ...params, op: 'max' })[0]!.value
  return known(out, value, Float64Array.from(errors))
}
const errorsOf = (x: Known): Float64Array => x.error ?? zeros(x.aval.size)

const sorted = (
  prim: AnyPrimitive,
  inputs: readonly Known[],
  params: Params,
  outs: readonly Aval[],
  values: readonly Sized[],
): readonly Known[] => {
  if (inputs.every((x) => x.error === null)) return outs.map((o, k) => known(o, values[k]!.value, null))
  const keys = Number(params['keys'])
  if (inputs.slice(0, keys).some((x) => x.error !== null)) {
    if (inputs.length > 1) return outs.map((o, k) => unknown(o, values[k]!.value))
    // Sorting moves no rank further than the largest error.
    const most = inputs[0]!.error!.reduce((m, v) => Math.max(m, v), 0)
    return [known(outs[0]!, values[0]!.value, new Float64Array(outs[0]!.size).fill(most))]
  }
  const moved = applied(prim, [...inputs, ...inputs.map((x) => as64(errorsOf(x), x.aval))], params)
  return outs.map((o, k) => known(o, values[k]!.value, Float64Array.from(moved[outs.length + k]!.value)))
}

/** The outputs of a primitive that is neither elementwise nor holds Programs. */
export const movementErrors = (
  prim: AnyPrimitive,
  inputs: readonly Known[],
  params: Params,
  outs: readonly Aval[],
  maxOf: (name: string) => AnyPrimitive,
): readonly Known[] => {
  const values = applied(prim, inputs, params)
  const { name } = prim
  const [out, value] = [outs[0]!, values[0]!.value]
  if (name === 'sort') return sorted(prim, inputs, params, outs, values)
  if (added.has(name)) return [sum(prim, inputs[0]!, params, out, value)]
  if (multiplied.has(name)) return [products(prim, inputs[0]!, params, out, value)]
  if (bilinear.has(name)) return [product(prim, inputs as readonly [Known, Known], params, out, value)]
  if (largestOf.has(name)) return [extremes(prim, inputs[0]!, params, out, value, maxOf(name))]
  if (name.startsWith('scatter')) return [scattered(prim, inputs as readonly [Known, Known, Known], params, out, value)]
  return [moveErrors(prim, inputs, params, out, value)]
}
