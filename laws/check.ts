/** Arguments of laws, checked as all public functions check theirs; made of the public entry alone, as everything here. */
import { dtypes, fail, isTensor, ValueError } from '../src/index.js'
import { showAval } from '../src/extend.js'

/** What a parameter accepts. */
export interface Meaning {
  /** As the end of "must be ...". */
  readonly says: string
  readonly accepts: (x: unknown) => boolean
  /** The way out. */
  readonly fix: string
}

const meaning = (says: string, fix: string, accepts: (x: unknown) => boolean): Meaning => ({ says, accepts, fix })

const isNumber = (x: unknown): x is number => typeof x === 'number'
const isWhole = (x: unknown): x is number => Number.isSafeInteger(x)
const isObject = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null

const round = 'Math.floor or Math.round of a fraction'

/** A whole number of any sign. */
export const whole = meaning('a whole number', round, isWhole)
/** A whole number from 0. */
export const count = meaning('a whole number from 0', round, (x) => isWhole(x) && x >= 0)
/** A whole number from 1: of 0 runs nothing would be checked, in silence. */
export const positiveWhole = meaning('a whole number from 1', round, (x) => isWhole(x) && x >= 1)
/** Any number, NaN and infinities included. */
export const number = meaning('a number', 'Number(text) of a text, x.item() of a tensor', isNumber)
/** A number that is neither NaN nor infinite. */
export const finite = meaning('a finite number', 'a number that is neither NaN nor infinite', Number.isFinite)
/** What can be added to eighths so that they stay apart. */
export const offset = meaning(
  'a number from -1048576 to 1048576',
  'a shift small enough to keep eighths apart',
  (x) => isNumber(x) && Math.abs(x) <= 2 ** 20,
)
/** A number above 0 that is not infinite. */
export const positive = meaning('a number above 0', 'a positive number', (x) => isNumber(x) && x > 0 && x < Infinity)
/** A number from 0 that is not infinite. */
export const nonNegative = meaning('a number from 0', 'a number that is not negative', (x) => isNumber(x) && x >= 0 && x < Infinity)
/** `true` or `false`. */
export const flag = meaning('true or false', 'a boolean', (x) => typeof x === 'boolean')
/** A text. */
export const text = meaning('a text', 'String(x)', (x) => typeof x === 'string')
/** A function. */
export const callable = meaning('a function', '(x) => ...', (x) => typeof x === 'function')
/** A tensor. */
export const tensor = meaning('a tensor', 'np.array(...)', isTensor)
/** The name of a dtype. */
export const dtype = meaning(
  'the name of a dtype',
  Object.keys(dtypes).join(', '),
  (x) => typeof x === 'string' && Object.hasOwn(dtypes, x),
)
/** What fast-check draws from. */
export const arbitrary = meaning(
  'an arbitrary of fast-check',
  'tensor([3]), fc.integer(), or another arbitrary',
  (x) => isObject(x) && typeof x['generate'] === 'function' && typeof x['shrink'] === 'function',
)
/** A plain record. */
export const record = meaning(
  'a plain record',
  '{ name: value }',
  (x) => isObject(x) && !Array.isArray(x) && [Object.prototype, null].includes(Object.getPrototypeOf(x) as object | null),
)
/** What can be iterated over. */
export const iterable = meaning(
  'an iterable',
  'data.batches(...), or a list',
  (x) => isObject(x) && typeof x[Symbol.iterator as never] === 'function',
)
/** A list, each entry of which is what `of` accepts. */
export const listOf = (of: Meaning): Meaning =>
  meaning(`a list, each entry ${of.says}`, of.fix, (x) => Array.isArray(x) && x.every((v) => of.accepts(v)))
/** A list of anything: its entries are checked where they are used. */
export const list = meaning('a list', '[x, y]', Array.isArray)
/** Sizes of axes. */
export const shape = listOf(count)
/** What `of` accepts, or null. */
export const orNull = (of: Meaning): Meaning => meaning(`${of.says}, or null`, of.fix, (x) => x === null || of.accepts(x))
/** A record, or an instance, with these functions. */
export const having = (says: string, fix: string, ...functions: readonly string[]): Meaning =>
  meaning(says, fix, (x) => isObject(x) && functions.every((name) => typeof x[name] === 'function'))

/** A gradient transformation. */
export const transformation = having('a gradient transformation', 'optim.adam(1e-3)', 'init', 'update')

const describe = (x: unknown): string => {
  if (typeof x === 'string') return `the string '${x.slice(0, 40)}'`
  if (typeof x === 'function' || typeof x === 'symbol') return `a ${typeof x}`
  if (isTensor(x)) return `a tensor ${showAval(x.aval)}`
  if (Array.isArray(x)) return x.every((v) => !isObject(v)) && x.length < 7 ? `[${x.map(describe).join(', ')}]` : `a list of ${x.length}`
  if (!isObject(x)) return String(x)
  return record.accepts(x) ? `a record of ${Object.keys(x).slice(0, 4).join(', ')}` : `an instance of ${x.constructor?.name ?? 'a class'}`
}

const refuse = (name: string, parameter: string, { says, fix }: Meaning, value: unknown): never =>
  fail(ValueError, `${name}: ${parameter} must be ${says}, got ${describe(value)}`, { fix })

/** `value`, when it is what the parameter means. @throws ValueError naming function, parameter and what is wanted. */
export const check = <T>(name: string, parameter: string, wanted: Meaning, value: T): T =>
  wanted.accepts(value) ? value : refuse(name, parameter, wanted, value)

/** `check` for every parameter: `checkAll('list', { of: [arbitrary, of], n: [count, n] })`. */
export const checkAll = (name: string, given: Readonly<Record<string, readonly [Meaning, unknown]>>): void => {
  for (const [parameter, [wanted, value]] of Object.entries(given)) check(name, parameter, wanted, value)
}

/** What every option of `O` means; one that is forgotten is a type error. */
export type Meanings<O> = { readonly [K in keyof O]-?: Meaning }

/**
 * The check of options of type `O`: a check that leaves out what it was asked for would pass in silence.
 *
 * @throws ValueError (the check) for a name that is none of them, a value that does not fit its meaning, and what is no plain record.
 */
export const optionsOf =
  <O extends object>(meanings: Meanings<O>) =>
  (name: string, given: O | undefined): O => {
    if (given === undefined) return {} as O
    const known = Object.keys(meanings)
    check(name, 'options', { ...record, says: 'a plain record', fix: `{ ${known.join(', ')} }` }, given)
    for (const [option, value] of Object.entries(given)) {
      if (!Object.hasOwn(meanings, option))
        fail(ValueError, `${name}: there is no option '${option}'`, { fix: `its options are ${known.join(', ')}` })
      if (value !== undefined) check(name, option, meanings[option as keyof O], value)
    }
    // What is undefined is left out: it is not to hide a default under it.
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as O
  }
