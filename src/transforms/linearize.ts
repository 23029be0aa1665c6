/** The derivative of a function at one point, as a linear function to be applied many times; and transposition. */
import type { Tensor } from '../core/tensor.js'
import { interpret } from '../ir/interpret.js'
import { trace } from '../ir/trace.js'
import { unflatten } from '../tree/tree.js'
import type { Args, Differential } from './flat.js'
import { checkFunction, flattenLike, flattenTensors, onLeaves } from './flat.js'
import { transposeOf } from './linearMap.js'
import { push, record } from './tape.js'
import type { Differentials } from './vjp.js'
import { instantiate } from './zeros.js'

/**
 * The value of `f` at `primals` and its derivative there, a linear function of tangents. What does not depend on
 * the tangents is computed once, here, so that applying the derivative many times is cheap.
 *
 * @example
 * const [y, df] = linearize(np.sin, 0)
 * df(2)   // 2
 */
export const linearize = <A extends Args = readonly Tensor[], R = unknown>(
  f: (...args: A) => R,
  ...primals: A
): [Differential<R>, (...tangents: A) => Differential<R>] => {
  checkFunction('linearize', f)
  const { leaves, structure } = flattenTensors<Args>([...primals])
  const flat = onLeaves((args: Args) => f(...(args as A)), structure, 'linearize')
  const { values, tape } = record('linearize', flat.call, leaves)
  const avals = leaves.map((x) => x.aval)
  const pushed = (dxs: readonly Tensor[]): readonly Tensor[] => push(tape, dxs).map((dy, i) => instantiate(dy, values[i]!.aval))
  const { program, captures } = trace('linearize', pushed, avals, { staged: false })
  return [
    flat.result(values) as Differential<R>,
    (...tangents) => {
      const dxs = flattenLike('linearize tangents', [...tangents], structure, avals)
      return flat.result(interpret(program, [...captures, ...dxs])) as Differential<R>
    },
  ]
}

/**
 * The transpose of a linear function, without evaluating it: maps a cotangent of its output to cotangents of its arguments.
 *
 * @param f linear in all its arguments together
 * @param like tensors (or `shapeDtype`s) with the shapes and dtypes of the arguments; values are not read
 * @throws NonlinearError when `f` is not linear
 * @example
 * const transposed = linearTranspose((x) => np.mul(x, 3), np.zeros([2]))
 * transposed(np.array([1, 2]))[0]   // [3, 6]
 */
export const linearTranspose = <A extends Args = readonly Tensor[], R = unknown>(
  f: (...args: A) => R,
  ...like: A
): ((cotangent: Differential<R>) => Differentials<A>) => {
  checkFunction('linearTranspose', f)
  const { leaves, structure } = flattenTensors<Args>([...like])
  const flat = onLeaves((args: Args) => f(...(args as A)), structure, 'linearTranspose')
  let outs: readonly Tensor[] = []
  const transposed = transposeOf(
    'linearTranspose: the function',
    (xs) => (outs = flat.call(xs)),
    leaves.map((x) => x.aval),
  )
  return (cotangent) => {
    const cys = flattenLike(
      'linearTranspose cotangent',
      cotangent,
      flat.structure(),
      outs.map((y) => y.aval),
    )
    return unflatten(structure, transposed(cys)) as Differentials<A>
  }
}
