/** The element types, their storage, and JAX's promotion lattice over them. */

/** Name of an element type. */
export type DType = 'bool' | 'int32' | 'uint32' | 'float32' | 'float64'

/** Storage of one tensor's elements in host memory; `bool` is one byte per element, 0 or 1. */
export type TypedArray = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array

/**
 * What the library knows about a dtype. A new dtype is a row here and in `joins`; the compiler names every other table that lacks it,
 * and nothing outside this file, the backends and `io` asks for a dtype by its name.
 */
export interface Traits {
  /** Size of one element in host memory. */
  readonly bytes: number
  readonly kind: 'bool' | 'signed' | 'unsigned' | 'float'
  /** The dtype that sums and products of the elements accumulate in, and have. */
  readonly wide: DType
  /** The least and the largest element. */
  readonly min: number
  readonly max: number
  readonly make: (n: number) => TypedArray
  readonly from: (values: ArrayLike<number>) => TypedArray
}

/** The traits of every dtype. */
export const dtypes: Readonly<Record<DType, Traits>> = {
  bool: {
    bytes: 1,
    kind: 'bool',
    wide: 'int32',
    min: 0,
    max: 1,
    make: (n) => new Uint8Array(n),
    from: (v) => Uint8Array.from(v, (x) => (x !== 0 ? 1 : 0)),
  },
  uint32: {
    bytes: 4,
    kind: 'unsigned',
    wide: 'uint32',
    min: 0,
    max: 2 ** 32 - 1,
    make: (n) => new Uint32Array(n),
    from: (v) => Uint32Array.from(v),
  },
  int32: {
    bytes: 4,
    kind: 'signed',
    wide: 'int32',
    min: -(2 ** 31),
    max: 2 ** 31 - 1,
    make: (n) => new Int32Array(n),
    from: (v) => Int32Array.from(v),
  },
  float32: {
    bytes: 4,
    kind: 'float',
    wide: 'float32',
    min: -Infinity,
    max: Infinity,
    make: (n) => new Float32Array(n),
    from: (v) => Float32Array.from(v),
  },
  float64: {
    bytes: 8,
    kind: 'float',
    wide: 'float64',
    min: -Infinity,
    max: Infinity,
    make: (n) => new Float64Array(n),
    from: (v) => Float64Array.from(v),
  },
}

/**
 * The least dtype that stands above both, for every pair: a lattice, as JAX's. `int32` with `uint32` is `int32`, as in JAX without
 * 64-bit integers.
 */
export const joins: Readonly<Record<DType, Readonly<Record<DType, DType>>>> = {
  bool: { bool: 'bool', uint32: 'uint32', int32: 'int32', float32: 'float32', float64: 'float64' },
  uint32: { bool: 'uint32', uint32: 'uint32', int32: 'int32', float32: 'float32', float64: 'float64' },
  int32: { bool: 'int32', uint32: 'int32', int32: 'int32', float32: 'float32', float64: 'float64' },
  float32: { bool: 'float32', uint32: 'float32', int32: 'float32', float32: 'float32', float64: 'float64' },
  float64: { bool: 'float64', uint32: 'float64', int32: 'float64', float32: 'float64', float64: 'float64' },
}

// The predicates below compare names: eager operations ask them every time, and to look a row up costs more. A test holds them to the kinds
// in the table.

/**
 * True for the dtypes whose elements stand for numbers in between, rounded: they carry derivatives, hold fractions and NaN, and are what a
 * mean or a logarithm is made in. Today these are `float32` and `float64`; complex numbers would be inexact too.
 *
 * @example
 * isInexact('float32')   // true
 */
export const isInexact = (d: DType): boolean => d === 'float32' || d === 'float64'

/**
 * True for the dtypes of ordinary floating-point arithmetic: one number per element, with a sign and an order. Today these are
 * `float32` and `float64`, the same as the inexact ones; complex numbers would not be real.
 *
 * @example
 * isReal('float32')   // true
 * isReal('int32')     // false
 */
export const isReal = (d: DType): boolean => d === 'float32' || d === 'float64'

/** True for `int32` and `uint32`. */
export const isInteger = (d: DType): boolean => d === 'int32' || d === 'uint32'

/** True for the integers without negative ones: `uint32`. */
export const isUnsigned = (d: DType): boolean => d === 'uint32'

/** True for real dtypes with all the bits of JavaScript's numbers, whose formulas need more terms and other limits: `float64`. */
export const isDouble = (d: DType): boolean => d === 'float64'

/** True for `bool`, whose elements are truths and no numbers. */
export const isBool = (d: DType): boolean => d === 'bool'

/** The dtype that positions on axes have. */
export const indexType: DType = 'int32'

/** The dtype of random words, and of the keys that they are hashed from. */
export const wordType: DType = 'uint32'

/** The dtypes that have a property, for people: `float32 or float64`. */
export const phrase = (has: (d: DType) => boolean): string =>
  (Object.keys(dtypes) as DType[])
    .filter(has)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' or ')

/**
 * The element of `dtype` that a number becomes: of integers its whole part, as NumPy cuts fractions off, and of bool 1 unless it is
 * 0. `undefined` for a number that an integer dtype cannot hold (NaN, infinities, what is below `min` or above `max`): it is never
 * wrapped around.
 */
export const elementOf = (value: number, dtype: DType): number | undefined => {
  if (isInexact(dtype)) return value
  if (isBool(dtype)) return value === 0 ? 0 : 1
  const whole = Math.trunc(value)
  return whole >= dtypes[dtype].min && whole <= dtypes[dtype].max ? whole : undefined
}

/** True when `name` names a dtype. */
export const isDType = (name: unknown): name is DType => typeof name === 'string' && Object.hasOwn(dtypes, name)

/** What the elements of each kind of typed array become. */
const counterparts: Readonly<Record<string, DType>> = {
  Float16Array: 'float32',
  Float32Array: 'float32',
  Float64Array: 'float64',
  Int8Array: 'int32',
  Int16Array: 'int32',
  Int32Array: 'int32',
  Uint8Array: 'int32',
  Uint8ClampedArray: 'int32',
  Uint16Array: 'int32',
  Uint32Array: 'uint32',
}

const tag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!

/**
 * `Float32Array` and the like, by the mark that every typed array has; `undefined` for other objects. Unlike `instanceof` it holds for
 * arrays of another realm: of a frame, of jsdom, of a `vm` context.
 */
export const arrayKind = (a: unknown): string | undefined => tag.call(a) as string | undefined

/** The dtype a typed array's elements naturally have; `undefined` for arrays without a counterpart. */
export const dtypeOfArray = (a: ArrayBufferView): DType | undefined => counterparts[arrayKind(a) ?? '']

/** A dtype together with its weakness, as promotion sees it. */
export interface Kind {
  readonly dtype: DType
  readonly weak: boolean
}

/** Of two kinds, a weak one of the same category or a lower one yields to the other. */
const category: Readonly<Record<Traits['kind'], number>> = { bool: 0, signed: 1, unsigned: 1, float: 2 }
const categoryOf = (d: DType): number => category[dtypes[d].kind]

/**
 * JAX's promotion of two kinds. A weak scalar (a JavaScript number) yields to the other operand
 * when both are of one category (`float32 * 2` is `float32`); otherwise the higher category wins.
 * `int32` with `uint32` is `int32`, as in JAX without 64-bit integers.
 */
export const promote = (a: Kind, b: Kind): Kind => {
  if (a.dtype === b.dtype) return a.weak === b.weak ? a : { dtype: a.dtype, weak: false }
  if (a.weak !== b.weak) {
    const [weak, strong] = a.weak ? [a, b] : [b, a]
    if (categoryOf(weak.dtype) <= categoryOf(strong.dtype)) return strong
    return { dtype: weak.dtype, weak: true }
  }
  return { dtype: joins[a.dtype][b.dtype], weak: a.weak }
}
