/** NumPy's other names of functions: each is the function itself, and costs nothing where it is not used. */
import { abs, div, mul, neg, pow, sub } from './arithmetic.js'
import { bitwiseNot, leftShift, rightShift } from './bits.js'
import { concatenate, vstack } from './join.js'
import { max, min } from './reduce.js'
import { round, trunc } from './rounding.js'
import { unique } from './search.js'
import { transpose } from './shape.js'
import { degrees, radians } from './trigonometric.js'

/**
 * NumPy's name of `sub`.
 *
 * @example
 * np.subtract(np.array([5, 7]), 1)   // [4, 6]
 */
export const subtract: typeof sub = sub

/**
 * NumPy's name of `mul`.
 *
 * @example
 * np.multiply(np.array([5, 7]), 2)   // [10, 14]
 */
export const multiply: typeof mul = mul

/**
 * NumPy's name of `div`.
 *
 * @example
 * np.divide(np.array([5, 7]), 2)   // [2.5, 3.5]
 */
export const divide: typeof div = div

/**
 * NumPy's name of `div`.
 *
 * @example
 * np.trueDivide(np.array([5, 7]), 2)   // [2.5, 3.5]
 */
export const trueDivide: typeof div = div

/**
 * NumPy's name of `neg`.
 *
 * @example
 * np.negative(np.array([5, -7]))   // [-5, 7]
 */
export const negative: typeof neg = neg

/**
 * NumPy's name of `pow`.
 *
 * @example
 * np.power(np.array([2, 3]), 2)   // [4, 9]
 */
export const power: typeof pow = pow

/**
 * NumPy's name of `abs`.
 *
 * @example
 * np.absolute(np.array([5, -7]))   // [5, 7]
 */
export const absolute: typeof abs = abs

/**
 * NumPy's name of `bitwiseNot`.
 *
 * @example
 * np.invert(np.array([0, 5], { dtype: 'int32' }))   // [-1, -6]
 */
export const invert: typeof bitwiseNot = bitwiseNot

/**
 * NumPy's name of `bitwiseNot`.
 *
 * @example
 * np.bitwiseInvert(np.array([0, 5], { dtype: 'int32' }))   // [-1, -6]
 */
export const bitwiseInvert: typeof bitwiseNot = bitwiseNot

/**
 * NumPy's name of `leftShift`.
 *
 * @example
 * np.bitwiseLeftShift(np.array([1, 3], { dtype: 'int32' }), 2)   // [4, 12]
 */
export const bitwiseLeftShift: typeof leftShift = leftShift

/**
 * NumPy's name of `rightShift`.
 *
 * @example
 * np.bitwiseRightShift(np.array([-8, 8], { dtype: 'int32' }), 1)   // [-4, 4]
 */
export const bitwiseRightShift: typeof rightShift = rightShift

/**
 * NumPy's name of `radians`.
 *
 * @example
 * np.deg2rad(180)   // 3.1415927
 */
export const deg2rad: typeof radians = radians

/**
 * NumPy's name of `degrees`.
 *
 * @example
 * np.rad2deg(Math.PI)   // 180
 */
export const rad2deg: typeof degrees = degrees

/**
 * NumPy's name of `trunc`.
 *
 * @example
 * np.fix(np.array([1.5, -1.5]))   // [1, -1]
 */
export const fix: typeof trunc = trunc

/**
 * NumPy's name of `round`.
 *
 * @example
 * np.around(np.array([3.14159]), { decimals: 2 })   // [3.14]
 */
export const around: typeof round = round

/**
 * NumPy's name of `max`.
 *
 * @example
 * np.amax(np.array([1, 5, 3]))   // 5
 */
export const amax: typeof max = max

/**
 * NumPy's name of `min`.
 *
 * @example
 * np.amin(np.array([1, 5, 3]))   // 1
 */
export const amin: typeof min = min

/**
 * NumPy's name of `concatenate`.
 *
 * @example
 * np.concat([np.array([1, 2]), np.array([3])])   // [1, 2, 3]
 */
export const concat: typeof concatenate = concatenate

/**
 * NumPy's name of `vstack`.
 *
 * @example
 * np.rowStack([np.array([1, 2]), np.array([3, 4])])   // [[1, 2], [3, 4]]
 */
export const rowStack: typeof vstack = vstack

/**
 * NumPy's name of `transpose`.
 *
 * @example
 * np.permuteDims(np.ones([2, 3]), [1, 0]).shape   // [3, 2]
 */
export const permuteDims: typeof transpose = transpose

/**
 * NumPy's name of `unique`.
 *
 * @example
 * np.uniqueValues(np.array([3, 1, 3]))   // [1, 3]
 */
export const uniqueValues: typeof unique = unique
