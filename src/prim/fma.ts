/** Fused multiply-add: a product and a sum that are rounded together. */
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import { none } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { elementwise, reads } from './define.js'

/** In float64 a product of two float32 numbers is exact. */
const fused32 = (x: Expr, y: Expr, z: Expr): Expr => {
  const [a, b, c] = [x, y, z].map((v) => s.cast(v, 'float64'))
  return s.cast(s.add(s.mul(a!, b!), c!), 'float32')
}

/** The upper half of a float64's digits, and the rest (Veltkamp). */
const halves = (x: Expr): readonly [Expr, Expr] => {
  const scaled = s.mul(x, s.like(x, 2 ** 27 + 1))
  const high = s.sub(scaled, s.sub(scaled, x))
  return [high, s.sub(x, high)]
}

/** The product and the sum with their errors (Dekker, Knuth), which are added last; where that overflows, the plain value. */
const fused64 = (x: Expr, y: Expr, z: Expr): Expr => {
  const [[xh, xl], [yh, yl]] = [halves(x), halves(y)]
  const p = s.mul(x, y)
  const productError = s.add(s.add(s.add(s.sub(s.mul(xh, yh), p), s.mul(xh, yl)), s.mul(xl, yh)), s.mul(xl, yl))
  const sum = s.add(p, z)
  const back = s.sub(sum, p)
  const sumError = s.add(s.sub(p, s.sub(sum, back)), s.sub(z, back))
  const error = s.add(sumError, productError)
  return s.select(s.lt(s.abs(error), s.like(x, Infinity)), s.add(sum, error), sum)
}

/** x * y + z, rounded once (float64: but for the rare double rounding). */
export const fmaP = elementwise('fma', {
  scalar: (x, y, z) => (x.dtype === 'float32' ? fused32(x, y, z) : fused64(x, y, z)),
  partials: [reads([1], (y) => y), reads([0], (x) => x), 1],
})
export const fma = (x: Tensor, y: Tensor, z: Tensor): Tensor => bind(fmaP, [x, y, z], none)
