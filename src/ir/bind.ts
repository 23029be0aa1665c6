/** Applying a primitive: the dynamic context of interpreters. */
import { fail, TraceError } from '../core/errors.js'
import { shared } from '../core/shared.js'
import type { Owner, Tensor } from '../core/tensor.js'
import { buffer } from '../core/tensor.js'
import type { NamedAxis } from './axes.js'
import type { AnyPrimitive, Params, Primitive } from './primitive.js'

/** One meaning of applying primitives: evaluate, push tangents, record a tape, batch, trace. */
export interface Interpreter extends Owner {
  /** The interpreter around this one; `null` for evaluation. */
  readonly outer: Interpreter | null
  /** It records what would be done later instead of doing it (`jit`, `scan`). */
  readonly staging?: boolean
  /** The named axis that it puts in force for what runs under it. */
  readonly axis?: NamedAxis
  process(prim: AnyPrimitive, inputs: readonly Tensor[], params: Params): readonly Tensor[]
}

/** Evaluates one primitive on concrete tensors; installed by the device floor. */
export type Executor = (prim: AnyPrimitive, inputs: readonly Tensor[], params: Params) => readonly Tensor[]

const state = shared('interpreter', () => {
  const executor: Executor = () => fail(TraceError, 'no device has been selected', { fix: "import 'adjoint' before evaluating" })
  const evaluation: Interpreter = {
    name: 'evaluation',
    outer: null,
    process: (prim, inputs, params) => state.executor(prim, inputs, params),
  }
  return { executor, constants: executor, current: evaluation, evaluation }
})

/** Makes `executor` the one that evaluates, and `constants` the one that evaluates what compilation knows: that one answers with host tensors. */
export const install = (executor: Executor, constants: Executor = executor): void => {
  state.executor = executor
  state.constants = constants
}

/** Applies a primitive to host tensors while a Program is compiled; the results are host tensors. */
export const bindConstants: Executor = (prim, inputs, params) => state.constants(prim, inputs, params)

/** The interpreter in force. */
export const current = (): Interpreter => state.current

/** True when primitives are evaluated at once, outside all transforms. */
export const isEvaluating = (): boolean => state.current === state.evaluation

/** True when what is applied now is (also) recorded to be run later. */
export const isStaging = (): boolean => {
  for (let i: Interpreter | null = state.current; i !== null; i = i.outer) if (i.staging === true) return true
  return false
}

/** Runs `f` under `interpreter`. */
export const within = <T>(interpreter: Interpreter, f: () => T): T => {
  const before = state.current
  state.current = interpreter
  try {
    return f()
  } finally {
    state.current = before
  }
}

/** Applies a primitive under `interpreter`; all outputs. */
export const bindUnder = (interpreter: Interpreter, prim: AnyPrimitive, inputs: readonly Tensor[], params: Params): readonly Tensor[] => {
  const before = state.current
  state.current = interpreter
  try {
    return interpreter.process(prim, inputs, params)
  } finally {
    state.current = before
  }
}

/** Applies a primitive under the current interpreter; all outputs. */
export const bindAll = <P extends Params>(prim: Primitive<P>, inputs: readonly Tensor[], params: P): readonly Tensor[] =>
  state.current.process(prim, inputs, params)

/** Applies a primitive of one output. */
export const bind = <P extends Params>(prim: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor =>
  state.current.process(prim, inputs, params)[0]!

/** The error for a traced value used after its transform ended. */
export const leaked = (t: Tensor, prim: AnyPrimitive): never =>
  t[buffer] === null
    ? fail(TraceError, `${prim.name}: a tensor made by ${t.owner?.name ?? 'evalShape'} has a shape and a dtype but no elements`, {
        args: { x: t.aval },
        fix: 'evalShape, trace or linearTranspose of a function; np.zeros for a tensor with elements',
      })
    : fail(TraceError, `${prim.name}: a value traced by ${t.owner?.name ?? 'a transform'} is used outside it`, {
        args: { x: t.aval },
        fix: 'return the value from the transformed function (as an output, or as aux) instead of storing it',
      })
