/** Options objects, checked against the names that a function has: what it does not know is refused, not ignored. */
import type { Axis } from './axis.js'
import { called } from './called.js'
import type { Meaning } from './check.js'
import { refuse } from './check.js'
import { describe, isRecord } from './describe.js'
import { fail, ValueError } from './errors.js'

/** What every option of `O` means; one that is forgotten is a type error. */
export type Meanings<O> = { readonly [K in keyof O]-?: Meaning }

/** The meanings of both. A call, because bundlers keep a spread that nothing uses. */
export const meaningsOf = <A, B>(a: A, b: B): A & B => ({ ...a, ...b })

/** The options that a function was given, checked. */
export type OptionsOf<O> = (name: string, given: O | undefined) => O

/** Edits that turn one text into another: one letter more, less or other. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}

const nearest = (key: string, known: readonly string[]): string | undefined => {
  const lower = key.toLowerCase()
  const near = known
    .map((k) => ({ k, d: distance(lower, k.toLowerCase()) }))
    .sort((a, b) => a.d - b.d)
    .find(({ k, d }) => d <= Math.max(2, k.length / 3) || lower.startsWith(k.toLowerCase()) || k.toLowerCase().startsWith(lower))
  return near?.k
}

const unknown = (name: string, key: string, known: readonly string[]): never => {
  const meant = nearest(key, known)
  return fail(ValueError, `${name}: there is no option '${key}'${meant === undefined ? '' : `; did you mean '${meant}'?`}`, {
    fix: known.length === 0 ? 'no options' : `its options are ${known.join(', ')}`,
  })
}

const notOptions = (name: string, given: unknown, known: readonly string[], positional: string | undefined): never =>
  fail(ValueError, `${name}: options must be a plain record, got ${describe(given)}`, {
    fix: `{ ${known.join(', ')} }${positional === undefined ? '' : `; a number or a list of numbers stands for ${positional}`}`,
  })

/** The options that are left out. */
const none = Object.freeze({})

const isNumber = (x: unknown): boolean => typeof x === 'number' || x === null

/** A number, or lists of numbers. */
const isNumbers = (x: unknown): boolean => isNumber(x) || (Array.isArray(x) && x.every(isNumbers))

const checked = (
  meanings: Readonly<Record<string, Meaning>>,
  positional: string | undefined,
): ((name: string, given: unknown) => Readonly<Record<string, unknown>>) => {
  const known = Object.keys(meanings)
  return (name, given) => {
    if (given === undefined) return none
    const record = positional !== undefined && isNumbers(given) ? { [positional]: given } : given
    if (!isRecord(record)) return notOptions(name, given, known, positional)
    for (const key of Object.keys(record)) {
      if (!Object.hasOwn(meanings, key)) unknown(name, key, known)
      const value = record[key]
      // An option that is undefined is one that is left out, as everywhere in JavaScript.
      if (value !== undefined && !meanings[key]!.accepts(value)) refuse(name, key, meanings[key]!, value)
    }
    return record
  }
}

/**
 * The check of options of type `O`: `const moments = optionsOf<MomentOptions>({ b1: decay, b2: decay })`, and in the function
 * `const { b1 = 0.9, b2 = 0.999 } = moments('scaleByAdam', options)`.
 *
 * @throws ValueError (the check) for a name that is none of them, a value that does not fit its meaning, and what is no plain record.
 */
export const optionsOf = <O extends object>(meanings: Meanings<O>): OptionsOf<O> => checked(meanings, undefined) as OptionsOf<O>

/**
 * As `optionsOf`, for records in which some options must be there: `const stairs = recordOf<StepOptions>({ ... }, ['initValue', 'steps'])`.
 *
 * @throws ValueError (the check) as `optionsOf`, and for an option that is missing.
 */
export const recordOf = <O extends object>(
  meanings: Meanings<O>,
  needed: readonly (keyof O & string)[],
): ((name: string, given: O) => O) => {
  const options = checked(meanings, undefined) as (name: string, given: unknown) => O
  return (name, given) => {
    if (given === undefined) return notOptions(name, given, Object.keys(meanings), undefined)
    const record = options(name, given)
    const missing = needed.find((key) => record[key] === undefined)
    return missing === undefined ? record : refuse(name, missing, meanings[missing], undefined)
  }
}

/** As `optionsOf`, where a number, a list of numbers or null in the place of the options stands for the option `positional`. */
export const optionsOrNumbers = <O extends object, P extends keyof O & string>(
  meanings: Meanings<O>,
  positional: P,
): ((name: string, given: O | O[P] | undefined) => O) => checked(meanings, positional) as (name: string, given: O | O[P] | undefined) => O

/** The numbers that may stand in the place of options of type `O`: values of its option `P`. */
export type NumbersOf<O, P extends keyof O> = Exclude<O[P], undefined>

/**
 * `f(x, options)` whose options are checked, and where a number or a list of numbers stands for the option `positional`, as where NumPy
 * has it in that place: `np.tril(x, 1)`. More than two arguments are refused: in `xs.map(np.sum)` the position of an element would be
 * taken for an axis.
 */
export const withNumbers = <X, O extends object, P extends keyof O & string, R>(
  name: string,
  meanings: Meanings<O>,
  positional: P,
  f: (x: X, options: O) => R,
): ((x: X, options?: O | NumbersOf<O, P>) => R) => {
  const options = checked(meanings, positional) as (name: string, given: unknown) => O
  return called(name, function (x: X, given?: O | NumbersOf<O, P>): R {
    if (arguments.length > 2)
      fail(ValueError, `${name}: takes x and options, got ${arguments.length} arguments`, {
        fix: `xs.map((x) => ${name}(x)) in a map, which adds the position; { ${positional} } and others as one record`,
      })
    return f(x, options(name, given))
  })
}

/** As `withNumbers`, for functions that work along an axis: `np.sum(x, 0)` is `np.sum(x, { axis: 0 })`. */
export const alongAxis = <X, O extends { readonly axis?: Axis }, R>(
  name: string,
  meanings: Meanings<O>,
  f: (x: X, options: O) => R,
): ((x: X, options?: O | NumbersOf<O, 'axis'>) => R) => withNumbers(name, meanings, 'axis', f)
