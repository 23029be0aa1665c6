/** Numerical derivatives along a direction: the oracle that knows nothing of the library. */
import type { Tensor } from '../src/index.js'
import { fail, ShapeError } from '../src/index.js'
import { tensorOf } from './arbitrary.js'
import { callable, checkAll, listOf, positive, tensor } from './check.js'
import { elements } from './compare.js'

/**
 * The step of the stencil. A power of two near 1e-3, so that `x + h v` is exact for the short dyadic numbers of the laws:
 * maps that are linear have exact differences.
 */
export const step = 2 ** -10

/** A function of tensors to tensors, as the laws on derivatives see every subject. */
export type TensorFunction = (...xs: readonly Tensor[]) => readonly Tensor[]

/** `x + t v`, element by element. */
export const along = (xs: readonly Tensor[], vs: readonly Tensor[], t: number): readonly Tensor[] =>
  xs.map((x, k) => {
    const v = elements(vs[k]!)
    return tensorOf(
      elements(x).map((e, i) => e + t * v[i]!),
      x.shape,
      x.dtype,
    )
  })

/**
 * The derivative of `f` at `xs` in the direction `vs`, one array of numbers per output, by the five-point stencil
 * `(f(x - 2hv) - 8 f(x - hv) + 8 f(x + hv) - f(x + 2hv)) / 12h`. Its error is about `h^4/30` times the fifth derivative.
 */
export const difference = (f: TensorFunction, xs: readonly Tensor[], vs: readonly Tensor[], h = step): readonly (readonly number[])[] => {
  const tensors = listOf(tensor)
  checkAll('difference', { f: [callable, f], xs: [tensors, xs], vs: [tensors, vs], h: [positive, h] })
  if (xs.length !== vs.length || xs.some((x, k) => String(x.shape) !== String(vs[k]!.shape)))
    fail(ShapeError, 'difference: vs are no directions for xs: their shapes differ', { fix: 'one tensor for each of xs, of its shape' })
  const at = (t: number): readonly (readonly number[])[] => f(...along(xs, vs, t * h)).map(elements)
  const [a, b, c, d] = [at(-2), at(-1), at(1), at(2)]
  return a.map((ak, k) => ak.map((_, i) => (a[k]![i]! - d[k]![i]! + 8 * (c[k]![i]! - b[k]![i]!)) / (12 * h)))
}
