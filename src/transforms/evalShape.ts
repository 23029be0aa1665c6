/** Shapes and dtypes of a function's results, without computing or allocating anything; Programs for people to read. */
import { aval } from '../core/aval.js'
import { checkShape } from '../core/axis.js'
import type { DType } from '../core/dtype.js'
import type { Shape } from '../core/shape.js'
import { Tensor, type Owner } from '../core/tensor.js'
import { check } from '../ir/check.js'
import { printProgram } from '../ir/print.js'
import type { Program } from '../ir/program.js'
import { shapesOf, trace as traceLeaves } from '../ir/trace.js'
import type { Args, Differential } from './flat.js'
import { checkFunction, flattenTensors, onLeaves } from './flat.js'

const unknownValue: Owner = { name: 'evalShape' }

/**
 * A tensor without elements: shape and dtype only, for `evalShape`, `trace` and `linearTranspose`. Reading it throws.
 *
 * @example
 * evalShape((x) => np.matmul(x, np.ones([784, 10])), shapeDtype([32, 784])).shape   // [32, 10]
 */
export const shapeDtype = (shape: Shape, dtype: DType = 'float32'): Tensor => {
  checkShape('shapeDtype', shape)
  return new Tensor(aval(shape, dtype), unknownValue, null, null)
}

/**
 * The shapes and dtypes of `f(...args)`: a tree like the result, of tensors without elements. Allocates nothing.
 *
 * @example
 * const y = evalShape(np.matmul, shapeDtype([1e6, 1e6]), shapeDtype([1e6, 3]))
 * y.shape   // [1000000, 3]
 */
export const evalShape = <A extends Args = readonly Tensor[], R = unknown>(f: (...args: A) => R, ...args: A): Differential<R> => {
  checkFunction('evalShape', f)
  const { leaves, structure } = flattenTensors<Args>([...args])
  const flat = onLeaves((tree: Args) => f(...(tree as A)), structure, 'evalShape')
  const avals = shapesOf(
    'evalShape',
    flat.call,
    leaves.map((x) => x.aval),
  )
  return flat.result(avals.map((a) => new Tensor(a, unknownValue, null, null))) as Differential<R>
}

/** A function's Program, and the tensors it closed over: the Program's first inputs. */
export interface TracedFunction {
  readonly program: Program
  readonly captures: readonly Tensor[]
  /** The Program as text, one equation per line. */
  toString(): string
}

/**
 * The Program of `f` for arguments like `args`, checked; prints one equation per line.
 *
 * @throws TraceError when `f` reads the value of an argument
 * @example
 * String(trace((x) => np.sum(np.sin(x)), np.zeros([3])))
 */
export const trace = <A extends Args = readonly Tensor[]>(f: (...args: A) => unknown, ...args: A): TracedFunction => {
  checkFunction('trace', f)
  const { leaves, structure } = flattenTensors<Args>([...args])
  const flat = onLeaves((tree: Args) => f(...(tree as A)), structure, 'trace')
  const { program, captures } = traceLeaves(
    'trace',
    flat.call,
    leaves.map((x) => x.aval),
  )
  check(program)
  return { program, captures, toString: () => printProgram(program) }
}
