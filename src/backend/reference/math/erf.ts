/** The error function and its relatives, by the rational approximations of Sun's fdlibm (below 1 ulp). */
import { erx, pp, qq, pa, qa, ra, sa, rb, sb } from '../../../kernel/coefficients/erf.js'
import { polynomial } from './polynomial.js'

const efx = 1.28379167095512586316e-1

const single = new Float64Array(1)
const halves = new Int32Array(single.buffer)
/** `x` with the low 32 bits cleared, so that its square is exact. */
const head = (x: number): number => {
  single[0] = x
  halves[0] = 0
  return single[0]
}

/** erfc for `x >= 1.25`: exp(-x^2) R(1/x^2) / x, with x^2 split so that the exponential keeps its precision. */
const tail = (x: number): number => {
  const s = 1 / (x * x)
  const ratio = x < 1 / 0.35 ? polynomial(ra, s) / polynomial(sa, s) : polynomial(rb, s) / polynomial(sb, s)
  const z = head(x)
  const e = Math.exp(-z * z - 0.5625)
  return (e + e * Math.expm1((z - x) * (z + x) + ratio)) / x
}

/** erf(x) - x, for `|x|` below 0.84375. */
const beyond = (x: number): number => {
  const z = x * x
  return x * (polynomial(pp, z) / polynomial(qq, z))
}

/** The error function 2/sqrt(pi) times the integral of exp(-t^2) from 0 to `x`. */
export const erf = (x: number): number => {
  if (x !== x) return NaN
  const a = Math.abs(x)
  if (a < 0.84375) {
    if (a < 2 ** -28) return a < 1e-300 ? 0.125 * (8 * x + 1.02703333676410069053 * x) : x + efx * x
    return x + beyond(x)
  }
  const sign = x < 0 ? -1 : 1
  if (a < 1.25) return sign * (erx + polynomial(pa, a - 1) / polynomial(qa, a - 1))
  return a >= 6 ? sign : sign * (1 - tail(a))
}

/** The complement 1 - erf(x), with full relative precision in the right tail. */
export const erfc = (x: number): number => {
  if (x !== x) return NaN
  const a = Math.abs(x)
  if (a < 0.84375) {
    if (a < 2 ** -56) return 1 - x
    const y = beyond(x)
    return x < 0.25 ? 1 - (x + y) : 0.5 - (x - 0.5 + y)
  }
  if (a < 1.25) {
    const y = polynomial(pa, a - 1) / polynomial(qa, a - 1)
    return x >= 0 ? 1 - erx - y : 1 + (erx + y)
  }
  if (x < -6) return 2
  if (a >= 28) return 0
  return x > 0 ? tail(a) : 2 - tail(a)
}

const halfRootPi = 0.886226925452758013649

/** The inverse of `erf` on [-1, 1]; NaN outside. Three Newton steps of third order (Halley) on erf, or on erfc in the tails. */
export const erfInv = (x: number): number => {
  const a = Math.abs(x)
  if (!(a < 1)) return a === 1 ? x * Infinity : NaN
  if (a < 1e-8) return x * halfRootPi
  // Winitzki's closed form: within 0.2 % everywhere.
  const l = Math.log1p(-a * a)
  const t = 4.330746750799873 + l / 2
  let y = Math.sqrt(Math.sqrt(t * t - l / 0.147) - t)
  for (let k = 0; k < 3; k++) {
    const error = a < 0.5 ? y - a + beyond(y) : 1 - a - erfc(y) // near the root both differences are exact
    const u = error * halfRootPi * Math.exp(y * y)
    y -= u / (1 + y * u)
  }
  return x < 0 ? -y : y
}
