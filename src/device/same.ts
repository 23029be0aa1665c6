/** Parameters of equations, compared and hashed. */
import type { Params } from '../ir/primitive.js'
import type { Program } from '../ir/program.js'
import { isProgram } from '../ir/program.js'

/** Equality of parameters: numbers by `Object.is`, arrays and plain records by structure, Programs and functions by identity. */
export const sameValue = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i])) return false
    return true
  }
  if (Array.isArray(b) || isProgram(a) || isProgram(b)) return false
  return sameParams(a as Params, b as Params)
}

/** Equality of whole parameter records. */
export const sameParams = (a: Params, b: Params): boolean => {
  if (a === b) return true
  let count = 0
  for (const name in a) {
    count++
    if (!(name in b) || !sameValue(a[name], b[name])) return false
  }
  for (const _ in b) count--
  return count === 0
}

const mix = (h: number, v: number): number => Math.imul(h ^ v, 0x9e3779b1) ^ (h >>> 15)

const real = new Float64Array(1)
const halves = new Int32Array(real.buffer)

/** Whole numbers by their value, others by their bits: fractions must not meet in one place. NaN has many bits and one hash. */
const hashNumber = (h: number, x: number): number => {
  const whole = x | 0
  if (whole === x || Number.isNaN(x)) return mix(h, whole)
  real[0] = x
  return mix(mix(h, halves[0]!), halves[1]!)
}

const hashValue = (h: number, v: unknown): number => {
  if (typeof v === 'number') return hashNumber(h, v)
  if (typeof v === 'boolean') return mix(h, v ? 3 : 5)
  if (typeof v === 'string') return mix(h, v.length === 0 ? 7 : v.length * 31 + v.charCodeAt(0))
  if (Array.isArray(v)) {
    let x = mix(h, v.length)
    for (let i = 0; i < v.length; i++) x = hashValue(x, v[i])
    return x
  }
  return h
}

/** A number equal for equal parameters. Programs, functions and nested records do not count. */
export const hashParams = (seed: number, params: Params): number => {
  let h = seed
  for (const name in params) h = hashValue(h, params[name])
  return h
}

/** The first Program held in `params`, directly or in a list. */
export const heldProgram = (params: Params): Program | undefined => {
  for (const name in params) {
    const v = params[name]
    if (isProgram(v)) return v
    if (Array.isArray(v) && v.length > 0 && isProgram(v[0])) return v[0]
  }
  return undefined
}
