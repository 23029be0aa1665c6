/** Numbers drawn from a seed, and tensors made of them. */
import { aval } from '../../src/core/aval.js'
import type { DType } from '../../src/core/dtype.js'
import { dtypes, isReal } from '../../src/core/dtype.js'
import type { Tensor } from '../../src/core/tensor.js'
import { hostTensor } from '../../src/core/tensor.js'
import { edges } from '../../laws/arbitrary.js'

/** Numbers `0 .. n - 1`, one after the other; only zeros for seed 0. */
export type Draw = (n: number) => number

/** The stream of a seed. */
export const draws = (seed: number): Draw => {
  if (seed === 0) return () => 0
  let state = Math.imul(seed + 1, 0x9e3779b1) | 0
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return Math.floor(((state >>> 8) / 2 ** 24) * n)
  }
}

/** What the elements of a tensor are like. */
export const styles = ['integers', 'eighths', 'ties', 'rough', 'positive', 'wide', 'edges'] as const
export type Style = (typeof styles)[number]

const float = (style: Style, dtype: DType, draw: Draw): number => {
  const unit = draw(2 ** 20) / 2 ** 20 + draw(2 ** 10) / 2 ** 30
  switch (style) {
    case 'integers':
      return draw(17) - 8
    case 'eighths':
      return (draw(33) - 16) / 8
    case 'ties':
      return draw(3) - 1
    case 'rough':
      return 4 * unit - 2
    case 'positive':
      return 0.25 + 3 * unit
    case 'wide':
      return (unit - 0.5) * 2 ** (draw(dtype === 'float32' ? 120 : 800) - (dtype === 'float32' ? 60 : 400))
    case 'edges':
      return draw(3) === 0 ? edges[dtype][draw(edges[dtype].length)]! : (draw(33) - 16) / 8
  }
}

const whole = (style: Style, dtype: DType, draw: Draw): number => {
  if (dtype === 'bool') return draw(2)
  if (style === 'edges' && draw(3) === 0) return edges[dtype][draw(edges[dtype].length)]!
  return dtype === 'uint32' ? draw(9) : style === 'ties' ? draw(3) - 1 : draw(17) - 8
}

/** A tensor of drawn elements. */
export const drawn = (shape: readonly number[], dtype: DType, style: Style, draw: Draw): Tensor => {
  const a = aval(shape, dtype)
  const data = dtypes[dtype].make(a.size)
  for (let i = 0; i < data.length; i++) data[i] = isReal(dtype) ? float(style, dtype, draw) : whole(style, dtype, draw)
  return hostTensor(a, data)
}
