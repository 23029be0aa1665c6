/** Index expressions: what users write between NumPy's brackets, read into one list of steps. */
import { anything } from '../core/check.js'
import { isBool } from '../core/dtype.js'
import { optionsOf } from '../core/options.js'
import { DTypeError, fail, ShapeError, ValueError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor, peek } from '../core/tensor.js'
import { reshape } from '../prim/structure.js'
import { array } from './create.js'
import { positions } from './take.js'

/** A slice; what is left out is as in Python: all elements, in steps of 1. */
export interface Slice {
  readonly start?: number | null
  readonly stop?: number | null
  readonly step?: number | null
}

type Positions = readonly (number | Positions)[]
type Mask = readonly (boolean | Mask)[]

/**
 * One entry of an index expression:
 * - a number takes one element and drops the axis;
 * - `'1:3'`, `'::-1'` or `{ start, stop, step }` takes a slice;
 * - `null` inserts an axis of size 1;
 * - `'...'` stands for all axes not mentioned;
 * - a tensor or array of integers takes those elements;
 * - a bool tensor or array takes the elements where it is true;
 * - `true`, `false` or a bool scalar inserts an axis of size 1 or 0.
 */
export type IndexItem = number | boolean | string | null | Slice | Tensor | Positions | Mask

type Bound = '' | `${number}`

/** An entry of an index expression: a literal string that is neither a slice nor `'...'` does not compile; computed ones are checked when they are read. */
export type IndexEntry<I> = I extends string
  ? string extends I
    ? I
    : I extends '...' | `${Bound}:${Bound}` | `${Bound}:${Bound}:${Bound}`
      ? I
      : '...'
  : I

/** An index expression, entry by entry. */
export type IndexSpec<S extends readonly IndexItem[]> = { readonly [K in keyof S]: IndexEntry<S[K]> }

/**
 * A step of an index expression: what happens to one axis of `x`, or to none (`new`). Index arrays say whether they were written as
 * numbers, which are known wherever they stand.
 */
export type IndexStep =
  | { readonly kind: 'int'; readonly axis: number; readonly at: number }
  | { readonly kind: 'slice'; readonly axis: number; readonly start: number; readonly count: number; readonly step: number }
  | { readonly kind: 'new' }
  | { readonly kind: 'array'; readonly axis: number; readonly indices: Tensor; readonly numbers: boolean }

const showItem = (i: IndexItem): string =>
  isTensor(i) ? `${i.dtype}[${i.shape.join(',')}]` : typeof i === 'string' ? `'${i}'` : i === null ? 'null' : JSON.stringify(i)

/** An index expression as errors print it. */
export const showSpec = (items: readonly IndexItem[]): string => `[${items.map(showItem).join(', ')}]`

const parseSlice = (text: string): Slice => {
  const parts = text.split(':')
  if (parts.length < 2 || parts.length > 3 || !parts.every((p) => /^\s*(-?\d+)?\s*$/.test(p)))
    return fail(ValueError, `index: '${text}' is not a slice`, {
      fix: "'start:stop', 'start:stop:step', with parts left out as in Python; or '...'",
    })
  const [start, stop, step] = parts.map((p) => (p.trim() === '' ? null : Number(p)))
  return { start: start!, stop: stop!, step: step ?? null }
}

const slices = optionsOf<Slice>({ start: anything, stop: anything, step: anything })

const sliceStep = (slice: Slice, n: number, axis: number): IndexStep => {
  const { start, stop, step } = slices('index', slice)
  const by = step ?? 1
  if (!Number.isInteger(by) || by === 0) fail(ValueError, `index: a slice cannot have step ${by}`)
  for (const v of [start, stop])
    if (v !== null && v !== undefined && !Number.isInteger(v)) fail(ValueError, `index: slice bounds must be integers, got ${v}`)
  const [low, high] = by > 0 ? [0, n] : [-1, n - 1]
  const bound = (v: number | null | undefined, otherwise: number): number =>
    v === null || v === undefined ? otherwise : Math.min(high, Math.max(low, v < 0 ? v + n : v))
  const [a, b] = [bound(start, by > 0 ? low : high), bound(stop, by > 0 ? high : low)]
  return { kind: 'slice', axis, start: a, count: Math.max(0, Math.ceil((b - a) / by)), step: by }
}

/** The positions of true elements of a mask, one list per axis. */
const truePositions = (mask: Tensor): readonly Tensor[] => {
  const data = peek(mask)
  const found: number[] = []
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) found.push(i)
  let stride = mask.size
  return mask.shape.map((n) => {
    stride /= n
    const s = stride
    return array(
      found.map((i) => Math.floor(i / s) % n),
      { dtype: 'int32' },
    )
  })
}

/** The positions of true elements of a tensor whose elements are known. */
export const positionsOf = truePositions

const isFlag = (x: unknown): boolean => typeof x === 'boolean' || (Array.isArray(x) && x.length > 0 && isFlag(x[0]))

/**
 * `x` and an index expression without bool scalars: each becomes an axis of size 1 that is taken once or not at all, as NumPy has it.
 *
 * @throws TraceError for an unknown one.
 */
export const withoutFlags = (x: Tensor, spec: readonly IndexItem[]): readonly [Tensor, readonly IndexItem[]] => {
  const at = spec.findIndex((i) => typeof i === 'boolean' || (isTensor(i) && isBool(i.dtype) && i.ndim === 0))
  if (at < 0) return [x, spec]
  const used = (items: readonly IndexItem[]): number =>
    items.reduce<number>((n, i) => n + axesOf(typeof i === 'boolean' ? null : normal(i)), 0)
  const before = spec.slice(0, at)
  const axis = before.includes('...') ? x.ndim - used(spec.slice(at + 1)) : used(before)
  const flag = spec[at] as boolean | Tensor
  const once = array((typeof flag === 'boolean' ? flag : peek(flag)[0] !== 0) ? [0] : [], { dtype: 'int32' })
  return withoutFlags(reshape(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]), [...before, once, ...spec.slice(at + 1)])
}

/** Arrays become tensors; what is left are numbers, strings, `null`, slices and tensors. */
const normal = (item: IndexItem): number | string | null | Slice | Tensor => {
  if (!Array.isArray(item)) return item as number | string | null | Slice | Tensor
  return isFlag(item) ? array(item as Mask, { dtype: 'bool' }) : positions('index', item as Positions)
}

const axesOf = (item: ReturnType<typeof normal>): number =>
  item === null || item === '...' ? 0 : isTensor(item) && isBool(item.dtype) ? item.ndim : 1

/**
 * The steps of an index expression on a tensor of `shape`, in the order written, all axes covered.
 *
 * @throws ShapeError for too many indices, positions out of range, masks of another shape; ValueError for malformed entries.
 */
export const parseIndex = (shape: Shape, spec: readonly IndexItem[]): readonly IndexStep[] => {
  const items = spec.map(normal)
  const written = new Set(items.filter((item, i) => isTensor(item) && !isTensor(spec[i])))
  const dots = items.filter((i) => i === '...').length
  if (dots > 1) fail(ValueError, `index: ${showSpec(spec)} has more than one '...'`)
  const used = items.reduce<number>((n, i) => n + axesOf(i), 0)
  if (used > shape.length)
    fail(ShapeError, `index: ${showSpec(spec)} has ${used} indices for ${shape.length} axes`, {
      args: { x: `[${shape.join(',')}]` },
      fix: 'one index per axis; null inserts an axis',
    })
  const whole = new Array<string>(shape.length - used).fill(':')
  const full = dots === 1 ? items.flatMap((i) => (i === '...' ? whole : [i])) : [...items, ...whole]
  let axis = 0
  return full.flatMap((item): readonly IndexStep[] => {
    if (item === null) return [{ kind: 'new' }]
    if (isTensor(item) && isBool(item.dtype)) {
      const from = axis
      item.shape.forEach((n, k) => {
        if (n !== shape[from + k])
          fail(ShapeError, `index: the mask has ${n} elements on axis ${k}, x has ${shape[from + k]!} on axis ${from + k}`, {
            args: { x: `[${shape.join(',')}]`, mask: item },
          })
      })
      axis += item.ndim
      return truePositions(item).map((indices, k) => ({ kind: 'array', axis: from + k, indices, numbers: true }))
    }
    const k = axis++
    const n = shape[k]!
    if (typeof item === 'number') {
      if (!Number.isInteger(item)) fail(DTypeError, `index: ${item} is not an integer`, { fix: 'Math.floor(i)' })
      if (item < -n || item >= n)
        fail(ShapeError, `index: ${item} is out of range for axis ${k} of size ${n}`, {
          args: { x: `[${shape.join(',')}]` },
          fix: n === 0 ? 'the axis is empty' : `an index from ${-n} to ${n - 1}`,
        })
      return [{ kind: 'int', axis: k, at: item < 0 ? item + n : item }]
    }
    if (isTensor(item)) return [{ kind: 'array', axis: k, indices: positions('index', item), numbers: written.has(item) }]
    if (typeof item === 'string') return [sliceStep(parseSlice(item), n, k)]
    if (typeof item === 'object') return [sliceStep(item, n, k)]
    return fail(ValueError, `index: ${String(item)} is not an index`, {
      fix: "a number, 'start:stop:step', null, '...', or a tensor of integers or booleans",
    })
  })
}

/** True when every element that the steps select is selected once and in a box: a view. */
export const isBasic = (steps: readonly IndexStep[]): boolean => steps.every((s) => s.kind !== 'array')

/** Where the axes of the index arrays go: to the place of the first, when they stand side by side; else to the front. */
export const placeOfArrays = (steps: readonly IndexStep[]): number => {
  const at = range(steps.length).filter((i) => steps[i]!.kind === 'array' || steps[i]!.kind === 'int')
  const together = at.every((i, k) => k === 0 || i === at[k - 1]! + 1)
  return together ? at[0]! : 0
}
