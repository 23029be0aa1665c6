/** Abstract values: what is known of a tensor without its elements. Interned, so equality is identity. */
import type { DType } from './dtype.js'
import { dtypes } from './dtype.js'
import { fail, ShapeError } from './errors.js'
import type { Shape } from './shape.js'
import { shared } from './shared.js'

/** Shape and dtype, as testing libraries compare them: without weakness. */
export interface Form {
  /** Structured cloning would make a bare object of a tensor. It refuses symbols, and says which. */
  readonly clone: symbol
  readonly dtype: DType
  readonly shape: Shape
}

const clone = Symbol.for('a Tensor: send x.toTransferable(), and make a tensor of it with np.fromTransferable')

/** Shape, dtype and weakness of a value. Two avals are equal exactly when they are the same object. */
export interface Aval {
  readonly id: number
  readonly shape: Shape
  readonly dtype: DType
  /** A weak value came from a JavaScript number and yields to the dtype it meets. */
  readonly weak: boolean
  readonly size: number
  /** @internal One for the weak and the strong aval. */
  readonly form: Form
}

/** One node of the intern table: a prefix of a shape under one dtype and weakness. */
interface Prefix {
  aval: Aval | undefined
  readonly next: Map<number, Prefix>
}

const table = shared('avals', () => ({
  count: 0,
  roots: new Map<string, Prefix>(),
}))
const root = (dtype: DType, weak: boolean): Prefix => {
  const key = weak ? `${dtype}*` : dtype
  let r = table.roots.get(key)
  if (r === undefined) table.roots.set(key, (r = { aval: undefined, next: new Map() }))
  return r
}
const roots = (weak: boolean): Record<string, Prefix> => Object.fromEntries((Object.keys(dtypes) as DType[]).map((d) => [d, root(d, weak)]))
const strongRoots = roots(false)
const weakRoots = roots(true)

/**
 * The gate that every shape of the library passes once: whole sizes from 0. What slipped through the checks of arguments
 * is refused here, before memory is planned with it.
 */
const admit = (shape: Shape): void => {
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0))
    fail(ShapeError, `shape: sizes must be whole numbers from 0, got [${shape.map(String).join(', ')}]`, {
      fix: 'Math.floor of a fraction; check the sizes, widths, strides and counts that were given',
    })
}

/** The aval of `shape` and `dtype`. @throws ShapeError for sizes that are none. */
export const aval = (shape: Shape, dtype: DType, weak = false): Aval => {
  let node = (weak ? weakRoots : strongRoots)[dtype]!
  let size = 1
  for (let i = 0; i < shape.length; i++) {
    const n = shape[i]!
    size *= n
    let next = node.next.get(n)
    if (next === undefined) {
      admit(shape)
      node.next.set(n, (next = { aval: undefined, next: new Map() }))
    }
    node = next
  }
  return (node.aval ??= make(shape, dtype, weak, size))
}

const make = (given: Shape, dtype: DType, weak: boolean, size: number): Aval => {
  const shape = Object.freeze(given.slice())
  const form = weak ? aval(shape, dtype).form : Object.freeze({ clone, dtype, shape })
  return Object.freeze({ id: table.count++, shape, dtype, weak, size, form })
}

/** The same aval with another shape. */
export const withShape = (a: Aval, shape: Shape): Aval => aval(shape, a.dtype, a.weak)

/** The same aval with another dtype; strong. */
export const withDType = (a: Aval, dtype: DType): Aval => aval(a.shape, dtype, false)

/** The same aval, no longer weak. */
export const strong = (a: Aval): Aval => (a.weak ? aval(a.shape, a.dtype, false) : a)
