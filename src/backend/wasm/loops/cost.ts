/** What a pass costs: nanoseconds on one core of today, roughly, by which threads are given their share. */
import type { Value } from '../../../compile/kernels.js'
import type { Facts } from './analyse.js'
import { costOf } from './analyse.js'
import type { Domain } from './domain.js'
import { bytesOf, width } from './lanes.js'

/** Nanoseconds of one vector instruction among many that do not wait for one another. */
const instruction = 0.12
/** Nanoseconds of a byte that comes from memory or goes there. */
const byte = 0.025

/** Instructions of a function of four float32, where they are far from the common 25. */
const functions: { readonly [K in Value['op']]?: number } = {
  tanh: 45,
  sigmoid: 40,
  sin: 50,
  cos: 50,
  erf: 50,
  exp2: 80,
  expm1: 90,
  log2: 80,
  log10: 80,
  log1p: 90,
  tan: 250,
  asin: 150,
  acos: 150,
  atan: 200,
  atan2: 250,
  sinh: 150,
  cosh: 150,
  asinh: 250,
  acosh: 250,
  atanh: 250,
  cbrt: 200,
  pow: 250,
  rem: 150,
  erfc: 400,
  erfInv: 1500,
  lgamma: 500,
  digamma: 500,
}

/** Nanoseconds of an operation on one element. */
export const elementCost = (v: Value): number => {
  const plain = costOf(v)
  const wide = v.dtype === 'float64' ? 2 : 1
  return ((plain < 15 ? plain : (functions[v.op] ?? 25)) * wide * instruction) / width
}

/** Nanoseconds of a domain, whatever it is cut into: what it computes or what it moves, whichever is more. */
export const domainCost = ({ axes, values, targets }: Domain, facts: Facts): number => {
  const over = (along: (k: number) => boolean): number => axes.reduce((n, a, k) => (along(k) ? n * a.size : n), 1)
  let work = 0
  let moved = 0
  values.forEach((v, i) => {
    if (!facts.needed[i]) return
    const within = v.op === 'reduce' ? facts.along[v.x]! : facts.along[i]!
    const elements = over((k) => within.has(k))
    work += elementCost(v) * elements
    if (v.op === 'load') moved += bytesOf[v.dtype] * elements
  })
  for (const t of targets) moved += bytesOf[t.dtype] * over((k) => t.strides[k] !== 0)
  return Math.max(work, moved * byte)
}
