/** Axes as users write them (negative, one or many, all by default) made canonical. */
import type { Aval } from './aval.js'
import { describe } from './describe.js'
import { fail, ShapeError } from './errors.js'
import type { Shape } from './shape.js'
import { range } from './shape.js'

/** One axis, several, or `null`/`undefined` for all of them. */
export type Axis = number | readonly number[] | null | undefined

/** What axes are of: a tensor, which errors show, or a number of dimensions. */
export type Dimensions = number | { readonly aval: Aval }

const dimensions = (of: Dimensions): number => (typeof of === 'number' ? of : of.aval.shape.length)

/** `axis` of an array as a non-negative integer. */
export const normaliseAxis = (name: string, axis: number, of: Dimensions): number => {
  const ndim = dimensions(of)
  if (!Number.isInteger(axis) || axis < -ndim || axis >= ndim)
    return fail(ShapeError, `${name}: axis ${describe(axis)} is out of range for ${ndim} dimension${ndim === 1 ? '' : 's'}`, {
      args: typeof of === 'number' ? {} : { x: of },
      fix: ndim === 0 ? 'a scalar has no axes; leave axis out' : `an axis from ${-ndim} to ${ndim - 1}`,
    })
  return axis < 0 ? axis + ndim : axis
}

/** Axes as a sorted list of distinct non-negative integers; all axes when `axis` is null or undefined. */
export const normaliseAxes = (name: string, axis: Axis, of: Dimensions): readonly number[] => {
  if (axis === null || axis === undefined) return range(dimensions(of))
  if (typeof axis === 'number') return [normaliseAxis(name, axis, of)]
  if (!Array.isArray(axis))
    return fail(ShapeError, `${name}: an axis is a number, several are a list, got ${describe(axis)}`, { fix: '0, [0, 1] or null for all' })
  const axes = axis.map((a) => normaliseAxis(name, a, of))
  if (new Set(axes).size !== axes.length)
    fail(ShapeError, `${name}: duplicate axis in [${axis.join(', ')}]`, {
      args: typeof of === 'number' ? {} : { x: of },
      fix: 'every axis once',
    })
  return axes.sort((a, b) => a - b)
}

/** Throws unless every size is a non-negative integer; `parameter` is what the caller's argument is called. */
export const checkShape = (name: string, shape: Shape, parameter = 'shape'): void => {
  if (!Array.isArray(shape))
    return fail(ShapeError, `${name}: ${parameter} is a list of sizes, got ${describe(shape)}`, { fix: '[2, 3]; x.shape of a tensor' })
  for (const n of shape)
    if (!Number.isSafeInteger(n) || n < 0)
      fail(ShapeError, `${name}: ${parameter}'s sizes must be non-negative integers, got [${shape.map(String).join(', ')}]`, {
        fix: 'Math.floor of a fraction; np.reshape alone infers a size of -1',
      })
}
