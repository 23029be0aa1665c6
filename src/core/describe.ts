/** Any value in the words of an error message: what the caller gave. */
import type { Aval } from './aval.js'
import { showAval } from './showAval.js'

const article = (noun: string): string => `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`

const isPlain = (x: object): boolean => {
  const proto = Object.getPrototypeOf(x) as object | null
  return proto === null || Object.getPrototypeOf(proto) === null
}

/** A text in quotes, the beginning of a long one; other values as `describe` says them. */
export const quoted = (x: unknown): string => (typeof x === 'string' ? `'${x.length > 40 ? `${x.slice(0, 40)}...` : x}'` : describe(x))

const list = (x: readonly unknown[]): string => {
  const short = x.length <= 6 && x.every((v) => typeof v !== 'object' || v === null)
  return short ? `[${x.map(quoted).join(', ')}]` : `an array of ${x.length}`
}

/** `undefined`, `the string 'text'`, `a Float32Array`, `a Promise`, `an instance of Model`, `a tensor float32[2,3]`, ... */
export const describe = (x: unknown): string => {
  switch (typeof x) {
    case 'string':
      return `the string ${quoted(x)}`
    case 'bigint':
      return `the bigint ${x}n`
    case 'symbol':
      return 'a symbol'
    case 'function':
      return x.name === '' ? 'a function' : `the function ${x.name}`
    case 'object':
      break
    default:
      return String(x)
  }
  if (x === null) return 'null'
  if (Array.isArray(x)) return list(x)
  if (ArrayBuffer.isView(x)) return article(x.constructor.name)
  const { aval, then } = x as { readonly aval?: Aval; readonly then?: unknown }
  if (typeof aval === 'object' && Array.isArray(aval.shape)) return `a tensor ${showAval(aval)}`
  if (typeof then === 'function') return 'a Promise'
  if (!isPlain(x)) return `an instance of ${x.constructor?.name || 'a class'}`
  const keys = Object.keys(x)
  return keys.length === 0 ? 'an empty record' : `a record of ${keys.slice(0, 4).join(', ')}${keys.length > 4 ? ', ...' : ''}`
}

/** True for a plain record, of this realm or another; false for arrays, tensors, Promises and instances of classes. */
export const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x) && !ArrayBuffer.isView(x) && isPlain(x)
