/** Tensors from data and from constants. */
import { checkShape } from '../core/axis.js'
import { aval } from '../core/aval.js'
import { check, checkDType, dtype as dtypeName, tensorLike } from '../core/check.js'
import { describe } from '../core/describe.js'
import type { DType, TypedArray } from '../core/dtype.js'
import { arrayKind, dtypeOfArray, dtypes, elementOf, isDouble, isInexact, isInteger, isReal, joins } from '../core/dtype.js'
import { DTypeError, fail, ShapeError, ValueError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import type { Shape } from '../core/shape.js'
import { showAval } from '../core/showAval.js'
import { sizeOf } from '../core/shape.js'
import type { Tensor, TensorData } from '../core/tensor.js'
import { hostTensor, isTensor } from '../core/tensor.js'
import { cast } from '../prim/elementwise.js'
import { concat, full as constant, reshape } from '../prim/structure.js'
import type { Dual } from './dual.js'
import { dual } from './dual.js'
import type { TensorLike } from './lift.js'
import { as, element, lift, spread, toDType } from './lift.js'

/** Data that `np.array` accepts: numbers, booleans, typed arrays, tensors, and nested arrays of them. */
export type ArrayLike = TensorLike | ArrayBufferView | readonly ArrayLike[]

/** The dtype of a new tensor. */
export interface DTypeOption {
  readonly dtype?: DType
}

const typed = optionsOf<DTypeOption>({ dtype: dtypeName })

const typedArray = (x: ArrayBufferView): ArrayLike & TypedArray => {
  if (dtypeOfArray(x) === undefined)
    fail(DTypeError, `array: a ${x.constructor.name} has no counterpart among the dtypes`, {
      fix: `one of ${Object.keys(dtypes).join(', ')}`,
    })
  return x as TypedArray
}

/** Shape of nested data; throws where rows differ. */
const shapeOf = (x: ArrayLike, path: string): Shape => {
  if (isTensor(x)) return x.shape
  if (typeof x === 'number' || typeof x === 'boolean') return []
  if (ArrayBuffer.isView(x)) return [typedArray(x).length]
  if (!Array.isArray(x))
    return fail(ValueError, `array: x${path} is ${describe(x)}`, {
      fix: 'numbers, booleans, typed arrays, tensors, or arrays of them',
    })
  const rows = x as readonly ArrayLike[]
  if (rows.length === 0) return [0]
  const first = shapeOf(rows[0]!, `${path}[0]`)
  for (let i = 1; i < rows.length; i++) {
    const s = shapeOf(rows[i]!, `${path}[${i}]`)
    if (s.length !== first.length || s.some((n, k) => n !== first[k]))
      fail(ShapeError, `array: x${path} is ragged: x${path}[0] has shape [${first.join(',')}], x${path}[${i}] has [${s.join(',')}]`, {
        fix: 'rows of equal length; pad them, or keep them in a tree',
      })
  }
  return [rows.length, ...first]
}

/** What the leaves of nested data are: the promotion of numbers (float32), booleans and typed arrays. */
const dtypeOf = (x: ArrayLike): DType | undefined => {
  if (isTensor(x)) return x.dtype
  if (typeof x === 'number') return 'float32'
  if (typeof x === 'boolean') return 'bool'
  if (ArrayBuffer.isView(x)) return dtypeOfArray(x)
  let found: DType | undefined
  for (const row of x) {
    const d = dtypeOf(row)
    if (d !== undefined) found = found === undefined ? d : joins[found][d]
  }
  return found
}

const hasTensor = (x: ArrayLike): boolean => isTensor(x) || (Array.isArray(x) && (x as readonly ArrayLike[]).some(hasTensor))

/** True when every element of `xs` is an element of `dtype` by the rule of typed arrays, without a look at each. */
const holdsAll = (dtype: DType, xs: TypedArray): boolean => isInexact(dtype) || dtypeOfArray(xs) === dtype

const fill = (name: string, x: ArrayLike, out: TypedArray, from: number, dtype: DType): number => {
  if (typeof x === 'number' || typeof x === 'boolean') {
    out[from] = element(name, Number(x), dtype)
    return from + 1
  }
  if (ArrayBuffer.isView(x)) {
    const xs = x as TypedArray
    if (holdsAll(dtype, xs)) out.set(xs, from)
    else for (let i = 0; i < xs.length; i++) out[from + i] = elementOf(xs[i]!, dtype) ?? element(name, xs[i]!, dtype)
    return from + xs.length
  }
  let at = from
  for (const row of x as readonly ArrayLike[]) at = fill(name, row, out, at, dtype)
  return at
}

/**
 * A tensor with a copy of `data`: nested arrays, a typed array, a number or boolean, a tensor, or arrays of tensors.
 * JavaScript numbers make float32, booleans bool, typed arrays their own dtype. For an integer dtype fractions of numbers are cut
 * off; a number that it cannot hold is refused, never wrapped around. A tensor is converted as `astype` does.
 *
 * @throws ShapeError for ragged arrays, naming where; DTypeError for typed arrays without a counterpart; ValueError for numbers that
 * the dtype cannot hold: NaN, infinities and what is out of its range.
 * @example
 * np.array([[1, 2], [3, 4]])                      // [[1, 2], [3, 4]], float32[2,2]
 * np.array([1, 2], { dtype: 'int32' })            // [1, 2], int32[2]
 * np.array(new Float64Array([0.5]))               // [0.5], float64[1]
 */
export const array = (data: ArrayLike, options: DTypeOption = {}): Tensor => {
  const { dtype } = typed('array', options)
  if (dtype !== undefined) checkDType('array', dtype)
  if (isTensor(data)) return dtype === undefined ? data : toDType(data, dtype)
  const shape = shapeOf(data, '')
  const d = dtype ?? dtypeOf(data) ?? 'float32'
  if (Array.isArray(data) && hasTensor(data)) return stacked(data as readonly ArrayLike[], shape, d)
  const out = dtypes[d].make(sizeOf(shape))
  fill('array', data, out, 0, d)
  return hostTensor(aval(shape, d), out)
}

/** Nested arrays that contain tensors, perhaps traced: rows joined along new leading axes. */
const stacked = (rows: readonly ArrayLike[], shape: Shape, dtype: DType): Tensor =>
  concat(
    rows.map((r) => reshape(as(array(r, { dtype }), dtype), [1, ...shape.slice(1)])),
    0,
  )

/**
 * The tensor of what `x.toTransferable()` gave, perhaps in another thread. The elements are copied.
 *
 * @throws DTypeError for a dtype that is none; ShapeError for a number of elements that the shape has not; ValueError for other data.
 * @example
 * const sent = structuredClone(np.array([[1, 2], [3, 4]]).toTransferable())
 * np.fromTransferable(sent)   // [[1, 2], [3, 4]]
 */
export const fromTransferable = (sent: TensorData): Tensor => {
  const given: Partial<TensorData> | null = typeof sent === 'object' ? sent : null
  if (given === null || typeof given.dtype !== 'string' || !Array.isArray(given.shape) || !ArrayBuffer.isView(given.data))
    return fail(ValueError, 'fromTransferable: sent is not what toTransferable gives: { dtype, shape, weak, data }', {
      fix: 'x.toTransferable() of a tensor, or np.array(data) for other data',
    })
  const { shape, weak = false, data } = given
  const dtype = checkDType('fromTransferable', given.dtype)
  checkShape('fromTransferable', shape)
  const out = dtypes[dtype].make(sizeOf(shape))
  if (arrayKind(data) !== arrayKind(out))
    fail(DTypeError, `fromTransferable: the elements of ${dtype} are a ${arrayKind(out)!}, not a ${arrayKind(data) ?? 'DataView'}`, {
      fix: 'x.toTransferable() of a tensor; np.array(data) for a typed array of another kind',
    })
  if (data.length !== out.length)
    fail(ShapeError, `fromTransferable: ${showAval(aval(shape, dtype))} has ${out.length} elements, data has ${data.length}`, {
      fix: 'post a transferred array once: afterwards it is empty',
    })
  out.set(data)
  return hostTensor(aval(shape, dtype, weak), out)
}

/**
 * A tensor of `x`; a tensor of the right dtype is returned as it is. Data is copied, as everywhere.
 *
 * @example
 * np.asarray([1, 2])   // [1, 2]
 */
export const asarray = array

/**
 * `x` with elements of another dtype. Floats become integers by truncation, saturating: what is out of range becomes the nearest
 * that there is, and NaN 0. Between `int32` and `uint32` the 32 bits stay: a negative number becomes one of 2^31 and above.
 *
 * @example
 * np.astype(np.array([1.7, -1.7]), 'int32')   // [1, -1]
 */
export const astype: Dual<TensorLike, DType, Tensor> = /* @__PURE__ */ dual(
  (x: TensorLike, dtype: DType) => cast(lift(x, 'astype'), checkDType('astype', dtype)),
  'astype',
)

/** A shape, or the length of a vector. */
export type ShapeLike = Shape | number

/** A shape as a list, its sizes not checked. @throws ValueError */
export const listOf = (name: string, shape: ShapeLike): Shape =>
  typeof shape === 'number'
    ? [shape]
    : Array.isArray(shape)
      ? shape
      : fail(ValueError, `${name}: shape must be a list of sizes, or one size, got ${describe(shape)}`, {
          fix: '[2, 3]; [] for a scalar',
        })

/** A shape as a list, checked. @throws ShapeError */
export const toShape = (name: string, shape: ShapeLike): Shape => {
  const s = listOf(name, shape)
  checkShape(name, s)
  return s
}

/**
 * A tensor filled with `value`.
 *
 * @throws ValueError for a number that an integer dtype cannot hold.
 * @example
 * np.full([2, 2], 7)   // [[7, 7], [7, 7]]
 */
export const full = (shape: ShapeLike, value: TensorLike, options: DTypeOption = {}): Tensor => {
  const { dtype } = typed('full', options)
  const s = toShape('full', shape)
  if (!isTensor(value)) {
    check('full', 'value', tensorLike, value)
    const d = dtype ?? (typeof value === 'boolean' ? 'bool' : 'float32')
    return constant(s, element('full', Number(value), checkDType('full', d)), d, false)
  }
  return spread(dtype === undefined ? value : cast(value, checkDType('full', dtype)), s, 'full')
}

/**
 * A tensor of zeros; float32 unless said otherwise.
 *
 * @example
 * np.zeros([2, 3])                      // [[0, 0, 0], [0, 0, 0]]
 * np.zeros(2, { dtype: 'bool' })        // [false, false]
 */
export const zeros = (shape: ShapeLike, options: DTypeOption = {}): Tensor => {
  const { dtype = 'float32' } = typed('zeros', options)
  return constant(toShape('zeros', shape), 0, checkDType('zeros', dtype), false)
}

/**
 * A tensor of ones; float32 unless said otherwise.
 *
 * @example
 * np.ones(3)   // [1, 1, 1]
 */
export const ones = (shape: ShapeLike, options: DTypeOption = {}): Tensor => {
  const { dtype = 'float32' } = typed('ones', options)
  return constant(toShape('ones', shape), 1, checkDType('ones', dtype), false)
}

/**
 * A tensor of `x`'s shape and dtype filled with `value`.
 *
 * @throws ValueError for a number that an integer dtype cannot hold.
 * @example
 * np.fullLike(np.array([1, 2]), 5)   // [5, 5]
 */
export const fullLike = (x: TensorLike, value: TensorLike, options: DTypeOption = {}): Tensor => {
  const { dtype } = typed('fullLike', options)
  const t = lift(x, 'fullLike')
  const d = checkDType('fullLike', dtype ?? t.dtype)
  check('fullLike', 'value', tensorLike, value)
  return isTensor(value)
    ? spread(toDType(value, d), t.shape, 'fullLike')
    : constant(t.shape, element('fullLike', Number(value), d), d, false)
}

/**
 * Zeros of `x`'s shape and dtype.
 *
 * @example
 * np.zerosLike(np.array([1, 2]))   // [0, 0]
 */
export const zerosLike = (x: TensorLike, options: DTypeOption = {}): Tensor => fullLike(x, 0, typed('zerosLike', options))

/**
 * Ones of `x`'s shape and dtype.
 *
 * @example
 * np.onesLike(np.array([5, 6]))   // [1, 1]
 */
export const onesLike = (x: TensorLike, options: DTypeOption = {}): Tensor => fullLike(x, 1, typed('onesLike', options))

/**
 * Smallest and largest number of a dtype, and its spacing at 1.
 *
 * @example
 * np.finfo('float32').eps   // 1.1920928955078125e-7
 */
export const finfo = (dtype: DType): { readonly min: number; readonly max: number; readonly eps: number; readonly tiny: number } => {
  if (!isReal(checkDType('finfo', dtype))) fail(DTypeError, `finfo: ${dtype} is not a float`, { fix: 'np.iinfo' })
  return isDouble(dtype)
    ? { min: -Number.MAX_VALUE, max: Number.MAX_VALUE, eps: Number.EPSILON, tiny: 2 ** -1022 }
    : { min: -(2 - 2 ** -23) * 2 ** 127, max: (2 - 2 ** -23) * 2 ** 127, eps: 2 ** -23, tiny: 2 ** -126 }
}

/**
 * Smallest and largest number of an integer dtype.
 *
 * @example
 * np.iinfo('int32').max   // 2147483647
 */
export const iinfo = (dtype: DType): { readonly min: number; readonly max: number } =>
  isInteger(dtype)
    ? { min: dtypes[dtype].min, max: dtypes[dtype].max }
    : fail(DTypeError, `iinfo: ${String(dtype)} is not an integer`, { fix: 'np.finfo' })
