/** One primitive on arrays, by the reference. */
import type { Aval } from '../../src/core/aval.js'
import { aval } from '../../src/core/aval.js'
import type { TypedArray } from '../../src/core/dtype.js'
import { reference } from '../../src/index.js'
import type { AnyPrimitive, Params } from '../../src/ir/primitive.js'
import { variables } from '../../src/ir/program.js'

/** An array with its aval. */
export interface Sized {
  readonly aval: Aval
  readonly value: TypedArray
}

/** `prim` applied to arrays. */
export const applied = (prim: AnyPrimitive, inputs: readonly Sized[], params: Params): readonly Sized[] => {
  const fresh = variables()
  const ins = inputs.map((x) => fresh(x.aval))
  const outs = prim
    .shape(
      ins.map((v) => v.aval),
      params,
    )
    .map(fresh)
  const run = reference.compile(
    { inputs: ins, equations: [{ prim, inputs: ins, params, outputs: outs, scope: '' }], outputs: outs },
    { donate: [] },
  )
  const values = run(inputs.map((x) => x.value)) as readonly TypedArray[]
  return outs.map((v, k) => ({ aval: v.aval, value: values[k]! }))
}

/** Numbers in the shape of `a`, as float64. */
export const as64 = (value: ArrayLike<number>, a: Aval): Sized => ({
  aval: aval(a.shape, 'float64'),
  value: value instanceof Float64Array ? value : Float64Array.from(value),
})
