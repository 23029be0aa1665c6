/** Positions beyond an axis: one rule for all functions that take positions, the same eagerly and compiled. */
import { aval } from '../core/aval.js'
import type { DType } from '../core/dtype.js'
import { dtypes, indexType, isInexact } from '../core/dtype.js'
import { fail, ShapeError, TraceError, ValueError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor, knownElements } from '../core/tensor.js'
import * as P from '../prim/elementwise.js'
import { like } from '../prim/structure.js'
import { element } from './lift.js'

/**
 * What becomes of positions outside an axis of n elements. Negative ones from -n on count from the end, and are inside.
 * - `fill` reads a value that marks it: NaN, the smallest int32, the largest uint32, `true`; what is written there is dropped.
 * - `clip` takes the nearest element; negative positions do not count from the end then, they are the first element.
 * - `wrap` starts again at the other end.
 * - `throw` throws. The positions must be known: not traced by `jit` or `vmap`, and not in the memory of a device that is read asynchronously.
 *
 * Without a mode, positions in tensors are `fill`, eagerly as in a compiled function; JavaScript's numbers are `throw`, because they
 * are known wherever they stand.
 */
export type OutOfRange = 'fill' | 'clip' | 'wrap' | 'throw'

/** Options of functions that read at positions. */
export interface OutOfRangeOption {
  /** What becomes of positions outside; `fill` for tensors, `throw` for numbers. */
  readonly mode?: OutOfRange
  /** What `fill` reads outside instead of the mark. */
  readonly fillValue?: number
}

/** All modes. */
export const modes: readonly string[] = ['fill', 'clip', 'wrap', 'throw']

/** The mode that is in force: as given, else by whether the positions are numbers. @throws ValueError for one that there is not. */
export const modeOf = (name: string, mode: OutOfRange | undefined, numbers: boolean): OutOfRange => {
  if (mode === undefined) return numbers ? 'throw' : 'fill'
  return modes.includes(mode)
    ? mode
    : fail(ValueError, `${name}: there is no mode '${String(mode)}'`, { fix: modes.map((m) => `'${m}'`).join(', ') })
}

/** What `fill` reads in a tensor of `dtype`, as in JAX. @throws ValueError for a value that the dtype cannot hold. */
export const fillOf = (name: string, dtype: DType, value?: number): number => {
  if (value !== undefined) return element(name, value, dtype)
  const { min, max } = dtypes[dtype]
  return isInexact(dtype) ? NaN : min < 0 ? min : max
}

/** Positions in order to be read or written at. */
export interface WrappedPlaces {
  /** int32, none of them counted from the end; outside where they are to be marked or dropped. */
  readonly places: Tensor
  /** All of them are inside. */
  readonly inside: boolean
}

const outOfRange = (name: string, p: number, n: number, axis: number): never =>
  fail(ShapeError, `${name}: index ${p} is out of range for ${n} element${n === 1 ? '' : 's'} (x axis ${axis})`, {
    fix: n === 0 ? 'the axis is empty' : `an index from ${-n} to ${n - 1}`,
  })

/** @throws ShapeError for a known position out of range where `mode` is `throw`, TraceError for unknown ones. */
export const placesOf = (name: string, indices: Tensor, n: number, axis: number, mode: OutOfRange): WrappedPlaces => {
  if (n === 0 && indices.size > 0 && (mode === 'clip' || mode === 'wrap'))
    fail(ShapeError, `${name}: x axis ${axis} is empty: there is nothing to read`, { args: { indices } })
  const given = knownElements(indices)
  if (given !== null) {
    const out = new Int32Array(given.length)
    let [changed, inside] = [indices.dtype !== indexType, true]
    for (let i = 0; i < out.length; i++) {
      const p = given[i]!
      const q = mode === 'clip' ? Math.max(0, Math.min(n - 1, p)) : mode === 'wrap' ? ((p % n) + n) % n : p < 0 ? p + n : p
      if (!(q >= 0 && q < n)) {
        if (mode === 'throw') outOfRange(name, p, n, axis)
        inside = false
      }
      out[i] = q
      changed ||= q !== p
    }
    return { places: changed ? hostTensor(aval(indices.shape, 'int32'), out) : indices, inside }
  }
  const size = like(indices, n)
  /** Those of uint32 are not negative; what int32 cannot hold is longer than any axis. */
  const signed = (t: Tensor): Tensor => (t.dtype === indexType ? t : P.cast(P.min(t, like(t, dtypes[indexType].max)), indexType))
  switch (mode) {
    case 'throw':
      return fail(
        TraceError,
        `${name}: mode 'throw' needs indices whose values are known; these are ${indices.owner === null && indices.memory !== null ? `in the memory of ${indices.memory.name}, which is read asynchronously` : 'traced'}`,
        {
          args: { indices },
          fix: "mode 'fill' marks what is out of range by NaN, which configure({ debugNans: true }) finds; or check on the host before: await indices.read()",
        },
      )
    case 'clip':
      return { places: signed(P.max(like(indices, 0), P.min(indices, like(indices, Math.max(0, n - 1))))), inside: true }
    case 'wrap': {
      const r = signed(P.rem(indices, size))
      return { places: P.select(P.lt(r, like(r, 0)), P.add(r, like(r, n)), r), inside: true }
    }
    case 'fill': {
      const p = signed(indices)
      return { places: P.select(P.lt(p, like(p, 0)), P.add(p, like(p, n)), p), inside: false }
    }
  }
}
