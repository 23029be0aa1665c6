/** The logarithm of the gamma function and its derivative. */
import { asymptotic, root, rootRest } from '../../../kernel/coefficients/digamma.js'
import { a0, a1, tc, tf, tt, t0, t1, t2, u, v, s, r, w0, w } from '../../../kernel/coefficients/lgamma.js'
import { polynomial } from './polynomial.js'

/** Near 2, in `y = 2 - x`. */
const nearTwo = (y: number): number => {
  const z = y * y
  return y * polynomial(a0, z) + z * polynomial(a1, z) - 0.5 * y
}
/** Near the minimum, in `y = x - tc`. */
const nearMinimum = (y: number): number => {
  const z = y * y
  const c = z * y
  const p = z * polynomial(t0, c) - (tt - c * (polynomial(t1, c) + y * polynomial(t2, c)))
  return tf + p
}
/** Near 1, in `y = x - 1`. */
const nearOne = (y: number): number => -0.5 * y + (y * polynomial(u, y)) / polynomial(v, y)

/** log gamma for `x > 0`, after fdlibm: each interval expanded about the place where the function vanishes or is least. */
const positive = (x: number): number => {
  if (x < 2 ** -70) return -Math.log(x)
  if (x === 1 || x === 2) return 0
  if (x <= 0.9) {
    const log = -Math.log(x)
    return x >= 0.7316 ? log + nearTwo(1 - x) : x >= 0.23164 ? log + nearMinimum(x - (tc - 1)) : log + nearOne(x)
  }
  if (x < 2) return x >= 1.7316 ? nearTwo(2 - x) : x >= 1.23164 ? nearMinimum(x - tc) : nearOne(x - 1)
  if (x < 8) {
    const y = x - Math.floor(x)
    let product = 1
    for (let k = Math.floor(x) - 1; k >= 2; k--) product *= y + k
    return 0.5 * y + (y * polynomial(s, y)) / polynomial(r, y) + Math.log(product)
  }
  const t = Math.log(x)
  if (x >= 2 ** 58) return x * (t - 1)
  const z = 1 / x
  return (x - 0.5) * (t - 1) + (w0 + z * polynomial(w, z * z))
}

/** |sin(pi x)|, exact at the integers and beside them: the distance to the nearest one is exact where a whole turn more is not. */
const sizeOfSinPi = (x: number): number => {
  const d = Math.abs(x - Math.round(x))
  return d <= 0.25 ? Math.sin(Math.PI * d) : Math.cos(Math.PI * (0.5 - d))
}

/** log |gamma(x)|; Infinity at 0, at the negative integers and at both infinities. */
export const lgamma = (x: number): number => {
  if (x !== x) return NaN
  if (x > 0) return positive(x)
  if (x === Math.floor(x)) return Infinity
  if (x > -(2 ** -70)) return -Math.log(-x)
  return Math.log(Math.PI / (sizeOfSinPi(x) * -x)) - positive(-x)
}

/** Digamma over the distance from its positive root, in powers of `(x - 1.625) / 0.625` on [1, 2.25]. */
const quotient = [
  0.9015925158282158, -0.23110935278588174, 0.07528129867244607, -0.02665942038232229, 0.009805681981453748, -0.0036771609109506457,
  0.0013935828168753907, -0.0005313203270331969, 0.00020328135727020778, -7.793611529401596e-5, 2.9917176808169913e-5,
  -1.1493044023779278e-5, 4.417199221791473e-6, -1.697727669868767e-6, 6.527200912593253e-7, -2.5193769625356294e-7, 9.70010379689867e-8,
  -3.593135936465573e-8, 1.3701902377939842e-8, -6.620017613879864e-9, 2.6238987536459806e-9, -1.604915513028862e-10, 3.209873480214839e-11,
  -3.209606922406125e-10, 1.2838411386910103e-10,
]

/** Digamma for `x > 0`: a polynomial that vanishes where it does on [1, 2.25], recurrence to there, or the asymptotic series. */
const positiveDigamma = (x: number): number => {
  if (x >= 10) {
    const z = 1 / (x * x)
    return Math.log(x) - (0.5 / x + z * polynomial(asymptotic, z))
  }
  if (x < 1) return positiveDigamma(x + 1) - 1 / x
  let sum = 0
  let y = x
  while (y > 2.25) {
    y -= 1
    sum += 1 / y
  }
  return sum + (y - root - rootRest) * polynomial(quotient, 1.6 * y - 2.6)
}

/** The cotangent of pi x for x in [-1/2, 1/2]; 0 at the ends, where the cotangent of the rounded product is not. */
const cotPi = (x: number): number => {
  const a = Math.abs(x)
  const c = a <= 0.25 ? 1 / Math.tan(Math.PI * a) : Math.tan(Math.PI * (0.5 - a))
  return x < 0 ? -c : c
}

/** The derivative of lgamma: infinite at 0, with the opposite sign of the zero; NaN at the negative integers. On the left by reflection. */
export const digamma = (x: number): number => {
  if (x > 0) return x === Infinity ? x : positiveDigamma(x)
  if (x === 0) return -1 / x
  if (x === Math.floor(x) || x !== x) return NaN
  // The cotangent has period 1: the distance to the nearest integer is exact where 1 - x is not.
  return positiveDigamma(1 - x) - Math.PI * cotPi(x - Math.round(x))
}
