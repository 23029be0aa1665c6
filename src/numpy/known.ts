/** Counts and places that a function must know to have a shape: JavaScript's numbers, or a tensor whose values are known. */
import { describe } from '../core/describe.js'
import { fail, ShapeError, TraceError, ValueError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor, knownElements } from '../core/tensor.js'

/** A whole number, several, or a tensor of them. */
export type Integers = number | readonly number[] | Tensor

/** True when there is one number, not a list of them. */
export const isSingle = (x: Integers): boolean => (isTensor(x) ? x.ndim === 0 : typeof x === 'number')

/**
 * The numbers of `x`, called `what` in errors.
 *
 * @throws TraceError for a traced tensor; ValueError for what are no whole numbers; ShapeError for a tensor of several axes.
 */
export const wholeNumbers = (name: string, what: string, x: Integers): readonly number[] => {
  if (isTensor(x) && x.ndim > 1)
    fail(ShapeError, `${name}: ${what} has ${x.ndim} axes`, { args: { [what]: x }, fix: 'a scalar or a vector' })
  const list: readonly unknown[] = isTensor(x) ? Array.from(knownElements(x) ?? unknown(name, what, x)) : Array.isArray(x) ? x : [x]
  return list.map((n) =>
    typeof n === 'number' && Number.isInteger(n)
      ? n
      : fail(ValueError, `${name}: ${what} must be whole numbers, got ${describe(n)}`, {
          fix: 'Math.floor or Math.round of a fraction',
        }),
  )
}

const unknown = (name: string, what: string, x: Tensor): never =>
  fail(TraceError, `${name}: ${what} decides the shape of the result and is not known while tracing`, {
    args: { [what]: x },
    fix: 'numbers, which are static in jit',
  })
