/** The immutable value that users hold: an aval, and either elements or a place in a trace. */
import type { Aval, Form } from './aval.js'
import { aval } from './aval.js'
import type { DType, TypedArray } from './dtype.js'
import { dtypes, isBool } from './dtype.js'
import { DonatedError, fail, TraceError, ValueError } from './errors.js'
import { formatTensor } from './format.js'
import type { Shape } from './shape.js'
import { showAval } from './showAval.js'

const brand = Symbol.for('adjoint/tensor')
/** The buffer of a concrete value, or what the owner of a traced one keeps; `null` after donation. For the library alone. */
export const buffer = Symbol.for('adjoint/tensor/buffer')
/** Forgets the buffer, which a jitted function may overwrite. For the library alone. */
export const donate = Symbol.for('adjoint/tensor/donate')

/** Where a concrete tensor's buffer lives when it is not plain host memory. */
export interface Memory {
  readonly name: string
  /** `get` answers at once. */
  readonly host: boolean
  /** The elements of a buffer, row-major. */
  get(buffer: unknown, aval: Aval): TypedArray | Promise<TypedArray>
}

/** The interpreter that made a traced value. */
export interface Owner {
  /** The transform, as a user knows it: `grad`, `vmap`, `jit`. */
  readonly name: string
  /** The value one level out, for interpreters that compute as they trace (`grad`, `jvp`). */
  readonly primal?: (t: Tensor) => Tensor
}

/** What testing libraries find where the elements of a traced value would be: any look at it throws, instead of passing or failing by accident. */
const untold = (): object =>
  new Proxy(
    {},
    Object.fromEntries(
      ['get', 'has', 'ownKeys', 'getOwnPropertyDescriptor', 'getPrototypeOf'].map((trap) => [
        trap,
        () =>
          fail(TraceError, 'a tensor that a transform traces has no elements to compare', {
            fix: 'return it from the transformed function and compare the result; x.item() or x.toArray() where grad or jvp knows its value',
          }),
      ]),
    ),
  )

/** Handed out in turn, because some libraries do not look at what is identical; one for each value would slow recording down. */
const traced = Array.from({ length: 64 }, untold)
let turn = 0

/** The elements of a value that is not in host memory, for testing libraries, read when they are looked at. */
const readable: PropertyDescriptor = {
  get(this: Tensor) {
    return this.owner === null && this[buffer] !== null ? elements(this, 'comparing') : null
  },
  enumerable: true,
}

/** Elements as nested JavaScript arrays; a scalar is a number or boolean. */
export type Nested = number | boolean | readonly Nested[]

/** A tensor as plain data, which can be cloned, posted and stored. */
export interface TensorData {
  readonly dtype: DType
  readonly shape: Shape
  /** Whether it yields to the dtype it meets, as a JavaScript number does. */
  readonly weak: boolean
  /** The elements in row-major order; bool is a Uint8Array of 0 and 1. */
  readonly data: TypedArray
}

/**
 * An immutable n-dimensional array. Made by `np.array` and the other constructors, never mutated:
 * data handed in is copied, data handed out is the caller's.
 *
 * @example
 * const x = np.array([[1, 2], [3, 4]])
 * x.shape      // [2, 2]
 * x.toArray()  // [[1, 2], [3, 4]]
 */
export class Tensor {
  // Two enumerable fields are what vitest, Jest, node:assert and others compare. The library reads neither. They are declared, not
  // defined, and set after all others: an accessor that replaces a field, or that comes before the private ones, makes the engine
  // keep the tensor as a table of names, and after one such every access to any tensor is slow (an eager sum of 8 elements took
  // 0.34 us instead of 0.12 on Node 20).
  /** @internal Shape and dtype; refuses to be cloned. */
  declare readonly '[[form]]': Form
  /** @internal The elements. */
  declare readonly '[[elements]]': unknown
  readonly #aval: Aval
  readonly #owner: Owner | null
  readonly #memory: Memory | null
  #buffer: unknown

  /** @internal */
  constructor(a: Aval, owner: Owner | null, data: unknown, memory: Memory | null) {
    this.#aval = a
    this.#owner = owner
    this.#memory = memory
    this.#buffer = data
    this['[[form]]'] = a.form
    if (memory === null) this['[[elements]]'] = owner === null || data === null ? data : traced[turn++ & 63]
    else Object.defineProperty(this, '[[elements]]', readable)
  }

  /** Shape, dtype and weakness. */
  get aval(): Aval {
    return this.#aval
  }
  /** @internal `null` for a concrete value, else the interpreter that traces it. */
  get owner(): Owner | null {
    return this.#owner
  }
  /** @internal Where the buffer lives; `null` is host memory (a typed array). */
  get memory(): Memory | null {
    return this.#memory
  }
  /** @internal */
  get [buffer](): unknown {
    return this.#buffer
  }
  /** @internal */
  [donate](): void {
    this.#buffer = null
    if (this.#memory === null) (this as { '[[elements]]': unknown })['[[elements]]'] = null
  }
  /** @internal What other libraries call the elements; here nothing can be written through it. */
  get data(): never {
    return noData()
  }
  set data(_: unknown) {
    noData()
  }

  /** Sizes of the axes, outermost first. */
  get shape(): Shape {
    return this.aval.shape
  }
  /** Element type. */
  get dtype(): DType {
    return this.aval.dtype
  }
  /** Number of axes. */
  get ndim(): number {
    return this.aval.shape.length
  }
  /** Number of elements. */
  get size(): number {
    return this.aval.size
  }
  /** Bytes of its elements: NumPy's `nbytes`. */
  get nbytes(): number {
    return this.aval.size * dtypes[this.aval.dtype].bytes
  }

  /**
   * The single element of a tensor of size 1, as a number (`true`/`false` for bool).
   *
   * @throws ValueError when the size is not 1; TraceError when the value is traced without one (under `jit`, `vmap`).
   */
  item(): number | boolean {
    const v = only(this, 'item')
    return isBool(this.dtype) ? v !== 0 : v
  }

  /** The elements as nested arrays of numbers (booleans for bool), a copy. */
  toArray(): Nested {
    return nest(elements(this, 'toArray'), this.shape, isBool(this.dtype))
  }

  /** The elements in row-major order, a copy. Bool is a Uint8Array of 0 and 1. */
  toTypedArray(): TypedArray {
    return elements(this, 'toTypedArray').slice()
  }

  /** As `toTypedArray`, for devices whose memory is read asynchronously; works for all. */
  async read(): Promise<TypedArray> {
    const t = concrete(this, 'read')
    return (await (t.memory === null ? (t[buffer] as TypedArray) : t.memory.get(t[buffer], t.aval))).slice()
  }

  /**
   * Shape, dtype and a copy of the elements as plain data, for `postMessage`, `structuredClone` and IndexedDB, which refuse a tensor.
   * `np.fromTransferable` makes the tensor anew. The copy may be transferred: `postMessage(d, [d.data.buffer])`.
   */
  toTransferable(): TensorData {
    return { dtype: this.dtype, shape: this.shape.slice(), weak: this.#aval.weak, data: elements(this, 'toTransferable').slice() }
  }

  /** The elements as NumPy prints them. */
  toString(): string {
    return formatTensor(elements(this, 'toString'), this.aval)
  }

  /** Nested arrays, for JSON. */
  toJSON(): unknown {
    return this.toArray()
  }

  /** @internal */
  [Symbol.toPrimitive](hint: string): number | string {
    if (hint === 'string' || (hint === 'default' && this.size !== 1)) return this.toString()
    return only(this, hint === 'number' ? 'a comparison or Number(x)' : 'a JavaScript operator')
  }

  /** @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const head = `Tensor ${showAval(this.aval)}`
    if (this.owner !== null) return `${head} traced by ${this.owner.name}`
    return this[buffer] === null ? `${head} donated` : `${head} ${this.toString()}`
  }

  /** @internal */
  get [Symbol.toStringTag](): string {
    return 'Tensor'
  }

  /** @internal */
  get [brand](): true {
    return true
  }
}

const noData = (): never =>
  fail(ValueError, 'a tensor has no field `data`, because it never changes', {
    fix: 'x.toTypedArray() for a copy of the elements; np.at(x, i).set(v) for a tensor with another element',
  })

/** True for a tensor, whichever copy of the package made it. */
export const isTensor = (x: unknown): x is Tensor => typeof x === 'object' && x !== null && (x as { [brand]?: unknown })[brand] === true

/** Follows tracers that carry a value (`grad`, `jvp`) to the concrete tensor below; throws for the others. */
const concrete = (x: Tensor, action: string): Tensor => {
  let t = x
  while (t.owner !== null) {
    if (t.owner.primal === undefined && t[buffer] === null)
      return fail(TraceError, `${action}: a tensor made by ${t.owner.name} has a shape and a dtype but no elements`, {
        args: { x: t.aval },
        fix: 'evalShape, trace or linearTranspose of a function; np.zeros for a tensor with elements',
      })
    if (t.owner.primal === undefined)
      return fail(TraceError, `${action}: the value of a tensor traced by ${t.owner.name} is not known while tracing`, {
        args: { x: t.aval },
        fix: 'np.where or cond instead of if, scan or whileLoop instead of a loop; or keep this argument static',
      })
    t = t.owner.primal(t)
  }
  if (t[buffer] === null)
    fail(DonatedError, `${action}: this tensor was donated to a jitted function and its memory reused`, {
      args: { x: t.aval },
      fix: 'use the value that the function returned, or do not donate this argument',
    })
  return t
}

/** The elements of a concrete tensor, not copied. */
const elements = (x: Tensor, action: string): TypedArray => {
  const t = concrete(x, action)
  if (t.memory === null) return t[buffer] as TypedArray
  const got = t.memory.get(t[buffer], t.aval)
  if (!ArrayBuffer.isView(got)) {
    got.catch(() => undefined)
    return fail(TraceError, `${action}: memory of ${t.memory.name} is read asynchronously`, { fix: 'await x.read()' })
  }
  return got
}

/** The one element of a concrete tensor. A traced tensor of any size is refused as such. */
const only = (x: Tensor, action: string): number => {
  const t = concrete(x, action)
  if (t.size !== 1)
    fail(ValueError, `${action}: a tensor of size ${t.size} is not a scalar`, {
      args: { x: t.aval },
      fix: 'x.toArray() for its elements; np.all or np.any of a comparison',
    })
  return elements(t, action)[0]!
}

/** The elements of a concrete tensor for the library's own reading: not copied, must not be mutated. */
export const peek = (x: Tensor): TypedArray => elements(x, 'read')

/**
 * The elements of a tensor whose values are known at once, for the library's own reading; `null` for those that a transform traces
 * without a value (`jit`, `vmap`), that were donated, or that a device gives only later.
 */
export const knownElements = (x: Tensor): TypedArray | null => {
  let t = x
  while (t.owner !== null) {
    if (t.owner.primal === undefined) return null
    t = t.owner.primal(t)
  }
  return isReadable(t) ? peek(t) : null
}

/** True for a concrete tensor whose elements can be had without waiting. */
export const isReadable = (t: Tensor): boolean => t.owner === null && t[buffer] !== null && (t.memory === null || t.memory.host)

/** A tensor over `data` in host memory. The array is adopted, not copied. */
export const hostTensor = (a: Aval, data: TypedArray): Tensor => new Tensor(a, null, data, null)

/** A host scalar; weak unless said otherwise, as a JavaScript number is. */
export const scalar = (value: number, dtype: DType = 'float32', weak = true): Tensor => {
  const data = dtypes[dtype].make(1)
  data[0] = value
  return hostTensor(aval([], dtype, weak), data)
}

const nest = (data: TypedArray, shape: Shape, bool: boolean): Nested => {
  let at = 0
  const leaf = (): Nested => (bool ? data[at++] !== 0 : data[at++]!)
  const build = (axis: number): Nested => (axis === shape.length ? leaf() : Array.from({ length: shape[axis]! }, () => build(axis + 1)))
  return build(0)
}
