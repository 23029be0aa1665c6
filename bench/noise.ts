/** Numbers that Python makes the same, bit for bit: see noise.py. */
import type { Tensor } from '../src/index.js'
import { aval, hostTensor } from '../src/extend.js'

/** The hash of a position, in -1 .. 1. */
const noise = (n: number, seed: number, scale: number): Float32Array => {
  const out = new Float32Array(n)
  for (let i = 0; i < n; i++) {
    let h = Math.imul(i + Math.imul(seed, 0x9e3779b1), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35)
    h ^= h >>> 13
    out[i] = ((h >>> 0) / 2 ** 31 - 1) * scale
  }
  return out
}

/** float32 numbers in -scale .. scale. */
export const drawn = (shape: readonly number[], seed: number, scale: number): Tensor =>
  hostTensor(
    aval(shape, 'float32'),
    noise(
      shape.reduce((a, b) => a * b, 1),
      seed,
      scale,
    ),
  )
