/** The element types, their storage, and JAX's promotion lattice over them. */

/** Name of an element type. */
export type DType = 'bool' | 'int32' | 'uint32' | 'float32' | 'float64'

/** Storage of one tensor's elements in host memory; `bool` is one byte per element, 0 or 1. */
export type TypedArray = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array

/** Everything the library knows about a dtype. */
interface Traits {
  readonly bytes: number
  readonly rank: number
  /** The least and the largest element. */
  readonly min: number
  readonly max: number
  readonly make: (n: number) => TypedArray
  readonly from: (values: ArrayLike<number>) => TypedArray
}

/** Every dtype in promotion order. */
export const dtypes: Readonly<Record<DType, Traits>> = {
  bool: {
    bytes: 1,
    rank: 0,
    min: 0,
    max: 1,
    make: (n) => new Uint8Array(n),
    from: (v) => Uint8Array.from(v, (x) => (x !== 0 ? 1 : 0)),
  },
  uint32: { bytes: 4, rank: 1, min: 0, max: 2 ** 32 - 1, make: (n) => new Uint32Array(n), from: (v) => Uint32Array.from(v) },
  int32: { bytes: 4, rank: 2, min: -(2 ** 31), max: 2 ** 31 - 1, make: (n) => new Int32Array(n), from: (v) => Int32Array.from(v) },
  float32: { bytes: 4, rank: 3, min: -Infinity, max: Infinity, make: (n) => new Float32Array(n), from: (v) => Float32Array.from(v) },
  float64: { bytes: 8, rank: 4, min: -Infinity, max: Infinity, make: (n) => new Float64Array(n), from: (v) => Float64Array.from(v) },
}

/** True for `float32` and `float64`: the types that carry derivatives. */
export const isFloat = (d: DType): boolean => d === 'float32' || d === 'float64'

/** True for `int32` and `uint32`. */
export const isInteger = (d: DType): boolean => d === 'int32' || d === 'uint32'

/**
 * The element of `dtype` that a number becomes: of integers its whole part, as NumPy cuts fractions off, and of bool 1 unless it is
 * 0. `undefined` for a number that an integer dtype cannot hold (NaN, infinities, what is below `min` or above `max`): it is never
 * wrapped around.
 */
export const elementOf = (value: number, dtype: DType): number | undefined => {
  if (isFloat(dtype)) return value
  if (dtype === 'bool') return value === 0 ? 0 : 1
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

const category = (d: DType): number => (d === 'bool' ? 0 : isInteger(d) ? 1 : 2)

/**
 * JAX's promotion of two kinds. A weak scalar (a JavaScript number) yields to the other operand
 * when both are of one category (`float32 * 2` is `float32`); otherwise the higher category wins.
 * `int32` with `uint32` is `int32`, as in JAX without 64-bit integers.
 */
export const promote = (a: Kind, b: Kind): Kind => {
  if (a.dtype === b.dtype) return a.weak === b.weak ? a : { dtype: a.dtype, weak: false }
  if (a.weak !== b.weak) {
    const [weak, strong] = a.weak ? [a, b] : [b, a]
    if (category(weak.dtype) <= category(strong.dtype)) return strong
    return { dtype: weak.dtype, weak: true }
  }
  const dtype = dtypes[a.dtype].rank >= dtypes[b.dtype].rank ? a.dtype : b.dtype
  return { dtype, weak: a.weak }
}
