/** Parts of a tensor replaced: functional updates, the counterpart of assignment to NumPy's brackets. */
import { aval } from '../core/aval.js'
import { check, number, oneOf, traceable } from '../core/check.js'
import { isBool, isInexact, promote } from '../core/dtype.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import { broadcastShapes, range, sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor, isTensor } from '../core/tensor.js'
import { dynamicUpdateSlice } from '../prim/dynamicSlice.js'
import * as P from '../prim/elementwise.js'
import { scatter } from '../prim/gather.js'
import { scatterReduce } from '../prim/scatterReduce.js'
import { iota, like, reshape, transpose } from '../prim/structure.js'
import { maximum, minimum } from './arithmetic.js'
import { where } from './comparison.js'
import { indexArrays, readAt } from './index.js'
import type { TensorLike } from './lift.js'
import { as, lift, spread } from './lift.js'
import type { OutOfRange, OutOfRangeOption } from './outside.js'
import { modes } from './outside.js'
import type { IndexItem, IndexSpec, IndexStep } from './spec.js'
import { isBasic, parseIndex, placeOfArrays, withoutFlags } from './spec.js'

/** What can be done with a part of a tensor; every function but `get` returns the whole tensor, changed there. */
export interface Place {
  /** The part itself. */
  readonly get: (options?: OutOfRangeOption) => Tensor
  /** Replaced by `values`. Of a place named twice, the last value stays. */
  readonly set: (values: TensorLike, options?: UpdateOption) => Tensor
  /** `values` added; a place named twice gets both. */
  readonly add: (values: TensorLike, options?: UpdateOption) => Tensor
  /** `values` subtracted. */
  readonly sub: (values: TensorLike, options?: UpdateOption) => Tensor
  /** Multiplied by `values`. */
  readonly mul: (values: TensorLike, options?: UpdateOption) => Tensor
  /** Divided by `values`. */
  readonly div: (values: TensorLike, options?: UpdateOption) => Tensor
  /** The larger of what is there and `values`. */
  readonly max: (values: TensorLike, options?: UpdateOption) => Tensor
  /** The smaller of what is there and `values`. */
  readonly min: (values: TensorLike, options?: UpdateOption) => Tensor
  /** `f` of what is there. */
  readonly apply: (f: (part: Tensor) => Tensor, options?: UpdateOption) => Tensor
}

/** Options of updates. */
export interface UpdateOption {
  /** What becomes of values for positions outside (see `OutOfRange`): `drop` and `fill` leave them out. */
  readonly mode?: OutOfRange | 'drop'
}

const readings = optionsOf<OutOfRangeOption>({ mode: oneOf(...modes), fillValue: number })
const updates = optionsOf<UpdateOption>({ mode: oneOf(...modes, 'drop') })

type Op = 'set' | 'add' | 'mul' | 'max' | 'min'

const combined: Readonly<Record<Exclude<Op, 'set'>, (x: Tensor, y: Tensor) => Tensor>> = {
  add: (x, y) => (isBool(x.dtype) ? P.or(x, y) : P.add(x, y)),
  mul: (x, y) => (isBool(x.dtype) ? P.and(x, y) : P.mul(x, y)),
  max: maximum,
  min: minimum,
}

/** Values in `x`'s dtype. @throws DTypeError when they would lose by it. */
const fitting = (x: Tensor, values: TensorLike): Tensor => {
  if (typeof values === 'number') {
    if (!isBool(x.dtype) && (isInexact(x.dtype) || Number.isInteger(values))) return as(values, x.dtype, 'at')
    return fail(DTypeError, `at: ${values} does not fit into ${x.dtype}`, { args: { x }, fix: "np.astype(x, 'float32') first" })
  }
  const v = lift(values, 'at', 'values')
  const { dtype } = promote({ dtype: x.dtype, weak: false }, v.aval)
  if (dtype !== x.dtype)
    fail(DTypeError, `at: values of ${v.dtype} do not fit into ${x.dtype}`, {
      args: { x, values: v },
      fix: `np.astype(values, '${x.dtype}')`,
    })
  return as(v, x.dtype)
}

const scattered = (x: Tensor, indices: Tensor, updates: Tensor, axes: readonly number[], op: Op): Tensor => {
  const p = { axes, batch: 0 }
  return op === 'set' || op === 'add' ? scatter(x, indices, updates, { ...p, op }) : scatterReduce(x, indices, updates, { ...p, op })
}

/** Index arrays on whole other axes: one scatter, the values' array axes brought to the front. */
const scatterRows = (x: Tensor, steps: readonly IndexStep[], values: Tensor, op: Op, mode?: OutOfRange): Tensor => {
  const { axes, indices } = indexArrays(x, steps, mode)
  const n = indices.ndim - 1
  const place = placeOfArrays(steps)
  const front = [...range(n).map((k) => place + k), ...range(values.ndim).filter((k) => k < place || k >= place + n)]
  return scattered(x, indices, transpose(values, front), axes, op)
}

/** Anything else: the part is read from a table of positions, and the positions are where to write. */
const scatterFlat = (x: Tensor, steps: readonly IndexStep[], values: Tensor, op: Op, mode?: OutOfRange): Tensor => {
  const numbers = reshape(iota([x.size], 'int32', 0), x.shape)
  // Counted from 1 while reading, so that what is out of range reads as 0 and becomes -1: nowhere.
  const read = readAt(P.add(numbers, like(numbers, 1)), steps, { ...(mode === undefined ? {} : { mode }), fillValue: 0 })
  const places = P.sub(read, like(read, 1))
  const flat = scattered(reshape(x, [x.size]), reshape(places, [places.size, 1]), reshape(values, [values.size]), [0], op)
  return reshape(flat, x.shape)
}

/** The shape of the part that `steps` read. */
const partShape = (steps: readonly IndexStep[]): readonly number[] => {
  const arrays = steps.flatMap((s) => (s.kind === 'array' ? [s.indices.shape] : []))
  const sizes = (part: readonly IndexStep[]): readonly number[] =>
    part.flatMap((s) => (s.kind === 'slice' ? [s.count] : s.kind === 'new' ? [1] : []))
  if (arrays.length === 0) return sizes(steps)
  const place = placeOfArrays(steps)
  return [...sizes(steps.slice(0, place)), ...(broadcastShapes(...arrays) ?? []), ...sizes(steps.slice(place))]
}

const isWhole = (s: IndexStep, x: Tensor): boolean => s.kind === 'slice' && s.count === x.shape[s.axis] && s.step === 1

/** Numbers and slices without gaps: a box. */
const writeBox = (x: Tensor, steps: readonly IndexStep[], values: Tensor): Tensor => {
  const axes = steps.filter((s) => s.kind !== 'new')
  const update = reshape(
    values,
    axes.map((s) => (s.kind === 'slice' ? s.count : 1)),
  )
  const starts = axes.map((s) => hostTensor(aval([], 'int32'), Int32Array.of(s.kind === 'slice' ? s.start : s.kind === 'int' ? s.at : 0)))
  return dynamicUpdateSlice(x, update, starts)
}

const write = (x: Tensor, steps: readonly IndexStep[], part: readonly number[], given: TensorLike, op: Op, mode?: OutOfRange): Tensor => {
  const v = fitting(x, given)
  const stretched = broadcastShapes(v.shape, part)
  if (stretched === null || !sameShape(stretched, part))
    fail(ShapeError, `at: values of shape [${v.shape.join(',')}] do not broadcast to the part, [${part.join(',')}]`, {
      args: { x, values: v },
    })
  const values = spread(v, part, 'at')
  if (values.size === 0) return x
  if (isBasic(steps) && steps.every((s) => s.kind !== 'slice' || s.step === 1))
    return writeBox(x, steps, op === 'set' ? values : combined[op](readAt(x, steps), values))
  if (steps.every((s) => s.kind === 'array' || s.kind === 'int' || isWhole(s, x)) && !isBasic(steps))
    return scatterRows(x, steps, values, op, mode)
  return scatterFlat(x, steps, values, op, mode)
}

/** The only entry is a mask, perhaps of unknown elements: the update is a choice between two whole tensors. */
const maskOf = (x: Tensor, spec: readonly IndexItem[]): Tensor | null => {
  const [mask] = spec
  if (spec.length !== 1 || !isTensor(mask) || !isBool(mask.dtype) || mask.ndim > x.ndim) return null
  if (!mask.shape.every((n, k) => n === x.shape[k])) return null
  return reshape(mask, [...mask.shape, ...x.shape.slice(mask.ndim).map(() => 1)])
}

/**
 * A part of `x`, named as in `np.index`, to be read or replaced. Nothing is mutated: the result is another tensor.
 * With a mask and values that broadcast to the rest of `x`, this works under `jit` too.
 *
 * Where an index in a tensor is out of range, nothing is written, the same eagerly and compiled, unless `mode` says otherwise
 * (`np.at(x, i).set(v, { mode: 'throw' })` while debugging); JavaScript's numbers throw.
 *
 * @throws ShapeError for numbers out of range and values that do not broadcast to the part; DTypeError for values that do not fit into
 * `x`'s dtype; ValueError for numbers that it cannot hold.
 * @example
 * const x = np.array([1, 2, 3])
 * np.at(x, 0).set(9)                           // [9, 2, 3]
 * np.at(x, '1:').add(10)                       // [1, 12, 13]
 * np.at(x, [0, 0, 2]).add(1)                   // [3, 2, 4]
 * np.at(x, np.greater(x, 1)).mul(0)            // [1, 0, 0]
 */
export const at = <const S extends readonly IndexItem[]>(x: TensorLike, ...spec: IndexSpec<S>): Place => {
  const t = lift(x, 'at')
  const mask = maskOf(t, spec)
  const rest = mask === null ? 0 : t.ndim - (spec[0] as Tensor).ndim
  const update =
    (op: Op) =>
    (values: TensorLike, options?: UpdateOption): Tensor => {
      const { mode } = updates('at', options)
      if (mask !== null && (!isTensor(values) || values.ndim <= rest)) {
        const v = spread(fitting(t, values), t.shape, 'at')
        return where(mask, op === 'set' ? v : combined[op](t, v), t)
      }
      const [whole, items] = withoutFlags(t, spec)
      const s = parseIndex(whole.shape, items)
      return reshape(write(whole, s, partShape(s), values, op, mode === 'drop' ? 'fill' : mode), t.shape)
    }
  const get = (given?: OutOfRangeOption): Tensor => {
    const options = readings('at', given)
    const [whole, items] = withoutFlags(t, spec)
    return readAt(whole, parseIndex(whole.shape, items), options)
  }
  return {
    get,
    set: update('set'),
    add: update('add'),
    sub: (values, options) => update('add')(P.neg(fitting(t, values)), options),
    mul: update('mul'),
    div: (values, options) => update('mul')(P.integerPow(fitting(t, values), -1), options),
    max: update('max'),
    min: update('min'),
    apply: (f, options) => update('set')(check('at', 'f', traceable, f)(get()), options),
  }
}
