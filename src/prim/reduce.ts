/** Reductions that are not sums: max, min, prod, argmax, argmin, logsumexp. */
import { aval, type Aval } from '../core/aval.js'
import { isBool, isReal } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { otherAxes, sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import type { Combine } from '../kernel/loop.js'
import { add, div, mul, sub } from './arithmetic.js'
import { and, or } from './bits.js'
import { broadcast, full, iota, like, reduceSum, reduction } from './broadcast.js'
import { eq, ne } from './comparison.js'
import { checkAxes, checkDType, shifted, single, without } from './define.js'
import { exp, log1p } from './exponential.js'
import { reshape, transpose } from './layout.js'
import { padAxis, sliceAxis } from './pad.js'
import { cast, select } from './select.js'

type Axes = { readonly axes: readonly number[] }

/** `y`, which lacks `axes`, spread over `shape` again. */
const spread = (y: Tensor, shape: Shape, axes: readonly number[]): Tensor => broadcast(y, shape, otherAxes(shape.length, axes))

/** Throws ShapeError when one of `axes` is empty: there is no largest element of none. */
const checkFilled = (name: string, x: Aval, axes: readonly number[]): void => {
  checkAxes(name, x, axes)
  const empty = axes.find((a) => x.shape[a] === 0)
  if (empty !== undefined) fail(ShapeError, `${name}: axis ${empty} is empty and ${name} of nothing is undefined`, { args: { x } })
}

/** The extreme element over `axes`; all that attain it share the derivative evenly. */
const extreme = /* @__NO_SIDE_EFFECTS__ */ (name: string, numbers: Combine, bools: Combine): Primitive<Axes> => {
  const prim: Primitive<Axes> = {
    name,
    shape: ([x], { axes }) => {
      checkFilled(name, x!, axes)
      return [without(x!, axes)]
    },
    linear: {
      kind: 'pull',
      pull: ([x], [y], [cy], { axes }) => {
        if (cy === null) return [null]
        const same = eq(x!, spread(y!, x!.shape, axes))
        // NaN is the extreme element wherever there is one
        const mask = cast(isReal(x!.dtype) ? or(same, ne(x!, x!)) : same, x!.dtype)
        return [mul(mask, spread(div(cy!, reduceSum(mask, axes)), x!.shape, axes))]
      },
    },
    batch: single((x, { axes }) => bind(prim, [x], { axes: shifted(axes) })),
    lower: {
      kind: 'loops',
      nests: ([x], _outputs, { axes }) => [reduction(isBool(x!.dtype) ? bools : numbers, x!.shape, axes, x!.dtype)],
    },
  }
  return prim
}

/** The largest element over `axes`, NaN if there is one; `or` of bools. */
export const reduceMaxP = extreme('reduceMax', 'max', 'or')
export const reduceMax = (x: Tensor, axes: readonly number[]): Tensor => (axes.length === 0 ? x : bind(reduceMaxP, [x], { axes }))

/** The smallest element over `axes`, NaN if there is one; `and` of bools. */
export const reduceMinP = extreme('reduceMin', 'min', 'and')
export const reduceMin = (x: Tensor, axes: readonly number[]): Tensor => (axes.length === 0 ? x : bind(reduceMinP, [x], { axes }))

/** The product of pairs along the last axis until one is left, with its tangent: exact whatever is zero. */
const productTangent = (x: Tensor, dx: Tensor): Tensor => {
  const axis = x.ndim - 1
  const n = x.shape[axis]!
  if (n === 1) return reshape(dx, x.shape.slice(0, axis))
  if (n % 2 === 1) return productTangent(padAxis(x, axis, 0, 1, 1), padAxis(dx, axis, 0, 1, 0))
  const [a, b] = [sliceAxis(x, axis, 0, n / 2), sliceAxis(x, axis, n / 2, n)]
  const [da, db] = [sliceAxis(dx, axis, 0, n / 2), sliceAxis(dx, axis, n / 2, n)]
  return productTangent(mul(a, b), add(mul(da, b), mul(a, db)))
}

/** `axes` of `x` gathered into one last axis. */
const gathered = (x: Tensor, axes: readonly number[]): Tensor => {
  const kept = otherAxes(x.ndim, axes)
  const shape = kept.map((k) => x.shape[k]!)
  return reshape(transpose(x, [...kept, ...axes]), [...shape, sizeOf(axes.map((a) => x.shape[a]!))])
}

/** The product over `axes`; its derivative is exact with any number of zeros. */
export const reduceProdP: Primitive<Axes> = {
  name: 'reduceProd',
  shape: ([x], { axes }) => {
    checkDType('reduceProd', [x!], 'number')
    checkAxes('reduceProd', x!, axes)
    return [without(x!, axes)]
  },
  linear: {
    kind: 'push',
    push: ([x], _outputs, [dx], { axes }) => {
      if (dx === null || axes.some((a) => x!.shape[a] === 0)) return [null]
      return [productTangent(gathered(x!, axes), gathered(dx!, axes))]
    },
  },
  batch: single((x, { axes }) => reduceProd(x, shifted(axes))),
  lower: { kind: 'loops', nests: ([x], _outputs, { axes }) => [reduction('mul', x!.shape, axes, x!.dtype)] },
}
export const reduceProd = (x: Tensor, axes: readonly number[]): Tensor => (axes.length === 0 ? x : bind(reduceProdP, [x], { axes }))

/** The first position of the extreme element along one axis, as int32; a NaN is extreme. */
const argExtreme = /* @__NO_SIDE_EFFECTS__ */ (name: string, reduce: typeof reduceMax): Primitive<{ readonly axis: number }> => {
  const prim: Primitive<{ readonly axis: number }> = {
    name,
    shape: ([x], { axis }) => {
      checkFilled(name, x!, [axis])
      return [aval(without(x!, [axis]).shape, 'int32')]
    },
    linear: { kind: 'zero' },
    batch: single((x, { axis }) => bind(prim, [x], { axis: axis + 1 })),
    lower: {
      kind: 'inline',
      fused: true,
      run: ([x], { axis }) => {
        const hit = or(eq(x!, spread(reduce(x!, [axis]), x!.shape, [axis])), ne(x!, x!))
        const positions = iota(x!.shape, 'int32', axis)
        return [reduceMin(select(hit, positions, full(x!.shape, x!.shape[axis]!, 'int32', false)), [axis])]
      },
    },
  }
  return prim
}

/** Where the largest element along `axis` is first found. */
export const argmaxP = argExtreme('argmax', reduceMax)
export const argmax = (x: Tensor, axis: number): Tensor => bind(argmaxP, [x], { axis })

/** Where the smallest element along `axis` is first found. */
export const argminP = argExtreme('argmin', reduceMin)
export const argmin = (x: Tensor, axis: number): Tensor => bind(argminP, [x], { axis })

/** `e^(x - y)`, with 1 where both are Infinity. */
const expDifference = (x: Tensor, y: Tensor): Tensor => {
  const same = and(eq(x, y), eq(y, like(y, Infinity)))
  return exp(sub(select(same, like(x, 0), x), select(same, like(y, 0), y)))
}

/** What `logsumexp` is made of, for other definitions: a definition is expanded once. */
export const logSum = (x: Tensor, axes: readonly number[]): Tensor => {
  const largest = reduceMax(x, axes)
  const wide = spread(largest, x.shape, axes)
  const top = eq(x, wide)
  const others = reduceSum(select(top, like(x, 0), exp(sub(x, wide))), axes)
  const equals = sub(reduceSum(cast(top, x.dtype), axes), like(largest, 1))
  return add(largest, log1p(add(others, equals)))
}

/**
 * log of the sum of exponentials over `axes`, without overflow; -Infinity over nothing. The largest are counted and the others added to
 * 1 by log1p, so that little is not lost beside a largest of 0. Its derivative is the softmax, which where some elements are Infinity is
 * shared evenly among them; where all are -Infinity there is nothing to share, and it is 0.
 */
export const logsumexpP: Primitive<Axes> = {
  name: 'logsumexp',
  shape: ([x], { axes }) => {
    checkDType('logsumexp', [x!], 'float')
    checkAxes('logsumexp', x!, axes)
    return [without(x!, axes)]
  },
  linear: {
    kind: 'pull',
    pull: ([x], [y], [cy], { axes }) => {
      if (cy === null) return [null]
      if (axes.every((a) => x!.shape[a] === 1)) return [spread(cy!, x!.shape, axes)]
      const nothing = eq(y!, like(y!, -Infinity))
      const p = expDifference(x!, spread(select(nothing, like(y!, 0), y!), x!.shape, axes))
      const total = reduceSum(p, axes)
      return [mul(p, spread(div(cy!, select(nothing, like(total, 1), total)), x!.shape, axes))]
    },
  },
  batch: single((x, { axes }) => logsumexp(x, shifted(axes))),
  lower: {
    kind: 'inline',
    run: ([x], { axes }) => {
      if (axes.some((a) => x!.shape[a] === 0)) {
        const { shape, dtype, weak } = without(x!.aval, axes)
        return [full(shape, -Infinity, dtype, weak)]
      }
      return [logSum(x!, axes)]
    },
  },
}
export const logsumexp = (x: Tensor, axes: readonly number[]): Tensor => (axes.length === 0 ? x : bind(logsumexpP, [x], { axes }))
