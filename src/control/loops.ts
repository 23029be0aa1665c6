/** Loops over leading axes and counters, written with `scan` and `while`. */
import { withShape } from '../core/aval.js'
import { check, count, flag, whole } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import { isTensor, scalar, type Tensor } from '../core/tensor.js'
import { bindAll } from '../ir/bind.js'
import { trace } from '../ir/trace.js'
import { add } from '../prim/arithmetic.js'
import { lt } from '../prim/comparison.js'
import { cast } from '../prim/select.js'
import type { Differential, Lifted } from '../transforms/flat.js'
import { checkFunction, flattenLifted, flattenTensors, onLeaves } from '../transforms/flat.js'
import { listOf } from '../tree/structure.js'
import { settleCarry } from './carry.js'
import { checkpoint } from './checkpoint.js'
import { scanP } from './scan.js'
import { whileLoop } from './whileLoop.js'

/** Options of `scan`. */
export interface ScanOptions {
  /** Number of steps; needed when `xs` has no leaves. */
  readonly length?: number
  /** From the last step to the first; results keep the order of `xs`. */
  readonly reverse?: boolean
  /** Keep only each step's inputs for the reverse pass and compute the rest again. */
  readonly checkpoint?: boolean
}

const lengthOf = (name: string, xs: readonly Tensor[], given: number | undefined): number => {
  let length = given
  xs.forEach((x, i) => {
    if (x.ndim === 0)
      fail(ShapeError, `${name}: leaf ${i} of xs is a scalar and has no leading axis`, {
        args: { x: x.aval },
        fix: 'what is the same for every step is closed over, or part of the state',
      })
    if (length !== undefined && x.shape[0] !== length)
      fail(ShapeError, `${name}: lengths differ: ${length} and ${x.shape[0]} (leaf ${i} of xs)`, {
        args: { x: x.aval },
        fix: given === undefined ? 'xs of one length' : 'leave length out: xs has one',
      })
    length = x.shape[0]!
  })
  if (length === undefined) return fail(ValueError, `${name}: xs has no leaves; the number of steps is unknown`, { fix: '{ length }' })
  if (!Number.isInteger(length) || length < 0)
    return fail(ValueError, `${name}: length must be a non-negative integer, got ${length}`, { fix: 'a number of steps' })
  return length
}

/** How `scan` may be called. */
interface Scan {
  /** Numbers become tensors. */
  <C, X, Y>(
    step: (carry: Lifted<C>, x: Differential<X>) => readonly [unknown, Y],
    init: C,
    xs: X,
    options?: ScanOptions,
  ): [Lifted<C>, Lifted<Y>]
  /** In functions generic in their trees, whose leaves are tensors. */
  <C extends object, X, Y>(step: (carry: C, x: X) => readonly [C, Y], init: C, xs: X, options?: ScanOptions): [C, Lifted<Y>]
}

const scanOptions = optionsOf<ScanOptions>({ length: count, reverse: flag, checkpoint: flag })

/**
 * `step` along the leading axis of `xs`, carrying state: `[carry, y] = step(carry, x)` for every `x`, with the `y`s stacked.
 * One step is traced and compiled once, whatever the length. Differentiable in both modes, batchable.
 *
 * @returns `[carry, ys]`
 * @throws TreeError when a step changes the state's structure, shapes or dtypes; ShapeError when lengths differ
 * @example
 * const [total, sums] = scan((c, x) => { const s = np.add(c, x); return [s, s] }, 0, np.array([1, 2, 3]))   // 6, [1, 3, 6]
 */
export const scan: Scan = <C, X, Y>(
  step: (carry: Lifted<C>, x: Differential<X>) => readonly [unknown, Y],
  init: C,
  xs: X,
  given: ScanOptions = {},
): [Lifted<C>, Lifted<Y>] => {
  const options = scanOptions('scan', given)
  checkFunction('scan', step, 'step')
  const body = options.checkpoint ? (checkpoint(step as never) as typeof step) : step
  const carryFlat = flattenLifted(init)
  const xsFlat = flattenTensors(xs)
  const length = lengthOf('scan', xsFlat.leaves, options.length)
  const slices = xsFlat.leaves.map((x) => withShape(x.aval, x.shape.slice(1)))
  const n = carryFlat.leaves.length
  const both = listOf<readonly [C, X]>([carryFlat.structure, xsFlat.structure])
  const flat = onLeaves(
    (tree: readonly [C, X]) => {
      const result = body(tree[0] as unknown as Lifted<C>, tree[1] as unknown as Differential<X>)
      if (!Array.isArray(result) || result.length !== 2)
        return fail(ValueError, 'scan: the step must return [carry, y]', { fix: '[carry, null] when there is nothing to stack' })
      return result
    },
    both,
    'scan',
    flattenLifted,
  )
  const { traced, carry } = settleCarry('scan', carryFlat.leaves, carryFlat.structure, 0, (avals) => {
    const t = trace('scan', flat.call, [...avals, ...slices])
    return { traced: t, structure: flat.structure().children[0]! }
  })
  const outs = bindAll(scanP, [...traced.captures, ...carry, ...xsFlat.leaves], {
    body: traced.program,
    length,
    reverse: options.reverse ?? false,
    consts: traced.captures.length,
    carry: n,
  })
  return flat.result(outs) as unknown as [Lifted<C>, Lifted<Y>]
}

/**
 * `f` applied to every element along the leading axis of `xs`, one after the other; `vmap` does it at once.
 *
 * @example
 * map((x) => np.sum(np.square(x)), np.ones([4, 3]))   // [3, 3, 3, 3]
 */
export const map = <X, Y>(f: (x: Differential<X>) => Y, xs: X): Lifted<Y> => {
  checkFunction('map', f)
  return scan((_, x: Differential<X>) => [null, f(x)], null, xs as never)[1]
}

/**
 * `state = body(i, state)` for `i` from `lower` to `upper - 1` (int32). With number bounds it is a `scan`,
 * differentiable in both modes; with tensor bounds a `whileLoop`.
 *
 * @example
 * foriLoop(0, 10, (i, x) => np.add(x, i), 0)   // 45
 */
export const foriLoop = <S>(
  lower: number | Tensor,
  upper: number | Tensor,
  body: (i: Tensor, state: Lifted<S>) => NoInfer<S> | Lifted<S>,
  init: S,
): Lifted<S> => {
  checkFunction('foriLoop', body, 'body')
  if (!isTensor(lower)) check('foriLoop', 'lower', whole, lower)
  if (!isTensor(upper)) check('foriLoop', 'upper', whole, upper)
  const index = (x: number | Tensor): Tensor => (isTensor(x) ? cast(x, 'int32') : scalar(x, 'int32', false))
  const one = scalar(1, 'int32', false)
  if (typeof lower === 'number' && typeof upper === 'number') {
    const length = Math.max(0, upper - lower)
    type State = readonly [Tensor, Lifted<S>]
    const step = ([i, s]: State): readonly [unknown, null] => [[add(i, one), body(i, s)], null]
    return scan(step as never, [index(lower), init], null, { length })[0][1] as Lifted<S>
  }
  const last = index(upper)
  const loop = whileLoop as (
    c: (s: readonly [Tensor, Lifted<S>]) => Tensor,
    b: (s: readonly [Tensor, Lifted<S>]) => unknown,
    i: unknown,
  ) => readonly [Tensor, Lifted<S>]
  return loop(
    ([i]) => lt(i, last),
    ([i, s]) => [add(i, one), body(i, s)],
    [index(lower), init],
  )[1]
}
