/** The shapes and the classes that a loss compares. */
import { fail, ShapeError, ValueError } from '../core/errors.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { isReadable, peek } from '../core/tensor.js'
import type { TensorLike } from '../numpy/lift.js'
import { alignFloats, lift } from '../numpy/lift.js'

/** Two arguments by their names, in order, as tensors of one shape and one float dtype. @throws ShapeError when the shapes differ: nothing is broadcast. */
export const pair = (name: string, named: Readonly<Record<string, TensorLike>>): readonly [Tensor, Tensor] => {
  const given = Object.entries(named)
  const [p, q] = given.map(([parameter, x]) => lift(x, name, parameter)) as [Tensor, Tensor]
  if (!sameShape(p.shape, q.shape))
    fail(ShapeError, `${name}: ${given.map(([parameter]) => parameter).join(' and ')} differ in shape`, {
      args: Object.fromEntries(given.filter((e): e is [string, Tensor] => typeof e[1] === 'object')),
      fix: 'np.reshape one of them: broadcasting [n,1] against [n] would compare every pair',
    })
  const [y, t] = alignFloats(
    name,
    given.map(([, x]) => x),
  )
  return [y!, t!]
}

/**
 * Throws for a known class number that is none of `0 .. classes - 1`, unless its example weighs nothing. Unknown ones (under
 * `jit`, `vmap`) are left to the loss.
 *
 * @throws ValueError naming the first such number and its place.
 */
export const checkClasses = (name: string, labels: Tensor, classes: number, weights: TensorLike | undefined): void => {
  checkKnown(name, labels, weights, (n) => n >= 0 && n < classes, {
    none: `none of ${classes} classes`,
    fix: `class numbers from 0 to ${classes - 1}; weights of 0 leave examples out, such as padding`,
  })
}

/**
 * Throws for a known label that is neither -1 nor 1, unless its example weighs nothing.
 *
 * @throws ValueError naming the first such label and its place.
 */
export const checkSigns = (name: string, labels: Tensor, weights: TensorLike | undefined): void => {
  checkKnown(name, labels, weights, (n) => n === 1 || n === -1, {
    none: 'neither -1 nor 1',
    fix: 'np.sub(np.mul(labels, 2), 1) of labels that are 0 and 1',
  })
}

const checkKnown = (
  name: string,
  labels: Tensor,
  weights: TensorLike | undefined,
  isLabel: (n: number) => boolean,
  { none, fix }: { readonly none: string; readonly fix: string },
): void => {
  if (!isReadable(labels)) return
  const w = weights === undefined ? null : lift(weights, name, 'weights')
  if (w !== null && !isReadable(w)) return
  const [numbers, factors] = [peek(labels), w === null ? null : peek(w)]
  const perWeight = factors === null || factors.length === 0 ? 1 : numbers.length / factors.length
  const i = numbers.findIndex((n, at) => !isLabel(n) && (factors === null || factors[Math.floor(at / perWeight)] !== 0))
  if (i !== -1) fail(ValueError, `${name}: label ${numbers[i]!} at position ${i} is ${none}`, { args: { labels }, fix })
}
