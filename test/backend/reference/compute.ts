/** Running one primitive or expression of the kernel language on the reference backend. */
import { reference } from '../../../src/backend/reference/index.js'
import type { Aval } from '../../../src/core/aval.js'
import { aval } from '../../../src/core/aval.js'
import type { DType, TypedArray } from '../../../src/core/dtype.js'
import { dtypes } from '../../../src/core/dtype.js'
import type { AnyPrimitive, Lowering, Params } from '../../../src/ir/primitive.js'
import { none } from '../../../src/ir/primitive.js'
import type { Program } from '../../../src/ir/program.js'
import { variables } from '../../../src/ir/program.js'
import type { LoopNest } from '../../../src/kernel/loop.js'
import type { Expr } from '../../../src/kernel/scalar.js'
import { s } from '../../../src/kernel/scalar.js'
import type { View } from '../../../src/kernel/view.js'

/** A value: shape, dtype and elements in row-major order. */
export interface Value {
  readonly aval: Aval
  readonly data: TypedArray
}

export const value = (shape: readonly number[], values: ArrayLike<number>, dtype: DType = 'float32'): Value => ({
  aval: aval(shape, dtype),
  data: dtypes[dtype].from(values),
})

/** A primitive that exists for one test. */
export const toy = (name: string, lower: Lowering<Params>, outs: readonly Aval[]): AnyPrimitive => ({
  name,
  shape: () => outs,
  linear: { kind: 'zero' },
  batch: 'elementwise',
  lower,
})

/** The Program of one equation. */
export const oneEquation = (prim: AnyPrimitive, ins: readonly Aval[], params: Params): Program => {
  const fresh = variables()
  const inputs = ins.map(fresh)
  const outputs = prim.shape(ins, params).map(fresh)
  return { inputs, equations: [{ prim, inputs, params, outputs, scope: '' }], outputs }
}

export const runProgram = (program: Program, inputs: readonly TypedArray[]): readonly TypedArray[] =>
  reference.compile(program, { donate: [] })(inputs) as readonly TypedArray[]

/** Of routines that the backend is to have. */
export const undefinable = {
  kind: 'inline',
  run: () => {
    throw new Error('the backend has no routine of this name, and took its definition')
  },
} as const

/** A named routine applied to values. */
export const routine = (name: string, inputs: readonly Value[], params: Params, outs: readonly Aval[]): readonly TypedArray[] =>
  runProgram(
    oneEquation(
      toy(name, { kind: 'routine', define: undefinable }, outs),
      inputs.map((x) => x.aval),
      params,
    ),
    inputs.map((x) => x.data),
  )

/** Expressions applied element by element. */
export const map = (inputs: readonly Value[], f: (...xs: Expr[]) => Expr | readonly Expr[]): readonly TypedArray[] => {
  const body = f(...inputs.map((x, k) => s.input(k, x.aval.dtype)))
  const roots = 'op' in body ? [body] : body
  const outs = roots.map((e) => aval(inputs[0]!.aval.shape, e.dtype))
  const prim = toy('map', { kind: 'scalar', body: (xs) => f(...xs) }, outs)
  return runProgram(
    oneEquation(
      prim,
      inputs.map((x) => x.aval),
      none,
    ),
    inputs.map((x) => x.data),
  )
}

/** One loop nest. */
export const loop = (nest: Omit<LoopNest, 'kind'>, inputs: readonly Value[]): TypedArray => {
  const prim = toy('loop', { kind: 'loops', nests: () => [{ kind: 'loops', ...nest }] }, [aval(nest.shape, nest.dtype)])
  return runProgram(
    oneEquation(
      prim,
      inputs.map((x) => x.aval),
      none,
    ),
    inputs.map((x) => x.data),
  )[0]!
}

/** One view. */
export const view = (v: View, x: Value): TypedArray => {
  const prim = toy('view', { kind: 'view', view: () => v }, [aval(v.shape, x.aval.dtype)])
  return runProgram(oneEquation(prim, [x.aval], none), [x.data])[0]!
}
