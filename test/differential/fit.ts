/** Bringing any value to any shape and dtype, so that two drawn values can always meet. */
import type { DType } from '../../src/core/dtype.js'
import type { Tensor } from '../../src/core/tensor.js'
import { cast } from '../../src/prim/elementwise.js'
import { reduceMax, reduceMin } from '../../src/prim/reduce.js'
import { broadcast, full, pad, reduceSum, reshape, slice } from '../../src/prim/structure.js'
import type { Draw } from './draws.js'

/** `0 .. n - 1` */
export const range = (n: number): number[] => Array.from({ length: n }, (_, k) => k)
const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Some axes, at least one where there is one. */
export const someAxes = (n: number, draw: Draw): number[] => {
  const axes = range(n).filter(() => draw(2) === 0)
  return axes.length > 0 || n === 0 ? axes : [draw(n)]
}

/** Axes in any order. */
export const permutation = (n: number, draw: Draw): number[] => {
  const left = range(n)
  return range(n).map(() => left.splice(draw(left.length), 1)[0]!)
}

/** `x` without `axes`: their sum or an extreme, or the first entries. */
export const reduced = (x: Tensor, axes: readonly number[], draw: Draw): Tensor => {
  if (axes.length === 0) return x
  const first = draw(4)
  if (first === 3 && axes.every((k) => x.shape[k]! > 0)) {
    const cut = x.shape.map((n, k) => (axes.includes(k) ? 1 : n))
    return reshape(
      slice(
        x,
        x.shape.map(() => 0),
        cut,
      ),
      x.shape.filter((_, k) => !axes.includes(k)),
    )
  }
  if (axes.some((k) => x.shape[k] === 0))
    return x.dtype === 'bool'
      ? full(
          x.shape.filter((_, k) => !axes.includes(k)),
          1,
          'bool',
          false,
        )
      : reduceSum(x, axes)
  return first === 0 || (x.dtype === 'bool' && first === 2)
    ? reduceMax(x, axes)
    : first === 1
      ? reduceMin(x, axes)
      : x.dtype === 'bool'
        ? reduceMin(x, axes)
        : reduceSum(x, axes)
}

/** `x` in the shape `to`: spread along axes that fit, cut, padded or reduced otherwise. */
export const fitShape = (x: Tensor, to: readonly number[], draw: Draw): Tensor => {
  if (String(x.shape) === String(to)) return x
  if (x.size === product(to) && draw(3) === 0) return reshape(x, [...to])
  if (x.ndim === to.length && x.ndim > 0 && draw(2) === 0 && x.shape.every((n, k) => n > 0 && to[k]! > 0)) {
    const y = slice(
      x,
      x.shape.map(() => 0),
      x.shape.map((n, k) => Math.min(n, to[k]!)),
    )
    return pad(y, full([], 0, x.dtype, false), {
      low: to.map(() => 0),
      high: y.shape.map((n, k) => to[k]! - n),
      interior: to.map(() => 0),
    })
  }
  const axes: number[] = []
  let v = x
  for (let k = v.ndim - 1; k >= 0; k--) {
    const top = axes.length > 0 ? axes[0]! : to.length
    const at = to.slice(0, top).lastIndexOf(v.shape[k]!)
    if (at >= 0) axes.unshift(at)
    else v = reduced(v, [k], draw)
  }
  return v.ndim === to.length ? v : broadcast(v, [...to], axes)
}

/** `x` in the dtype and shape asked for. */
export const fit = (x: Tensor, dtype: DType, to: readonly number[], draw: Draw): Tensor => {
  const y = fitShape(x, to, draw)
  return y.dtype === dtype ? y : cast(y, dtype)
}
