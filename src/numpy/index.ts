/** Reading parts of a tensor: NumPy's brackets as a function. */
import { aval } from '../core/aval.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor } from '../core/tensor.js'
import { gather } from '../prim/gather.js'
import { concat, reshape, reverse, slice, transpose } from '../prim/structure.js'
import { lift, spread, commonShape } from './lift.js'
import type { TensorLike } from './lift.js'
import type { IndexItem, IndexSpec, IndexStep } from './spec.js'
import type { OutOfRange, OutOfRangeOption } from './outside.js'
import { fillOf, modeOf, placesOf } from './outside.js'
import { isBasic, parseIndex, placeOfArrays, withoutFlags } from './spec.js'
import { gathering } from './take.js'

/** Slices applied to `x`; other axes whole. */
const sliced = (x: Tensor, steps: readonly IndexStep[]): Tensor => {
  const [start, limit, step] = [x.shape.map(() => 0), x.shape.slice(), x.shape.map(() => 1)]
  const turned: number[] = []
  for (const s of steps) {
    if (s.kind === 'int') [start[s.axis], limit[s.axis]] = [s.at, s.at + 1]
    if (s.kind !== 'slice') continue
    const last = s.start + (s.count - 1) * s.step
    if (s.step < 0 && s.count > 0) turned.push(s.axis)
    step[s.axis] = Math.abs(s.step)
    start[s.axis] = s.count === 0 ? 0 : Math.min(s.start, last)
    limit[s.axis] = s.count === 0 ? 0 : Math.max(s.start, last) + 1
  }
  const whole = start.every((b, k) => b === 0 && limit[k] === x.shape[k] && step[k] === 1)
  return reverse(whole ? x : slice(x, start, limit, step), turned)
}

/** Result of slices, numbers and new axes alone. */
const basic = (x: Tensor, steps: readonly IndexStep[]): Tensor =>
  reshape(
    sliced(x, steps),
    steps.flatMap((s) => (s.kind === 'slice' ? [s.count] : s.kind === 'new' ? [1] : [])),
  )

/** The index arrays of `steps`, broadcast to one shape; numbers among them are arrays of one element. */
export const indexArrays = (
  x: Tensor,
  steps: readonly IndexStep[],
  mode?: OutOfRange,
): { readonly axes: readonly number[]; readonly indices: Tensor; readonly inside: boolean } => {
  const own = steps.flatMap((s) => {
    if (s.kind === 'int') return [{ axis: s.axis, t: hostTensor(aval([], 'int32'), Int32Array.of(s.at)), inside: true }]
    if (s.kind !== 'array') return []
    const { places, inside } = placesOf('index', s.indices, x.shape[s.axis]!, s.axis, modeOf('index', mode, s.numbers))
    return [{ axis: s.axis, t: places, inside }]
  })
  const shape = commonShape(
    'index',
    own.map((o) => o.t),
    own.map((_, k) => `indices${k}`),
  )
  const columns = own.map((o) => reshape(spread(o.t, shape), [...shape, 1]))
  return { axes: own.map((o) => o.axis), indices: concat(columns, shape.length), inside: own.every((o) => o.inside) }
}

/** Result of index arrays, together with slices: the axes of the arrays come where the first array stands. */
const advanced = (x: Tensor, steps: readonly IndexStep[], { mode, fillValue }: OutOfRangeOption): Tensor => {
  const { axes, indices, inside } = indexArrays(x, steps, mode)
  const y = gather(
    sliced(
      x,
      steps.filter((s) => s.kind === 'slice'),
    ),
    indices,
    { axes, batch: 0, ...gathering(inside ? { inside } : { inside, fill: fillOf('index', x.dtype, fillValue) }) },
  )
  const n = indices.ndim - 1
  const shape = indices.shape.slice(0, n)
  const kept = steps.filter((s) => s.kind === 'slice').map((s) => s.count)
  // Slices before the arrays, then the arrays, then the other slices; new axes by reshape at the end.
  const place = placeOfArrays(steps)
  const before = steps.slice(0, place).filter((s) => s.kind === 'slice').length
  const moved = transpose(y, [...range(before).map((k) => n + k), ...range(n), ...range(kept.length - before).map((k) => n + before + k)])
  const sizes = (part: readonly IndexStep[]): number[] =>
    part.flatMap((s) => (s.kind === 'slice' ? [s.count] : s.kind === 'new' ? [1] : []))
  return reshape(moved, [...sizes(steps.slice(0, place)), ...shape, ...sizes(steps.slice(place))])
}

/** `x` at parsed steps. */
export const readAt = (x: Tensor, steps: readonly IndexStep[], options: OutOfRangeOption = {}): Tensor =>
  isBasic(steps) ? basic(x, steps) : advanced(x, steps, options)

/**
 * Part of a tensor, with NumPy's rules: numbers, slices (`'1:3'`, `'::-1'`, `{ start, stop, step }`), `null` for a new axis,
 * `'...'`, tensors or arrays of integers, and masks. Masks need known elements: not under `jit`, where `np.where` serves.
 *
 * Where an index in a tensor is out of range, NaN is read (the smallest int32, the largest uint32, `true`), the same eagerly and
 * compiled; `np.at(x, i).get({ mode })` has other ways. JavaScript's numbers throw.
 *
 * @throws ShapeError for numbers out of range, too many indices, or masks of another shape.
 * @example
 * const x = np.array([[1, 2, 3], [4, 5, 6]])
 * np.index(x, 1)                          // [4, 5, 6]
 * np.index(x, '...', -1)                  // [3, 6]
 * np.index(x, ':', '::-2')                // [[3, 1], [6, 4]]
 * np.index(x, [0, 1], [2, 0])             // [3, 4]
 * np.index(x, np.greater(x, 4))           // [5, 6]
 * np.index(x, null, 0).shape              // [1, 3]
 */
export const index = <const S extends readonly IndexItem[]>(x: TensorLike, ...spec: IndexSpec<S>): Tensor => {
  const [t, items] = withoutFlags(lift(x, 'index'), spec)
  return readAt(t, parseIndex(t.shape, items))
}
