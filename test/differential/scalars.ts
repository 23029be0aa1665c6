/** Errors through primitives that work element by element. */
import type { Aval } from '../../src/core/aval.js'
import type { DType } from '../../src/core/dtype.js'
import { isReal } from '../../src/core/dtype.js'
import type { AnyPrimitive, Params } from '../../src/ir/primitive.js'
import { ulps } from '../../laws/tolerance.js'
import { range } from './fit.js'
import type { Known } from './known.js'
import { errorAt, known, largest, ulp } from './known.js'
import { applied, as64 } from './single.js'

const compared = new Set(['eq', 'ne', 'lt', 'le', 'gt', 'ge'])
const stepped = new Set(['floor', 'ceil', 'round', 'trunc', 'sign'])
/** Rounding to nothing: the result is one of the operands, or its negative. */
const moved = new Set(['neg', 'abs', 'max', 'min', 'stopGradient'])
/** Without a meaning for neighbours of a number. */
const blind = new Set(['bitcast', 'nextafter', 'xlaLog', 'xlaLog1p', 'xlaErf', 'xlaErfInv'])
const periodic = new Set(['sin', 'cos', 'tan', 'lgamma', 'digamma'])
const jumping = new Set(['rem', 'atan2', 'tan', 'lgamma', 'digamma', 'pow', 'integerPow', 'div'])

/** Where the samples of an operand lie, in units of its error: corners, then half way to them. */
const samples = (arity: number): readonly (readonly number[])[] => {
  const corners = range(2 ** arity).map((bits) => range(arity).map((k) => ((bits >> k) & 1) * 2 - 1))
  return [...corners, ...corners.map((c) => c.map((s) => s / 2))]
}

/** Distance of two results; not a number and a number are infinitely far apart. */
const distance = (a: number, b: number): number => (Object.is(a, b) || a === b ? 0 : Number.isNaN(a - b) ? Infinity : Math.abs(a - b))

const comparison = (inputs: readonly Known[], out: Aval, outs: readonly Known[]): Known => {
  const [x, y] = inputs as readonly [Known, Known]
  const error = new Float64Array(out.size)
  for (let i = 0; i < error.length; i++) {
    const e = errorAt(x, i) + errorAt(y, i)
    // numbers that are not finite are known for what they are
    if (e > 0 && !(Math.abs(x.value[i]! - y.value[i]!) > e)) error[i] = Infinity
  }
  return known(out, outs[0]!.value, error)
}

const selection = ([test, x, y]: readonly Known[], out: Aval, value: Known): Known => {
  const error = new Float64Array(out.size)
  for (let i = 0; i < error.length; i++) {
    const sides = Math.max(errorAt(x!, i), errorAt(y!, i))
    error[i] =
      errorAt(test!, i) > 0
        ? isReal(out.dtype)
          ? distance(x!.value[i]!, y!.value[i]!) + sides
          : Infinity
        : test!.value[i] !== 0
          ? errorAt(x!, i)
          : errorAt(y!, i)
    if (Number.isNaN(error[i])) error[i] = Infinity
  }
  return known(out, value.value, error)
}

/** The error of a number that may overflow `dtype`: none when it must, any when it may; `null` when it cannot. */
const beyond = (v: number, e: number, dtype: DType): number | null => {
  const most = largest(dtype)
  return Math.abs(v) + e < most * (1 - 1e-6) ? null : Math.abs(v) - e > most * (1 + 1e-6) ? 0 : Infinity
}

const conversion = (x: Known, out: Aval, value: Known): Known => {
  const error = new Float64Array(out.size)
  const from = x.aval.dtype
  for (let i = 0; i < error.length; i++) {
    const e = errorAt(x, i)
    if (e === 0) continue
    const v = x.value[i]!
    if (!isReal(from) || e === Infinity) error[i] = Infinity
    else if (isReal(out.dtype)) error[i] = beyond(v, e, out.dtype) ?? e + 2 * ulp(Math.abs(v) + e, out.dtype)
    else if (out.dtype === 'bool') error[i] = Math.abs(v) > e ? 0 : Infinity
    else error[i] = Math.trunc(v - e) === Math.trunc(v + e) ? 0 : Infinity
  }
  return known(out, value.value, error)
}

/** How far results move when operands move by their errors; elements without any are left out. */
const moves = (prim: AnyPrimitive, inputs: readonly Known[], params: Params, k: number): Float64Array => {
  const size = inputs[0]!.aval.size
  const at: number[] = []
  const result = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    const e = inputs.map((x) => errorAt(x, i))
    if (e.some((v) => v === Infinity)) result[i] = Infinity
    else if (e.some((v) => v > 0)) at.push(i)
  }
  if (at.length === 0) return result
  const shape = { ...inputs[0]!.aval, shape: [at.length], size: at.length }
  const evaluate = (offsets: readonly number[]): ArrayLike<number> =>
    applied(
      prim,
      inputs.map((x, j) =>
        as64(
          at.map((i) => x.value[i]! + offsets[j]! * errorAt(x, i)),
          shape,
        ),
      ),
      params,
    )[k]!.value
  const centre = evaluate(inputs.map(() => 0))
  const points = samples(inputs.length)
  const half = points.length / 2
  const [far, near] = [new Float64Array(at.length), new Float64Array(at.length)]
  points.forEach((p, n) => {
    const y = evaluate(p)
    const into = n < half ? far : near
    for (let j = 0; j < at.length; j++) into[j] = Math.max(into[j]!, distance(y[j]!, centre[j]!))
  })
  at.forEach((i, j) => {
    const e = inputs.map((x) => errorAt(x, i))
    const wide = e.some((v, n) => v > 2 ** -4 * (periodic.has(prim.name) ? 1 : Math.max(1, Math.abs(inputs[n]!.value[i]!))))
    const singular = jumping.has(prim.name) && (far[j]! > 4.5 * near[j]! + Number.MIN_VALUE || crosses(prim.name, inputs, i))
    result[i] = (wide && !moved.has(prim.name) && !linear.has(prim.name)) || singular ? Infinity : 1.25 * Math.max(far[j]!, near[j]!)
  })
  return result
}

const linear = new Set(['add', 'sub', 'mul', 'fma', ...stepped])

/** True where an operand may pass through a pole or a cut. */
const crosses = (name: string, inputs: readonly Known[], i: number): boolean => {
  const mayVanish = (x: Known): boolean => errorAt(x, i) > 0 && Math.abs(x.value[i]!) <= 2 * errorAt(x, i)
  if (name === 'div') return mayVanish(inputs[1]!)
  if (name === 'rem') {
    const [x, y] = inputs as readonly [Known, Known]
    // a quotient that moves as far as to another integer
    const moved = errorAt(x, i) + Math.abs(x.value[i]! / y.value[i]!) * errorAt(y, i)
    return mayVanish(y) || !(moved < Math.abs(y.value[i]!) / 4)
  }
  if (name === 'atan2') return mayVanish(inputs[0]!) && !(inputs[1]!.value[i]! > 2 * errorAt(inputs[1]!, i))
  // a negative number has powers where the exponent is an integer
  if (name === 'pow') return mayVanish(inputs[0]!) || (inputs[0]!.value[i]! < 0 && errorAt(inputs[1]!, i) > 0)
  return name === 'integerPow' && mayVanish(inputs[0]!)
}

/** On the left of 0 these are differences, by reflection, of terms of about this size: their errors are in its units. */
const reflected: Readonly<Record<string, (x: number) => number>> = {
  lgamma: (x) => 1 - x * Math.log1p(-x),
  digamma: (x) => 1 + Math.log1p(-x),
}

/** The outputs of an elementwise primitive. */
export const scalarErrors = (prim: AnyPrimitive, inputs: readonly Known[], params: Params, outs: readonly Aval[]): readonly Known[] => {
  const values = applied(prim, inputs, params).map((o): Known => ({ ...o, error: null }))
  const bound = ulps[prim.name] ?? 0
  const exact = inputs.every((x) => x.error === null)
  const terms = reflected[prim.name]
  return outs.map((out, k) => {
    const value = values[k]!
    /** A unit in the last place of what the result `v` was computed from. */
    const unit = (v: number, i: number): number => {
      const x = inputs[0]!.value[i]!
      return ulp(terms !== undefined && x < 0 ? Math.max(Math.abs(v), terms(x)) : v, out.dtype)
    }
    if (exact && bound === 0) return value
    if (exact)
      return known(
        out,
        value.value,
        Float64Array.from(value.value, (v, i) => bound * unit(v, i)),
      )
    if (compared.has(prim.name)) return comparison(inputs, out, values)
    if (prim.name === 'select') return selection(inputs, out, value)
    if (prim.name === 'cast') return conversion(inputs[0]!, out, value)
    const doubtful = (i: number): boolean => inputs.some((x) => errorAt(x, i) > 0)
    if (!isReal(out.dtype) || blind.has(prim.name))
      return known(
        out,
        value.value,
        Float64Array.from(value.value, (_, i) => (doubtful(i) ? Infinity : 0)),
      )
    const move = moves(prim, inputs, params, k)
    const rounds = moved.has(prim.name) || stepped.has(prim.name) ? 0 : out.dtype === 'float64' ? 2 * bound + 2 : bound + 1
    const error = move.map((d, i) => {
      const v = value.value[i]!
      if (d === Infinity) return Infinity
      if (!doubtful(i)) return bound * unit(v, i)
      if (Number.isNaN(v)) return d === 0 ? 0 : Infinity
      if (Math.abs(v) + d > largest(out.dtype) * (1 - 1e-6)) return Number.isFinite(v) || d > 0 ? Infinity : 0
      return d + rounds * unit(Math.abs(v) + d, i)
    })
    return known(out, value.value, error)
  })
}
