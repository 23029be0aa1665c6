/** Operations under their general names, without broadcasting or promotion of shapes: convolutions, windows, dynamic slices. */
import { aval } from '../core/aval.js'
import { normaliseAxis } from '../core/axis.js'
import {
  axis as anAxis,
  check,
  checkDType,
  count,
  dtype as dtypeName,
  either,
  listOf,
  oneOf,
  perAxis,
  positiveWhole,
  tensorLike,
  whole,
} from '../core/check.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor, isTensor } from '../core/tensor.js'
import { conv } from '../prim/conv.js'
import { dotGeneral as dotP } from '../prim/dot.js'
import * as D from '../prim/dynamicSlice.js'
import * as P from '../prim/elementwise.js'
import { patches as patchesP } from '../prim/patches.js'
import { reduceProd } from '../prim/reduce.js'
import { iota as iotaP, like, pad as padP } from '../prim/structure.js'
import { windowMax, windowMin, windowSum } from '../prim/window.js'
import type { DType } from '../core/dtype.js'
import { isUnsigned } from '../core/dtype.js'
import type { Meaning } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import type { Unary } from './dual.js'
import type { TensorLike } from './lift.js'
import { as, checkIntegral, commonKind, lift } from './lift.js'
import { floatUnary } from './ufunc.js'

/** Padding per axis: named, or `[before, after]` for each. */
export type PaddingLike = 'SAME' | 'VALID' | number | readonly (readonly [number, number])[]

const paddings: Meaning = {
  ...either(oneOf('SAME', 'VALID'), whole, listOf(listOf(whole, 2))),
  says: "'SAME', 'VALID', a whole number, or a list of [before, after] per axis",
  fix: "'SAME' keeps sizes, 'VALID' pads nothing",
}

/**
 * Padding in numbers. `SAME` keeps `ceil(size / stride)` windows, the odd element of padding at the end; `VALID` pads nothing.
 *
 * @throws ShapeError for a wrong number of pairs.
 * @example
 * lax.paddingOf('SAME', [5], [3], [1], [1])   // [[1, 1]]
 */
export const paddingOf = (
  padding: PaddingLike,
  sizes: readonly number[],
  window: readonly number[],
  strides: readonly number[],
  dilation: readonly number[],
): readonly (readonly [number, number])[] => {
  for (const [key, list] of Object.entries({ sizes, window, strides, dilation })) check('paddingOf', key, listOf(count), list)
  check('paddingOf', 'padding', paddings, padding)
  if (padding === 'VALID') return sizes.map(() => [0, 0])
  if (typeof padding === 'number') return sizes.map(() => [padding, padding])
  if (padding === 'SAME')
    return sizes.map((n, k) => {
      const span = (window[k]! - 1) * dilation[k]! + 1
      const total = Math.max(0, (Math.ceil(n / strides[k]!) - 1) * strides[k]! + span - n)
      return [Math.floor(total / 2), total - Math.floor(total / 2)]
    })
  if (!Array.isArray(padding))
    return fail(ValueError, `padding: '${String(padding)}' is no kind of padding`, {
      fix: "'SAME', 'VALID', a number, or [before, after] per axis",
    })
  if (padding.length !== sizes.length)
    fail(ShapeError, `padding: ${padding.length} pairs for ${sizes.length} axes`, { fix: 'one [before, after] per axis' })
  return padding
}

/** One number for every axis. */
const each = (name: string, value: number | readonly number[] | undefined, n: number, otherwise = 1): readonly number[] => {
  if (value === undefined) return range(n).map(() => otherwise)
  const list = typeof value === 'number' ? range(n).map(() => value) : value
  return list.length === n
    ? list
    : fail(ShapeError, `${name} has ${list.length} numbers for ${n} axes`, { fix: `a number, or a list of ${n}` })
}

/** Options of a convolution. */
export interface Convolution {
  readonly strides?: number | readonly number[]
  readonly padding?: PaddingLike
  /** Zeros between elements of `x`: a transposed convolution. */
  readonly lhsDilation?: number | readonly number[]
  /** Gaps between elements of the window. */
  readonly rhsDilation?: number | readonly number[]
  /** Channels are cut into this many groups that do not mix. */
  readonly groups?: number
}

const steps = perAxis(positiveWhole)
const convolutions = optionsOf<Convolution>({
  strides: steps,
  padding: paddings,
  lhsDilation: steps,
  rhsDilation: steps,
  groups: positiveWhole,
})

/**
 * Convolution in any number of spatial dimensions; the window is not flipped.
 *
 * shapes: `x[N, C, spatial...] w[O, C/groups, window...] -> [N, O, out...]`
 *
 * @throws ShapeError when channels do not fit, or no window does: the message shows the sum.
 * @example
 * lax.convGeneralDilated(np.ones([1, 1, 4, 4]), np.ones([1, 1, 3, 3])).shape                          // [1, 1, 2, 2]
 * lax.convGeneralDilated(np.ones([1, 1, 4, 4]), np.ones([1, 1, 3, 3]), { padding: 'SAME' }).shape     // [1, 1, 4, 4]
 */
export const convGeneralDilated = (x: TensorLike, w: TensorLike, options: Convolution = {}): Tensor => {
  const { strides, padding = 'VALID', lhsDilation, rhsDilation, groups = 1 } = convolutions('convGeneralDilated', options)
  const { dtype } = commonKind([lift(x, 'conv'), lift(w, 'conv')])
  const [a, b] = [as(x, dtype), as(w, dtype)]
  const n = a.ndim - 2
  if (n < 0 || b.ndim !== a.ndim)
    fail(ShapeError, `conv: x has ${a.ndim} axes and w has ${b.ndim}`, {
      args: { x: a, w: b },
      fix: 'x of shape [N, C, spatial...], w of shape [O, C / groups, window...]',
    })
  const [s, ld, rd] = [
    each('conv: strides', strides, n),
    each('conv: lhsDilation', lhsDilation, n),
    each('conv: rhsDilation', rhsDilation, n),
  ]
  const sizes = a.shape.slice(2).map((m, k) => (m === 0 ? 0 : (m - 1) * ld[k]! + 1))
  return conv(a, b, { strides: s, padding: paddingOf(padding, sizes, b.shape.slice(2), s, rd), lhsDilation: ld, rhsDilation: rd, groups })
}

/** Windows over all axes of a tensor. */
export interface Windows {
  readonly window: readonly number[]
  readonly strides?: number | readonly number[]
  readonly padding?: PaddingLike
  /** Gaps between elements of the window. */
  readonly windowDilation?: number | readonly number[]
}

const windows = optionsOf<Windows>({ window: listOf(positiveWhole), strides: steps, padding: paddings, windowDilation: steps })

/** The options of windows, checked; `window` is one that must be there. */
const windowed = (name: string, options: Windows): Windows => {
  const given = windows(name, options)
  check(name, 'window', listOf(positiveWhole), given.window)
  return given
}

/**
 * The sum, product, maximum or minimum of every window over all axes; padding adds nothing. The derivative of a product is exact
 * with zeros.
 *
 * @throws ShapeError when no window fits; ValueError for another reduction.
 * @example
 * lax.reduceWindow(np.array([1, 2, 3, 4]), 'sum', { window: [2] })                    // [3, 5, 7]
 * lax.reduceWindow(np.array([1, 2, 3, 4]), 'max', { window: [2], strides: 2 })        // [2, 4]
 */
export const reduceWindow = (x: TensorLike, kind: 'sum' | 'prod' | 'max' | 'min', options: Windows): Tensor => {
  const { window, strides, padding = 'VALID', windowDilation } = windowed('reduceWindow', options)
  const t = lift(x, 'reduceWindow')
  const w = each('reduceWindow: window', window, t.ndim)
  const [s, d] = [each('reduceWindow: strides', strides, t.ndim), each('reduceWindow: windowDilation', windowDilation, t.ndim)]
  const p = { window: w, strides: s, padding: paddingOf(padding, t.shape, w, s, d), windowDilation: d }
  switch (kind) {
    case 'sum':
      return windowSum(t, p)
    case 'max':
      return windowMax(t, p)
    case 'min':
      return windowMin(t, p)
    case 'prod': {
      // Patches are padded with 0; a product is padded with 1.
      const [low, high] = [p.padding.map((w) => w[0]), p.padding.map((w) => w[1])]
      const padded = padP(t, as(1, t.dtype), { low, high, interior: low.map(() => 0) })
      const windows = patchesP(padded, { window: w, strides: s, padding: low.map(() => [0, 0]), windowDilation: d })
      return reduceProd(
        windows,
        range(t.ndim).map((k) => t.ndim + k),
      )
    }
    default:
      return fail(ValueError, `reduceWindow: kind '${String(kind)}' is no reduction`, { fix: "'sum', 'prod', 'max', 'min'" })
  }
}

/**
 * The elements under every window, side by side: positions of the window, then positions in the window.
 *
 * shapes: `x[lead..., spatial...] -> [lead..., out..., window...]`, one spatial axis per entry of `window`
 *
 * @throws ShapeError when no window fits.
 * @example
 * lax.patches(np.array([1, 2, 3]), { window: [2] })   // [[1, 2], [2, 3]]
 */
export const patches = (x: TensorLike, options: Windows): Tensor => {
  const { window, strides, padding = 'VALID', windowDilation } = windowed('patches', options)
  const t = lift(x, 'patches')
  const n = window.length
  const [s, d] = [each('patches: strides', strides, n), each('patches: windowDilation', windowDilation, n)]
  return patchesP(t, { window, strides: s, padding: paddingOf(padding, t.shape.slice(t.ndim - n), window, s, d), windowDilation: d })
}

const int = (n: number): Tensor => hostTensor(aval([], 'int32'), Int32Array.of(n))

/** Starts as int32 scalars: numbers or tensors, one per axis. */
const startsOf = (name: string, starts: readonly TensorLike[], sizes: readonly number[], x: Tensor): readonly Tensor[] => {
  check(name, 'starts', listOf(tensorLike), starts)
  if (starts.length !== x.ndim) fail(ShapeError, `${name}: ${starts.length} starts for ${x.ndim} axes`, { args: { x } })
  // A negative number counts from the end; all are then moved so that the slice fits.
  return starts.map((s, k) => {
    if (!isTensor(s)) {
      if (!Number.isInteger(s)) fail(ValueError, `${name}: a start is a whole number, got ${String(s)}`, { args: { x } })
      const from = Number(s) < 0 ? Number(s) + sizes[k]! : Number(s)
      return int(Math.max(0, Math.min(sizes[k]!, from)))
    }
    const t = P.cast(isUnsigned(s.dtype) ? P.min(s, like(s, sizes[k]!)) : checkIntegral(name, s), 'int32')
    return P.select(P.lt(t, int(0)), P.add(t, int(sizes[k]!)), t)
  })
}

/**
 * The slice of `sizes` from `starts`, which may be traced; they are moved so that it lies inside.
 *
 * @throws ShapeError when the slice is larger than `x`.
 * @example
 * lax.dynamicSlice(np.arange(5), [2], [2])     // [2, 3]
 * lax.dynamicSlice(np.arange(5), [9], [2])     // [3, 4]
 */
export const dynamicSlice = (x: TensorLike, starts: readonly TensorLike[], sizes: readonly number[]): Tensor => {
  const t = lift(x, 'dynamicSlice')
  check('dynamicSlice', 'sizes', listOf(count), sizes)
  return D.dynamicSlice(t, startsOf('dynamicSlice', starts, t.shape, t), sizes)
}

/**
 * `x` with the slice from `starts` replaced by `update`; starts are moved so that it lies inside.
 *
 * @throws ShapeError when `update` is larger than `x`.
 * @example
 * lax.dynamicUpdateSlice(np.zeros(4), np.array([1, 2]), [1])   // [0, 1, 2, 0]
 */
export const dynamicUpdateSlice = (x: TensorLike, update: TensorLike, starts: readonly TensorLike[]): Tensor => {
  const t = lift(x, 'dynamicUpdateSlice')
  return D.dynamicUpdateSlice(t, as(update, t.dtype, 'dynamicUpdateSlice'), startsOf('dynamicUpdateSlice', starts, t.shape, t))
}

/** Which axes `dotGeneral` sums over and which run in step. */
export interface DotDimensions {
  readonly lhsContract?: readonly number[]
  readonly rhsContract?: readonly number[]
  readonly lhsBatch?: readonly number[]
  readonly rhsBatch?: readonly number[]
}

const places = listOf(count)
const dimensions = optionsOf<DotDimensions>({ lhsContract: places, rhsContract: places, lhsBatch: places, rhsBatch: places })

/**
 * Sums of products over any axes: the result has the batch axes, then what is left of `x`, then of `y`.
 *
 * @throws ShapeError when paired sizes differ.
 * @example
 * lax.dotGeneral(np.ones([5, 2, 3]), np.ones([5, 4, 3]), { lhsContract: [2], rhsContract: [2], lhsBatch: [0], rhsBatch: [0] }).shape   // [5, 2, 4]
 */
export const dotGeneral = (x: TensorLike, y: TensorLike, options: DotDimensions = {}): Tensor => {
  const { lhsContract = [], rhsContract = [], lhsBatch = [], rhsBatch = [] } = dimensions('dotGeneral', options)
  const { dtype } = commonKind([lift(x, 'dotGeneral'), lift(y, 'dotGeneral')])
  return dotP(as(x, dtype), as(y, dtype), { lhsContract, rhsContract, lhsBatch, rhsBatch })
}

const widths = listOf(listOf(whole, 3))

/**
 * Padding before, after and between elements, `[low, high, interior]` per axis; negative widths cut off.
 *
 * @throws ShapeError for a wrong number of axes.
 * @example
 * lax.pad(np.array([1, 2]), 0, [[1, 0, 1]])      // [0, 1, 0, 2]
 * lax.pad(np.array([1, 2, 3]), 0, [[-1, 0, 0]])  // [2, 3]
 */
export const pad = (x: TensorLike, value: TensorLike, config: readonly (readonly [number, number, number])[]): Tensor => {
  const t = lift(x, 'pad')
  check('pad', 'config', widths, config)
  if (config.length !== t.ndim)
    fail(ShapeError, `pad: ${config.length} widths for ${t.ndim} axes`, { args: { x: t }, fix: 'one [before, after, between] per axis' })
  return padP(t, as(value, t.dtype, 'pad'), {
    low: config.map((c) => c[0]),
    high: config.map((c) => c[1]),
    interior: config.map((c) => c[2]),
  })
}

const positions = optionsOf<{ readonly axis?: number; readonly dtype?: DType }>({ axis: anAxis, dtype: dtypeName })

/**
 * 0, 1, 2, ... along one axis of `shape`.
 *
 * @example
 * lax.iota([2, 3], { axis: 1 })   // [[0, 1, 2], [0, 1, 2]]
 */
export const iota = (shape: readonly number[], options: { readonly axis?: number; readonly dtype?: DType } = {}): Tensor => {
  const { axis = 0, dtype = 'int32' } = positions('iota', options)
  check('iota', 'shape', listOf(count), shape)
  return iotaP(shape, dtype, normaliseAxis('iota', axis, shape.length))
}

/**
 * `1 / sqrt(x)`.
 *
 * @example
 * lax.rsqrt(4)   // 0.5
 */
export const rsqrt: Unary = /* @__PURE__ */ floatUnary('rsqrt', P.rsqrtP)

/**
 * `x` to a fixed integer power, by multiplication.
 *
 * @example
 * lax.integerPow(2, 3)   // 8
 */
export const integerPow = (x: TensorLike, n: number): Tensor => P.integerPow(lift(x, 'integerPow'), check('integerPow', 'n', whole, n))

/**
 * `x` itself, held constant by every derivative.
 *
 * @example
 * lax.stopGradient(3)   // 3
 */
export const stopGradient: Unary = (x) => P.stopGradient(lift(x, 'stopGradient'))

/**
 * The bits of `x` read as another dtype of the same width.
 *
 * @throws DTypeError when the widths differ.
 * @example
 * lax.bitcast(1, 'int32')   // 1065353216
 */
export const bitcast = (x: TensorLike, dtype: DType): Tensor => P.bitcast(lift(x, 'bitcast'), checkDType('bitcast', dtype))
