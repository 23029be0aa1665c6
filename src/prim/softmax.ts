/** The softmax and its logarithm over axes, with derivatives that stay exact where one probability is all but 1. */
import { otherAxes } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import { add, div, mul, neg, reciprocal, sub } from './arithmetic.js'
import { broadcast, reduceSum } from './broadcast.js'
import { eq } from './comparison.js'
import { checkAxes, checkDType, shifted, single } from './define.js'
import { exp, expm1 } from './exponential.js'
import { logSum, reduceMax } from './reduce.js'
import { cast } from './select.js'

type Axes = { readonly axes: readonly number[] }

/** A reduction over `axes`, spread over the shape of `x` again. */
const along = (reduce: (x: Tensor, axes: readonly number[]) => Tensor, x: Tensor, axes: readonly number[]): Tensor =>
  broadcast(reduce(x, axes), x.shape, otherAxes(x.ndim, axes))

/** A primitive of the differences from the largest element along axes, with a pull from its result. */
const shiftedByMax = (
  name: string,
  run: (z: Tensor, axes: readonly number[]) => Tensor,
  pull: (y: Tensor, cy: Tensor, axes: readonly number[]) => Tensor,
): Primitive<Axes> => {
  const prim: Primitive<Axes> = {
    name,
    shape: ([x], { axes }) => {
      checkDType(name, [x!], 'float')
      checkAxes(name, x!, axes)
      return [x!]
    },
    linear: {
      kind: 'pull',
      pull: (_inputs, [y], [cy], { axes }) => [cy === null ? null : pull(y!, cy!, axes)],
    },
    batch: single((x, { axes }) => bind(prim, [x], { axes: shifted(axes) })),
    lower: { kind: 'inline', run: ([x], { axes }) => [run(sub(x!, along(reduceMax, x!, axes)), axes)] },
  }
  return prim
}

/**
 * e^x / sum e^x, shifted by the largest x. Pull: y (c - sum y c), with the c of the largest y subtracted from all: where that y is all but
 * 1, it is the sum over the others that is left, and 1 - y would have lost it.
 */
export const softmaxP: Primitive<Axes> = /* @__PURE__ */ shiftedByMax(
  'softmax',
  (z, axes) => {
    const e = exp(z)
    // One division for each sum rather than for each element: at most one more rounding, and none where a sum is a power of two.
    return mul(
      e,
      along((t, a) => reciprocal(reduceSum(t, a)), e, axes),
    )
  },
  (y, cy, axes) => {
    const top = cast(eq(y, along(reduceMax, y, axes)), y.dtype)
    const pivot = div(reduceSum(mul(top, cy), axes), reduceSum(top, axes))
    const c = sub(cy, broadcast(pivot, y.shape, otherAxes(y.ndim, axes)))
    return mul(y, sub(c, along(reduceSum, mul(y, c), axes)))
  },
)
export const softmax = (x: Tensor, axes: readonly number[]): Tensor => bind(softmaxP, [x], { axes })

/**
 * x - log sum e^x. Pull: c - e^y sum c, as c (1 - e^y) - e^y (sum c - c): the first factor does not cancel where e^y is all but 1, and
 * the second is 0 where c has one entry.
 */
export const logSoftmaxP: Primitive<Axes> = /* @__PURE__ */ shiftedByMax(
  'logSoftmax',
  (z, axes) => sub(z, along(logSum, z, axes)),
  (y, cy, axes) => {
    // a node of its own, so that the transpose of the difference is taken before anything small is added to it
    const opposite = neg(cy)
    const others = sub(opposite, along(reduceSum, opposite, axes))
    return neg(add(mul(cy, expm1(y)), mul(exp(y), others)))
  },
)
export const logSoftmax = (x: Tensor, axes: readonly number[]): Tensor => bind(logSoftmaxP, [x], { axes })
