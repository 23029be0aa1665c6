/** Random Programs whose results are exact: small integers in every dtype, through views, broadcasts, reductions, choices. */
import { aval } from '../../../src/core/aval.js'
import type { DType, TypedArray } from '../../../src/core/dtype.js'
import { dtypes, isReal } from '../../../src/core/dtype.js'
import type { Tensor } from '../../../src/core/tensor.js'
import type { Program } from '../../../src/ir/program.js'
import { trace } from '../../../src/ir/trace.js'
import { abs, add, floor, max, min, mul, neg, sign, sub } from '../../../src/prim/arithmetic.js'
import { and, not, or, xor } from '../../../src/prim/bits.js'
import { eq, ge, lt, ne } from '../../../src/prim/comparison.js'
import { reduceMax, reduceMin, reduceProd } from '../../../src/prim/reduce.js'
import { cast, select } from '../../../src/prim/select.js'
import { broadcast, iota, like, reduceSum, reshape, reverse, slice, transpose } from '../../../src/prim/structure.js'

/** Numbers `0 .. n - 1` drawn one after the other from a seed. */
export const draws = (seed: number): ((n: number) => number) => {
  let s = Math.imul(seed + 1, 0x9e3779b1) | 0
  return (n) => {
    s = (Math.imul(s, 1664525) + 1013904223) | 0
    return Math.floor(((s >>> 8) / 2 ** 24) * n)
  }
}

const all: readonly DType[] = ['float32', 'float32', 'float64', 'int32', 'uint32', 'bool']
const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 33]

const clamped = (x: Tensor, low: number, high: number): Tensor => (isReal(x.dtype) ? min(max(x, like(x, low)), like(x, high)) : x)

const permutation = (n: number, draw: (n: number) => number): number[] => {
  const left = Array.from({ length: n }, (_, k) => k)
  return Array.from({ length: n }, () => left.splice(draw(left.length), 1)[0]!)
}
const someAxes = (n: number, draw: (n: number) => number): number[] => {
  const axes = Array.from({ length: n }, (_, k) => k).filter(() => draw(2) === 0)
  return axes.length > 0 ? axes : [draw(n)]
}

/** `x` brought to the shape of `y`: spread along axes that fit, reduced or cut otherwise. */
const fitted = (x: Tensor, y: Tensor, draw: (n: number) => number): Tensor => {
  const axes: number[] = []
  let v = x
  for (let k = v.ndim - 1; k >= 0; k--) {
    const top = axes.length > 0 ? axes[0]! : y.ndim
    const at = y.shape.slice(0, top).lastIndexOf(v.shape[k]!)
    if (at >= 0) axes.unshift(at)
    else v = reduced(v, [k], draw)
  }
  return v.ndim === y.ndim ? v : broadcast(v, [...y.shape], axes)
}

const reduced = (x: Tensor, axes: readonly number[], draw: (n: number) => number): Tensor => {
  switch (draw(4)) {
    case 0:
      return reduceMax(x, axes)
    case 1:
      return reduceMin(x, axes)
    case 2:
      return x.dtype === 'bool' ? reduceMax(x, axes) : clamped(reduceProd(clamped(x, -1, 1), axes), -64, 64)
    default:
      return x.dtype === 'bool' ? reduceMin(x, axes) : clamped(reduceSum(x, axes), -64, 64)
  }
}

const combine = (x: Tensor, y: Tensor, draw: (n: number) => number): Tensor => {
  if (x.dtype === 'bool') return [and, or, xor][draw(3)]!(x, y)
  return clamped([add, sub, mul, max, min][draw(5)]!(x, y), -64, 64)
}

const one = (x: Tensor, draw: (n: number) => number): Tensor => {
  if (x.dtype === 'bool') return not(x)
  if (isReal(x.dtype)) return [neg, abs, sign, floor][draw(4)]!(x)
  return x.dtype === 'int32' ? [neg, abs, sign, not][draw(4)]!(x) : not(x)
}

const view = (x: Tensor, draw: (n: number) => number): Tensor => {
  if (x.ndim === 0) return broadcast(x, [sizes[draw(sizes.length)]!], [])
  switch (draw(5)) {
    case 0:
      return transpose(x, permutation(x.ndim, draw))
    case 1:
      return reverse(x, someAxes(x.ndim, draw))
    case 2: {
      const start = x.shape.map((n) => draw(Math.max(1, n >> 1)))
      const step = x.shape.map(() => 1 + draw(3))
      return slice(
        x,
        start,
        x.shape.map((n, k) => n - (n > start[k]! + 1 ? draw(2) : 0)),
        step,
      )
    }
    case 3:
      return x.size <= 400 && x.ndim < 4
        ? broadcast(
            x,
            [...x.shape, 1 + draw(9)],
            x.shape.map((_, k) => k),
          )
        : x
    default:
      return reshape(x, draw(2) === 0 ? [x.size] : [1, ...x.shape])
  }
}

const grow = (pool: Tensor[], draw: (n: number) => number): void => {
  const near = (): Tensor => pool[draw(3) === 0 ? draw(pool.length) : pool.length - 1 - draw(Math.min(3, pool.length))]!
  const x = near()
  switch (draw(8)) {
    case 0:
    case 1: {
      const y = cast(near(), x.dtype)
      pool.push(combine(x, fitted(y, x, draw), draw))
      return
    }
    case 2:
      pool.push(one(x, draw))
      return
    case 3:
      pool.push(view(x, draw))
      return
    case 4:
      if (x.ndim > 0) pool.push(reduced(x, someAxes(x.ndim, draw), draw))
      return
    case 5: {
      const y = fitted(cast(near(), x.dtype), x, draw)
      const test = [eq, ne, lt, ge][draw(4)]!(x, y)
      pool.push(draw(3) === 0 ? test : select(test, x, y))
      return
    }
    case 6: {
      const dtype = all[draw(all.length)]!
      const y = cast(x, dtype)
      // Large integers are not exact as float32.
      pool.push(clamped(y, -64, 64))
      return
    }
    default:
      if (x.ndim > 0) pool.push(combine(x, cast(iota([...x.shape], 'int32', draw(x.ndim)), x.dtype), draw))
  }
}

/** The Program of a seed. */
export const programOf = (seed: number): Program => {
  const draw = draws(seed)
  const shapes = Array.from({ length: 1 + draw(3) }, () =>
    Array.from({ length: draw(4) }, () => (draw(40) === 0 ? 0 : sizes[draw(sizes.length)]!)),
  )
  const ins = shapes.map((shape) => aval(shape.includes(0) ? shape.map((n) => Math.min(n, 3)) : shape, all[draw(all.length)]!))
  const length = 1 + draw(14)
  const outs = 1 + draw(3)
  const empty = ins.some((a) => a.size === 0)
  const f = (xs: readonly Tensor[]): readonly Tensor[] => {
    const pool = [...xs]
    for (let k = 0; k < length; k++) {
      // Extremes of nothing are refused; what is empty only moves and combines with itself.
      if (empty) pool.push(one(pool[draw(pool.length)]!, draw))
      else grow(pool, draw)
    }
    return Array.from({ length: outs }, (_, k) => pool[Math.max(0, pool.length - 1 - k)]!)
  }
  return trace('random', f, ins).program
}

/** Small integers for the inputs of a Program. */
export const inputsOf = (program: Program, seed: number): TypedArray[] => {
  const draw = draws(seed * 7 + 3)
  return program.inputs.map(({ aval: a }) =>
    dtypes[a.dtype].make(a.size).map(() => (a.dtype === 'bool' ? draw(2) : a.dtype === 'uint32' ? draw(9) : draw(17) - 8)),
  )
}
