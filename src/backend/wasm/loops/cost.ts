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

/** Nanoseconds of an operation on one element; two vectors of float64 take what four of float32 do. */
export const elementCost = (v: Value): number => (costOf(v) * (v.dtype === 'float64' ? 2 : 1) * instruction) / width

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
    if ('strides' in v) moved += bytesOf[v.dtype] * elements
  })
  for (const t of targets) moved += bytesOf[t.dtype] * over((k) => t.strides[k] !== 0)
  return Math.max(work, moved * byte)
}
