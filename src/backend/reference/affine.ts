/** Index expressions that are affine in the loop axes: the loads that need no index arithmetic. */
import type { Expr } from '../../kernel/scalar.js'

/** `constant + sum(coefficients[k] * axis k)`. */
export interface AffineIndex {
  readonly constant: number
  readonly coefficients: readonly number[]
}

const combine = (x: AffineIndex, y: AffineIndex, sign: number): AffineIndex => ({
  constant: x.constant + sign * y.constant,
  coefficients: x.coefficients.map((c, k) => c + sign * y.coefficients[k]!),
})

const scale = (x: AffineIndex, by: number): AffineIndex => ({ constant: x.constant * by, coefficients: x.coefficients.map((c) => c * by) })

const isConstant = (x: AffineIndex): boolean => x.coefficients.every((c) => c === 0)

/** `e` as an affine function of `axes` loop axes; `null` when it is not one. */
export const affine = (e: Expr, axes: number): AffineIndex | null => {
  const zeros = new Array<number>(axes).fill(0)
  switch (e.op) {
    case 'const':
      return { constant: e.value, coefficients: zeros }
    case 'index':
      return { constant: 0, coefficients: zeros.map((_, k) => (k === e.axis ? 1 : 0)) }
    case 'neg': {
      const x = affine(e.x, axes)
      return x === null ? null : scale(x, -1)
    }
    case 'add':
    case 'sub':
    case 'mul': {
      const x = affine(e.x, axes)
      const y = x === null ? null : affine(e.y, axes)
      if (x === null || y === null) return null
      if (e.op !== 'mul') return combine(x, y, e.op === 'add' ? 1 : -1)
      return isConstant(y) ? scale(x, y.constant) : isConstant(x) ? scale(y, x.constant) : null
    }
    default:
      return null
  }
}
