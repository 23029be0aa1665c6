/** Rounding, limits and repair, element by element. */
import { number, whole } from '../core/check.js'
import { isBool, isDouble, isInexact } from '../core/dtype.js'
import { optionsOf, withNumbers } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import * as P from '../prim/elementwise.js'
import { like } from '../prim/structure.js'
import type { Dual, Unary } from './dual.js'
import { dual } from './dual.js'
import type { TensorLike } from './lift.js'
import { as, align, lift, toFloat } from './lift.js'
import { copysign, maximum, minimum } from './arithmetic.js'
import { roundUnary } from './ufunc.js'

/**
 * Down to a whole number; the derivative of all roundings is zero.
 *
 * @example
 * np.floor(np.array([1.5, -1.5]))   // [1, -2]
 */
export const floor: Unary = /* @__PURE__ */ roundUnary('floor', P.floorP)

/**
 * Up to a whole number.
 *
 * @example
 * np.ceil(np.array([1.5, -1.5]))   // [2, -1]
 */
export const ceil: Unary = /* @__PURE__ */ roundUnary('ceil', P.ceilP)

/**
 * Towards zero to a whole number.
 *
 * @example
 * np.trunc(np.array([1.5, -1.5]))   // [1, -1]
 */
export const trunc: Unary = /* @__PURE__ */ roundUnary('trunc', P.truncP)

/**
 * To the nearest whole number, halves to even.
 *
 * @example
 * np.rint(np.array([0.5, 1.5, 2.6]))   // [0, 2, 3]
 */
export const rint: Unary = /* @__PURE__ */ roundUnary('rint', P.roundP)

/**
 * To the nearest multiple of `10^-decimals`, halves to even; integers too, where `decimals` is negative: what is beyond their dtype
 * then is its last number.
 *
 * @example
 * np.round(np.array([3.14159]), { decimals: 2 })   // [3.14]
 */
export const round = withNumbers(
  'round',
  { decimals: whole },
  'decimals',
  (x: TensorLike, { decimals = 0 }: { readonly decimals?: number }): Tensor => {
    const t = lift(x, 'round')
    if (decimals === 0 || isBool(t.dtype) || (decimals > 0 && !isInexact(t.dtype))) return rint(t)
    if (!isInexact(t.dtype)) {
      // float64 holds all integers and tells halves of a power of ten from what is beside them; a cast back saturates.
      const wide = P.cast(t, 'float64')
      const unit = like(wide, 10 ** Math.min(-decimals, 20))
      return P.cast(P.mul(P.round(P.div(wide, unit)), unit), t.dtype)
    }
    const factor = like(t, 10 ** Math.abs(decimals))
    return decimals > 0 ? P.div(P.round(P.mul(t, factor)), factor) : P.mul(P.round(P.div(t, factor)), factor)
  },
)

/** Fractional and whole part, both with the sign of `x`.
 *
 * @example
 * np.modf(np.array([1.5, -1.5]))   // [[0.5, -0.5], [1, -1]]
 */
export const modf = (x: TensorLike): readonly [Tensor, Tensor] => {
  const t = toFloat(x, 'modf')
  const whole = P.trunc(t)
  // nothing is left of an infinity
  return [copysign(P.select(P.eq(whole, t), like(t, 0), P.sub(t, whole)), t), whole]
}

type Limit = TensorLike | null

/**
 * Into the interval from `min` to `max`; `null` leaves a side open. At a limit the cotangent is halved, as at every tie. A limit
 * that no integer of the dtype reaches leaves its side open too.
 *
 * @throws ValueError for an interval that holds no number of an integer dtype.
 * @example
 * np.clip(np.array([-2, 0.5, 2]), -1, 1)          // [-1, 0.5, 1]
 * pipe(np.array([-2, 0.5, 2]), np.clip(0, null))  // [0, 0.5, 2]
 */
export const clip: {
  (min: Limit, max: Limit): (x: TensorLike) => Tensor
  (x: TensorLike, min: Limit, max: Limit): Tensor
} = function (x: Limit, min: Limit, max?: Limit) {
  if (arguments.length < 3) return (y: TensorLike) => clamp(y, x, min)
  return clamp(x as TensorLike, min, max as Limit)
} as typeof clip

const clamp = (x: TensorLike, min: Limit, max: Limit): Tensor => {
  const limit = (value: Exclude<Limit, null>, name: string): Exclude<Limit, null> =>
    typeof value === 'number' ? value : lift(value, 'clip', name)
  const t = typeof x === 'number' ? x : lift(x, 'clip')
  const low = min === null ? lift(t, 'clip') : maximum(t, limit(min, 'min'))
  return max === null ? low : minimum(low, limit(max, 'max'))
}

/** What `nanToNum` puts in the place of NaN and infinities. */
interface Replacements {
  readonly nan?: number
  readonly posinf?: number
  readonly neginf?: number
}

const replacements = optionsOf<Replacements>({ nan: number, posinf: number, neginf: number })

/**
 * NaN and infinities replaced by numbers: 0 and the largest floats unless said otherwise.
 *
 * @example
 * np.nanToNum(np.array([NaN, Infinity, 1]), { posinf: 100 })   // [0, 100, 1]
 */
export const nanToNum = (x: TensorLike, options: Replacements = {}): Tensor => {
  const { nan = 0, posinf, neginf } = replacements('nanToNum', options)
  const t = lift(x, 'nanToNum')
  if (!isInexact(t.dtype)) return t
  const largest = isDouble(t.dtype) ? Number.MAX_VALUE : 3.4028234663852886e38
  const replace = (y: Tensor, when: Tensor, value: number): Tensor => P.select(when, like(y, value), y)
  const finite = replace(replace(t, P.eq(t, like(t, Infinity)), posinf ?? largest), P.eq(t, like(t, -Infinity)), neginf ?? -largest)
  return replace(finite, P.ne(t, t), nan)
}

/**
 * 0 below zero, 1 above, `h` at zero.
 *
 * @example
 * np.heaviside(np.array([-1, 0, 1]), 0.5)   // [0, 0.5, 1]
 */
export const heaviside: Dual<TensorLike, TensorLike, Tensor> = /* @__PURE__ */ dual((x: TensorLike, h: TensorLike) => {
  const [a, b] = align('heaviside', [toFloat(x, 'heaviside'), h]) as [Tensor, Tensor]
  const zero = like(a, 0)
  const step = P.select(P.lt(a, zero), zero, P.select(P.gt(a, zero), like(a, 1), as(b, a.dtype)))
  return P.select(P.ne(a, a), a, step)
}, 'heaviside')
