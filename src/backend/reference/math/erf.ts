/** The error function and its relatives, by the rational approximations of Sun's fdlibm (below 1 ulp). */
import { polynomial } from './polynomial.js'

/** erf(1) rounded to float32 precision: the value about which the middle interval is expanded. */
const erx = 8.45062911510467529297e-1
const efx = 1.28379167095512586316e-1
const pp = [
  1.28379167095512558561e-1, -3.2504210724700149937e-1, -2.84817495755985104766e-2, -5.77027029648944159157e-3, -2.37630166566501626084e-5,
]
const qq = [
  1, 3.97917223959155352819e-1, 6.50222499887672944485e-2, 5.08130628187576562776e-3, 1.32494738004321644526e-4, -3.9602282787753681232e-6,
]
const pa = [
  -2.36211856075265944077e-3, 4.14856118683748331666e-1, -3.72207876035701323847e-1, 3.18346619901161753674e-1, -1.10894694282396677476e-1,
  3.54783043256182359371e-2, -2.166375594868790843e-3,
]
const qa = [
  1, 1.06420880400844228286e-1, 5.40397917702171048937e-1, 7.18286544141962662868e-2, 1.26171219808761642112e-1, 1.36370839120290507362e-2,
  1.1984499846799107417e-2,
]
const ra = [
  -9.86494403484714822705e-3, -6.93858572707181764372e-1, -1.05586262253232909814e1, -6.23753324503260060396e1, -1.62396669462573470355e2,
  -1.84605092906711035994e2, -8.12874355063065934246e1, -9.81432934416914548592,
]
const sa = [
  1, 1.96512716674392571292e1, 1.376577541435190426e2, 4.34565877475229228821e2, 6.45387271733267880336e2, 4.29008140027567833386e2,
  1.08635005541779435134e2, 6.57024977031928170135, -6.04244152148580987438e-2,
]
const rb = [
  -9.86494292470009928597e-3, -7.99283237680523006574e-1, -1.77579549177547519889e1, -1.60636384855821916062e2, -6.37566443368389627722e2,
  -1.02509513161107724954e3, -4.83519191608651397019e2,
]
const sb = [
  1, 3.03380607434824582924e1, 3.25792512996573918826e2, 1.53672958608443695994e3, 3.19985821950859553908e3, 2.55305040643316442583e3,
  4.74528541206955367215e2, -2.24409524465858183362e1,
]

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

/** The error function 2/sqrt(pi) times the integral of exp(-t^2) from 0 to `x`. */
export const erf = (x: number): number => {
  if (x !== x) return NaN
  const a = Math.abs(x)
  if (a < 0.84375) {
    if (a < 2 ** -28) return a < 1e-300 ? 0.125 * (8 * x + 1.02703333676410069053 * x) : x + efx * x
    const z = x * x
    return x + x * (polynomial(pp, z) / polynomial(qq, z))
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
    const z = x * x
    const y = polynomial(pp, z) / polynomial(qq, z)
    return x < 0.25 ? 1 - (x + x * y) : 0.5 - (x - 0.5 + x * y)
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

/** The inverse of `erf` on [-1, 1]; NaN outside. Two Newton steps of third order (Halley) on erf, or on erfc in the tails. */
export const erfInv = (x: number): number => {
  const a = Math.abs(x)
  if (!(a < 1)) return a === 1 ? x * Infinity : NaN
  if (a < 1e-8) return x * halfRootPi
  // Winitzki's closed form: within 0.2 % everywhere.
  const l = Math.log1p(-a * a)
  const t = 4.330746750799873 + l / 2
  let y = Math.sqrt(Math.sqrt(t * t - l / 0.147) - t)
  for (let k = 0; k < 3; k++) {
    const error = a < 0.5 ? erf(y) - a : 1 - a - erfc(y)
    const u = error * halfRootPi * Math.exp(y * y)
    y -= u / (1 + y * u)
  }
  return x < 0 ? -y : y
}
