/**
 * What a parameter means, and the check of it: one vocabulary of sizes, rates, axes, names for the whole public surface.
 * A value that does not fit is refused at the boundary, with the function, the parameter, what was given and what is wanted.
 */
import { describe, isRecord, quoted } from './describe.js'
import type { DType } from './dtype.js'
import { dtypes, isDType } from './dtype.js'
import type { ErrorClass } from './errors.js'
import { DTypeError, fail, ValueError } from './errors.js'
import { isTensor } from './tensor.js'

/** What a parameter accepts. */
export interface Meaning {
  /** As the end of "must be ...". */
  readonly says: string
  readonly accepts: (x: unknown) => boolean
  /** The way out. */
  readonly fix: string
  /** What is thrown; ValueError unless said. */
  readonly error?: ErrorClass
}

const meaning = (says: string, fix: string, accepts: (x: unknown) => boolean): Meaning => ({ says, accepts, fix })

const isNumber = (x: unknown): x is number => typeof x === 'number'
const isWhole = (x: unknown): x is number => Number.isSafeInteger(x)

const round = 'Math.floor or Math.round of a fraction, Number(text) of a text'

/** A whole number of any sign. */
export const whole = meaning('a whole number', round, isWhole)
/** How many: a whole number from 0. */
export const count = meaning('a whole number from 0', round, (x) => isWhole(x) && x >= 0)
/** A whole number from 1: sizes of layers and windows, strides, periods. */
export const positiveWhole = meaning('a whole number from 1', round, (x) => isWhole(x) && x >= 1)
/** A whole number in `[low, high]`. */
export const wholeWithin = (low: number, high: number): Meaning =>
  meaning(`a whole number from ${low} to ${high}`, round, (x) => isWhole(x) && x >= low && x <= high)
/** Any number, NaN and infinities included: a value that becomes an element. */
export const number = meaning('a number', 'Number(text) of a text, x.item() of a tensor', isNumber)
/** A number that is neither NaN nor infinite. */
export const finite = meaning('a finite number', 'a number that is neither NaN nor infinite', (x) => Number.isFinite(x))
/** Above 0, perhaps infinite. */
export const positive = meaning('a number above 0', 'a positive number', (x) => isNumber(x) && x > 0)
/** From 0, perhaps infinite. */
export const nonNegative = meaning('a number from 0', 'a number that is not negative', (x) => isNumber(x) && x >= 0)
/** From 0 to 1, both included. */
export const probability = meaning('a number from 0 to 1', '0.5 for one half', (x) => isNumber(x) && x >= 0 && x <= 1)
/** From 0 to below 1: how much of a running average stays at every step. */
export const decay = meaning('a number from 0 to below 1', '0.9 keeps nine tenths', (x) => isNumber(x) && x >= 0 && x < 1)
/** A number in `[low, high]`. */
export const within = (low: number, high: number): Meaning =>
  meaning(`a number from ${low} to ${high}`, `${low} and ${high} included`, (x) => isNumber(x) && x >= low && x <= high)
/** `true` or `false`. */
export const flag = meaning('true or false', 'a boolean; Boolean(x) of another value', (x) => typeof x === 'boolean')
/** A text. */
export const text = meaning('a text', 'String(x)', (x) => typeof x === 'string')
/** True for what returns a Promise or an iterator, whatever it is called with. */
const isDeferred = (x: unknown): boolean => /^\[object (Async|Generator)/.test(Object.prototype.toString.call(x))

/** A function that is traced: it returns tensors, and neither waits nor yields. */
export const traceable = meaning(
  'a function that returns at once',
  '(x) => ... of tensors; what must be waited for is awaited before the call',
  (x) => typeof x === 'function' && !isDeferred(x),
)
/** A function. */
export const callable = meaning('a function', '(x) => ... of the arguments', (x) => typeof x === 'function')
/** The name of a dtype. */
export const dtype: Meaning = { ...meaning('the name of a dtype', Object.keys(dtypes).join(', '), isDType), error: DTypeError }
/** A tensor, or a number or boolean in its place. */
export const tensorLike = meaning(
  'a tensor, a number or a boolean',
  'np.array(...) makes a tensor of numbers, nested lists and typed arrays',
  (x) => isTensor(x) || isNumber(x) || typeof x === 'boolean',
)
/** A tensor. */
export const tensor = meaning('a tensor', tensorLike.fix, isTensor)
/** A number that is neither NaN nor infinite, or a scalar tensor. */
export const scalar = meaning(
  'a finite number or a scalar tensor',
  'x.item() of a tensor of one element',
  (x) => Number.isFinite(x) || (isTensor(x) && x.ndim === 0),
)
/** A number from 0, perhaps infinite, or a scalar tensor. */
export const nonNegativeScalar = meaning(
  'a number from 0 or a scalar tensor',
  'a number that is not negative',
  (x) => (isNumber(x) && x >= 0) || (isTensor(x) && x.ndim === 0),
)
/** One axis, by its position; counted from the end when negative. Which numbers are in range, `normaliseAxis` says of the array. */
export const axis = meaning('an axis: a whole number', 'its position; negative ones count from the end', isNumber)
/** One axis, or `null` for the flattened array. */
export const axisOrFlat = meaning('an axis (a whole number) or null', axis.fix, (x) => x === null || isNumber(x))
/** One axis, several, or `null` for all. */
export const axes = meaning(
  'an axis, a list of axes or null',
  axis.fix,
  (x) => x === null || isNumber(x) || (Array.isArray(x) && x.every(isNumber)),
)
/** Bytes, of this realm or another. */
export const bytes = meaning(
  'bytes (a Uint8Array)',
  'new Uint8Array(buffer)',
  (x) => Object.prototype.toString.call(x) === '[object Uint8Array]',
)
/** A plain record. */
export const record = meaning('a plain record', '{ name: value }', isRecord)
/** A list of anything: its entries are checked where they are used. */
export const list = meaning('a list', '[x, y]', Array.isArray)
/** Anything: checked where it is used. */
export const anything = meaning('anything', '', () => true)

/** One of some texts (or numbers, or null). */
export const oneOf = (...names: readonly unknown[]): Meaning =>
  meaning(names.length === 1 ? quoted(names[0]) : `one of ${names.map(quoted).join(', ')}`, names.map(quoted).join(' or '), (x) =>
    names.includes(x),
  )

/** What one of the meanings accepts. */
export const either = (...meanings: readonly Meaning[]): Meaning =>
  meaning(meanings.map((m) => m.says).join(', or '), meanings[0]!.fix, (x) => meanings.some((m) => m.accepts(x)))

/** A list of what `of` accepts; of `length` entries when that is given. */
export const listOf = (of: Meaning, length?: number): Meaning =>
  meaning(
    `a list${length === undefined ? '' : ` of ${length}`}, each entry ${of.says}`,
    of.fix,
    (x) => Array.isArray(x) && (length === undefined || x.length === length) && x.every((v) => of.accepts(v)),
  )

/** One for all axes, or a list with one for each. */
export const perAxis = (of: Meaning): Meaning => either(of, listOf(of))

/** Throws for `value` of the parameter `parameter` of the function `name`. @throws ValueError */
export const refuse = (name: string, parameter: string, wanted: Meaning, value: unknown): never =>
  fail(
    wanted.error ?? ValueError,
    `${name}: ${parameter} must be ${wanted.says}, got ${describe(value)}`,
    wanted.fix === '' ? {} : { fix: wanted.fix },
  )

/**
 * `value`, when it is what the parameter means.
 *
 * @throws ValueError naming the function, the parameter and what is wanted.
 */
export const check = <T>(name: string, parameter: string, wanted: Meaning, value: T): T =>
  wanted.accepts(value) ? value : refuse(name, parameter, wanted, value)

/** The dtype, checked. @throws DTypeError */
export const checkDType = (name: string, value: unknown): DType => check(name, 'dtype', dtype, value as DType)
