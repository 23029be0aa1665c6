/** Functions of float32 by float32 and 32-bit integers: their errors over all exponents, the exact ones to the bit, and that no sum can be regrouped. */
import { describe, expect, it } from 'vitest'
import { aval } from '../../../../src/core/aval.js'
import { scalarKernel } from '../../../../src/backend/reference/scalar.js'
import { expand } from '../../../../src/kernel/expand/expand.js'
import { singleDefinitions } from '../../../../src/kernel/expand/single/definitions.js'
import type { Expr } from '../../../../src/kernel/scalar.js'
import { nodesOf, operandsOf, s } from '../../../../src/kernel/scalar.js'

type Name = keyof typeof singleDefinitions
const names = Object.keys(singleDefinitions) as Name[]
const binary: ReadonlySet<string> = new Set(['rem', 'pow', 'atan2', 'hypot', 'nextafter'])
const [x, y] = [s.input(0, 'float32'), s.input(1, 'float32')]

const defined = (name: Name, dtype: 'int32' | 'uint32' = 'int32'): Expr =>
  expand([singleDefinitions[name](x, y, x, dtype)!], singleDefinitions)[0]!
const run = (root: Expr, inputs: readonly Float32Array[]): ArrayLike<number> =>
  scalarKernel([root], inputs.length, [aval([inputs[0]!.length], root.dtype)])(inputs)[0]!
/** The function in float64, by the reference. */
const wide = (name: Exclude<Name, 'cast'>, inputs: readonly Float32Array[]): Float64Array => {
  const [a, b] = [s.input(0, 'float64'), s.input(1, 'float64')]
  const f: (x: Expr, y: Expr) => Expr = s[name]
  const root = f(a, b)
  return scalarKernel([root], inputs.length, [aval([inputs[0]!.length], 'float64')])(
    inputs.map((v) => Float64Array.from(v)),
  )[0] as Float64Array
}

/** Numbers with all signs, exponents and first digits, the others drawn. */
const numbers = (perPrefix: number): Float32Array => {
  let state = 20261129
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 16
  return new Float32Array(Uint32Array.from({ length: 65536 * perPrefix }, (_, k) => (((k % 65536) << 16) | next()) >>> 0).buffer)
}
const ulp = (v: number): number => {
  const a = Math.abs(v)
  return a < 2 ** -126 ? 2 ** -149 : 2 ** (Math.floor(Math.log2(a)) - 23 - (2 ** Math.floor(Math.log2(a)) > a ? 1 : 0))
}

/** The largest error of a function, in units in the last place of the result, or of what `scale` says. */
const bounds: Readonly<Record<Exclude<Name, 'cast' | 'rem' | 'nextafter'>, number>> = {
  rsqrt: 1.6,
  cbrt: 0.6,
  exp: 1,
  exp2: 1.1,
  expm1: 1.5,
  log: 1,
  log2: 1,
  log10: 1,
  log1p: 1,
  sin: 1.7,
  cos: 1.7,
  tan: 3,
  asin: 1.5,
  acos: 1.2,
  atan: 1.6,
  sinh: 1.7,
  cosh: 1.4,
  tanh: 1.6,
  asinh: 1,
  acosh: 1,
  atanh: 1,
  sigmoid: 1.8,
  erf: 1.1,
  erfc: 2.5,
  erfInv: 2,
  lgamma: 4,
  digamma: 6,
  pow: 1,
  atan2: 1.8,
  hypot: 1.4,
}
/** Left of 0 the reflections of gamma's relatives are sums that cancel at zeros: the terms say how large an error may be. */
const scale: Readonly<Partial<Record<Name, (x: number) => number>>> = {
  lgamma: (v) => (v < 0 ? Math.abs(v) * Math.log(Math.abs(v) + 2) + 1 : 0),
  digamma: (v) => (v < 0 ? Math.log(Math.abs(v) + 2) + 1 : 0),
}

describe('functions of float32 by themselves', () => {
  const all = numbers(1)
  const others = all.map((_, k) => {
    const at = (k * 7919) % all.length
    return k % 3 === 0 ? all[at]! : k % 3 === 1 ? Math.fround(Math.sin(k) * 100) : Math.round(Math.sin(k) * 20)
  })
  const near = all.map((v, k) => (k % 2 === 0 ? v : Math.fround(Math.abs(Math.sin(k * 3)) * 4)))

  it.each(Object.keys(bounds) as (keyof typeof bounds)[])('%s is as good as it says, NaN, infinities and zeros included', (name) => {
    const inputs = binary.has(name) ? [near, others] : [all]
    const [got, want] = [run(defined(name), inputs), wide(name, inputs)]
    let worst = 0
    let at = ''
    want.forEach((w, k) => {
      const rounded = Math.fround(w)
      const shown = `${name}(${inputs.map((v) => v[k]).join(', ')}) is ${w}, got ${got[k]}`
      if (!Number.isFinite(rounded) || rounded === 0) {
        if (!Object.is(got[k], rounded)) expect.fail(shown)
        return
      }
      const error = Math.abs(got[k]! - w) / Math.max(ulp(w), ulp(scale[name]?.(inputs[0]![k]!) ?? 0))
      if (!(error <= worst)) [worst, at] = [error, shown]
    })
    expect(worst, at).toBeLessThanOrEqual(bounds[name])
  })

  it('remainders are exact', () => {
    const got = run(defined('rem'), [all, others])
    const got2 = run(defined('rem'), [others, near])
    all.forEach((v, k) => {
      if (!Object.is(got[k], v % others[k]!)) expect.fail(`${v} % ${others[k]} is ${v % others[k]!}, got ${got[k]}`)
      if (!Object.is(got2[k], others[k]! % near[k]!)) expect.fail(`${others[k]} % ${near[k]} is ${others[k]! % near[k]!}, got ${got2[k]}`)
    })
  })

  it('the next number is one away in the bits', () => {
    const root = s.nextafter(x, y)
    const [got, want] = [run(defined('nextafter'), [all, others]), run(root, [all, others])]
    all.forEach((v, k) => {
      if (!Object.is(got[k], want[k])) expect.fail(`nextafter(${v}, ${others[k]}) is ${want[k]}, got ${got[k]}`)
    })
  })

  it.each(['int32', 'uint32'] as const)('to %s they are truncated and saturated, NaN is 0', (dtype) => {
    const inputs = [Float32Array.from([...all, ...others, 2 ** 31, 2 ** 32, -(2 ** 31), 2 ** 31 - 128, 2 ** 32 - 256, -0.9, 0.9])]
    const [got, want] = [run(defined('cast', dtype), inputs), run(s.cast(x, dtype), inputs)]
    inputs[0]!.forEach((v, k) => {
      if (got[k] !== want[k]) expect.fail(`${v} to ${dtype} is ${want[k]}, got ${got[k]}`)
    })
  })

  it.each(names)('%s has nothing but float32, integers of 32 bits and tests in it, and no sum that can be regrouped', (name) => {
    const isSum = (e: Expr): boolean => (e.op === 'add' || e.op === 'sub') && e.dtype === 'float32'
    for (const e of nodesOf([defined(name)])) {
      expect(e.dtype).not.toBe('float64')
      if (isSum(e)) expect(operandsOf<Expr>(e).filter(isSum)).toEqual([])
    }
  })
})
