/** The softmax and its logarithm over axes, with derivatives that stay exact where one probability is all but 1. */
import type { Aval } from '../core/aval.js'
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

const shape = (name: string, x: Aval, { axes }: Axes): readonly Aval[] => {
  checkDType(name, [x], 'float')
  checkAxes(name, x, axes)
  return [x]
}

/** A reduction over `axes`, spread over the shape of `x` again. */
const along = (reduce: (x: Tensor, axes: readonly number[]) => Tensor, x: Tensor, axes: readonly number[]): Tensor =>
  broadcast(reduce(x, axes), x.shape, otherAxes(x.ndim, axes))

/**
 * e^x / sum e^x, shifted by the largest x. Pull: y (c - sum y c), with the c of the largest y subtracted from all: where that y is all but
 * 1, it is the sum over the others that is left, and 1 - y would have lost it.
 */
export const softmaxP: Primitive<Axes> = {
  name: 'softmax',
  shape: ([x], p) => shape('softmax', x!, p),
  linear: {
    kind: 'pull',
    pull: (_inputs, [y], [cy], { axes }) => {
      if (cy === null) return [null]
      const top = cast(eq(y!, along(reduceMax, y!, axes)), y!.dtype)
      const pivot = div(reduceSum(mul(top, cy!), axes), reduceSum(top, axes))
      const c = sub(cy!, broadcast(pivot, y!.shape, otherAxes(y!.ndim, axes)))
      return [mul(y!, sub(c, along(reduceSum, mul(y!, c), axes)))]
    },
  },
  batch: single((x, { axes }) => softmax(x, shifted(axes))),
  lower: {
    kind: 'inline',
    run: ([x], { axes }) => {
      const e = exp(sub(x!, along(reduceMax, x!, axes)))
      // One division for each sum rather than for each element: at most one more rounding, and none where a sum is a power of two.
      return [
        mul(
          e,
          along((t, a) => reciprocal(reduceSum(t, a)), e, axes),
        ),
      ]
    },
  },
}
export const softmax = (x: Tensor, axes: readonly number[]): Tensor => bind(softmaxP, [x], { axes })

/**
 * x - log sum e^x. Pull: c - e^y sum c, as c (1 - e^y) - e^y (sum c - c): the first factor does not cancel where e^y is all but 1, and
 * the second is 0 where c has one entry.
 */
export const logSoftmaxP: Primitive<Axes> = {
  name: 'logSoftmax',
  shape: ([x], p) => shape('logSoftmax', x!, p),
  linear: {
    kind: 'pull',
    pull: (_inputs, [y], [cy], { axes }) => {
      if (cy === null) return [null]
      // a node of its own, so that the transpose of the difference is taken before anything small is added to it
      const opposite = neg(cy!)
      const others = sub(opposite, along(reduceSum, opposite, axes))
      return [neg(add(mul(cy!, expm1(y!)), mul(exp(y!), others)))]
    },
  },
  batch: single((x, { axes }) => logSoftmax(x, shifted(axes))),
  lower: {
    kind: 'inline',
    run: ([x], { axes }) => {
      const z = sub(x!, along(reduceMax, x!, axes))
      return [sub(z, along(logSum, z, axes))]
    },
  },
}
export const logSoftmax = (x: Tensor, axes: readonly number[]): Tensor => bind(logSoftmaxP, [x], { axes })
