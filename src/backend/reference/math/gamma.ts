/** The logarithm of the gamma function and its derivative. */
import { polynomial } from './polynomial.js'

const a0 = [
  7.72156649015328655494e-2, 6.73523010531292681824e-2, 7.38555086081402883957e-3, 1.19270763183362067845e-3, 2.20862790713908385557e-4,
  2.52144565451257326939e-5,
]
const a1 = [
  3.22467033424113591611e-1, 2.05808084325167332806e-2, 2.89051383673415629091e-3, 5.10069792153511336608e-4, 1.08011567247583939954e-4,
  4.4864094961891516015e-5,
]
/** The minimum of lgamma on the positive axis, its value, and the rounding of that value. */
const tc = 1.46163214496836224576
const tf = -1.21486290535849611461e-1
const tt = -3.63867699703950536541e-18
const t0 = [
  4.83836122723810047042e-1, -3.27885410759859649565e-2, 6.10053870246291332635e-3, -1.40346469989232843813e-3, 3.15632070903625950361e-4,
]
const t1 = [
  -1.47587722994593911752e-1, 1.79706750811820387126e-2, -3.6845201678113825676e-3, 8.81081882437654011382e-4, -3.12754168375120860518e-4,
]
const t2 = [
  6.46249402391333854778e-2, -1.0314224129834143745e-2, 2.2596478090061247225e-3, -5.38595305356740546715e-4, 3.35529192635519073543e-4,
]
const u = [
  -7.72156649015328655494e-2, 6.32827064025093366517e-1, 1.45492250137234768737, 9.77717527963372745603e-1, 2.28963728064692451092e-1,
  1.33810918536787660377e-2,
]
const v = [
  1, 2.45597793713041134822, 2.12848976379893395361, 7.69285150456672783825e-1, 1.04222645593369134254e-1, 3.2170924228242391181e-3,
]
const s = [
  -7.72156649015328655494e-2, 2.14982415960608852501e-1, 3.25778796408930981787e-1, 1.46350472652464452805e-1, 2.6642270303363860956e-2,
  1.84028451407337715652e-3, 3.19475326584100867617e-5,
]
const r = [
  1, 1.39200533467621045958, 7.21935547567138069525e-1, 1.71933865632803078993e-1, 1.86459191715652901344e-2, 7.77942496381893596434e-4,
  7.32668430744625636189e-6,
]
const w0 = 4.18938533204672725052e-1
const w = [
  8.33333333333329678849e-2, -2.7777777772877553647e-3, 7.936505586430195585e-4, -5.95187557450339963135e-4, 8.36339918996282139126e-4,
  -1.63092934096575273989e-3,
]

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

/** sin(pi x), exact at the integers. */
const sinPi = (x: number): number => {
  const y = x - 2 * Math.floor(x / 2)
  const z = y > 1 ? y - 1 : y
  const value = z <= 0.25 ? Math.sin(Math.PI * z) : z <= 0.75 ? Math.cos(Math.PI * (0.5 - z)) : Math.sin(Math.PI * (1 - z))
  return y > 1 ? -value : value
}

/** log |gamma(x)|; Infinity at 0, at the negative integers and at both infinities. */
export const lgamma = (x: number): number => {
  if (x !== x) return NaN
  if (x > 0) return positive(x)
  if (x === Math.floor(x)) return Infinity
  if (x > -(2 ** -70)) return -Math.log(-x)
  return Math.log(Math.PI / Math.abs(sinPi(x) * x)) - positive(-x)
}

/** B(2k) / 2k, the coefficients of digamma's asymptotic series. */
const series = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12]

/** The positive zero of digamma, in two parts, and digamma over the distance from it, in powers of `(x - 1.625) / 0.625` on [1, 2.25]. */
const zero = 1.4616321449683622
const zeroRest = 9.549995429965697e-17
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
    return Math.log(x) - (0.5 / x + z * polynomial(series, z))
  }
  if (x < 1) return positiveDigamma(x + 1) - 1 / x
  let sum = 0
  let y = x
  while (y > 2.25) {
    y -= 1
    sum += 1 / y
  }
  return sum + (y - zero - zeroRest) * polynomial(quotient, 1.6 * y - 2.6)
}

/** The cotangent of pi x for x in [-1/2, 1/2]; 0 at the ends, where the cotangent of the rounded product is not. */
const cotPi = (x: number): number => {
  const a = Math.abs(x)
  const c = a <= 0.25 ? 1 / Math.tan(Math.PI * a) : Math.tan(Math.PI * (0.5 - a))
  return x < 0 ? -c : c
}

/** The derivative of lgamma; NaN at 0 and the negative integers. On the left by reflection. */
export const digamma = (x: number): number => {
  if (x > 0) return x === Infinity ? x : positiveDigamma(x)
  if (x === Math.floor(x) || x !== x) return NaN
  // The cotangent has period 1: the distance to the nearest integer is exact where 1 - x is not.
  return positiveDigamma(1 - x) - Math.PI * cotPi(x - Math.round(x))
}
