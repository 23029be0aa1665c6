/** What a caller may hand over by mistake: a value of every kind, and the type that TypeScript gives it. */
import { np } from 'adjoint'
import type { Tensor } from 'adjoint'

/** An instance of a class that no function of the library knows. */
export class Stranger {
  readonly field = 1
}

/** The types, for the judge: what a parameter's type admits may be accepted. */
export interface Kinds {
  readonly undefined: undefined
  readonly null: null
  readonly string: 'nonsense'
  readonly Promise: Promise<Tensor>
  readonly instance: Stranger
  readonly symbol: symbol
  readonly function: (x: Tensor) => Tensor
  readonly boolean: boolean
  readonly number: number
  readonly tensor: Tensor
  readonly ragged: readonly (number | readonly number[])[]
  readonly record: { readonly nonsense: number }
}

export type Kind = keyof Kinds

/** A mistake: its name, the kind of its type, and a fresh value. */
export interface Mistake {
  readonly name: string
  readonly kind: Kind
  readonly make: () => unknown
}

/** Mistakes that are possible wherever something is handed over. */
export const mistakes: readonly Mistake[] = [
  { name: 'undefined', kind: 'undefined', make: () => undefined },
  { name: 'null', kind: 'null', make: () => null },
  { name: "'nonsense'", kind: 'string', make: () => 'nonsense' },
  { name: 'a Promise', kind: 'Promise', make: () => Promise.resolve(np.ones([2])) },
  { name: 'an instance', kind: 'instance', make: () => new Stranger() },
  { name: 'a symbol', kind: 'symbol', make: () => Symbol('nonsense') },
  { name: 'a ragged list', kind: 'ragged', make: () => [[1, 2], [3], 4] },
  { name: 'NaN', kind: 'number', make: () => NaN },
  { name: '-1', kind: 'number', make: () => -1 },
  { name: '1.5', kind: 'number', make: () => 1.5 },
  { name: '1e300', kind: 'number', make: () => 1e300 },
  { name: 'Infinity', kind: 'number', make: () => Infinity },
  { name: 'a record', kind: 'record', make: () => ({ nonsense: 1 }) },
]
