/** What loop kernels mean, element by element: values are arrays over the domain, and whatever is read must be there. */
import { foldingOf } from '../../src/backend/reference/combine.js'
import { equationKernel } from '../../src/backend/reference/equation.js'
import { programKernel } from '../../src/backend/reference/program.js'
import { scalarKernel } from '../../src/backend/reference/scalar.js'
import type { Fused, LoopKernel, Value } from '../../src/compile/kernels.js'
import { aval } from '../../src/core/aval.js'
import type { TypedArray } from '../../src/core/dtype.js'
import { dtypes } from '../../src/core/dtype.js'
import { sizeOf } from '../../src/core/shape.js'
import type { Atom } from '../../src/ir/program.js'
import type { Expr } from '../../src/kernel/scalar.js'
import { operandsOf, s, withOperands } from '../../src/kernel/scalar.js'

/** The positions of a domain, row-major. */
const points = (sizes: readonly number[]): readonly (readonly number[])[] =>
  sizes.reduce<readonly (readonly number[])[]>((ps, n) => ps.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])), [[]])

const dot = (strides: readonly number[], p: readonly number[]): number => strides.reduce((sum, by, k) => sum + by * p[k]!, 0)

/** Runs one kernel on host arrays. @throws when it reads an element that an input does not have */
export const interpretKernel = ({ outer, inner, values, outputs }: LoopKernel, inputs: readonly TypedArray[]): TypedArray[] => {
  const domain = points([...outer, ...inner])
  const n = domain.length
  const row = sizeOf(inner)
  const made: TypedArray[] = []
  const element = (input: number, at: number): number => {
    const x = inputs[input]!
    if (!(at >= 0 && at < x.length)) throw new Error(`element ${at} of input ${input}, which has ${x.length}`)
    return x[at]!
  }
  const valuesOf = (v: Value): TypedArray => {
    const result = dtypes[v.dtype].make(n)
    switch (v.op) {
      case 'const':
        return result.fill(v.value)
      case 'index':
        return result.map((_, k) => v.offset + v.scale * domain[k]![v.axis]!)
      case 'load':
        return result.map((_, k) => element(v.input, v.offset + dot(v.strides, domain[k]!)))
      case 'gather':
        return result.map((_, k) => {
          if (v.test !== undefined && made[v.test]![k] === 0) return 0
          const computed = v.at.reduce((sum, at, j) => sum + made[at]![k]! * v.scales[j]!, 0)
          return element(v.input, v.offset + dot(v.strides, domain[k]!) + computed)
        })
      case 'reduce': {
        const { identity, run } = foldingOf(v.combine, v.dtype)
        for (let k = 0; k < n; k += row) result.fill(run(identity, made[v.x]!, k, row, 1), k, k + row)
        return result
      }
      default: {
        const operands = operandsOf<number>(v)
        const expression = withOperands<number, Expr>(v, (o) => s.input(operands.indexOf(o), values[o]!.dtype)) as Expr
        return scalarKernel([expression], operands.length, [aval([n], v.dtype)])(operands.map((o) => made[o]!))[0]!
      }
    }
  }
  for (const v of values) made.push(valuesOf(v))
  return outputs.map(({ value, perRow, strides, variable }) => {
    const out = dtypes[variable.aval.dtype].make(variable.aval.size)
    for (let k = 0; k < n; k += perRow ? row : 1) out[dot(strides, domain[k]!)] = made[value]![k]!
    return out
  })
}

/** Runs the steps of a fused Program on host arrays. */
export const interpret = (fused: Fused, inputs: readonly TypedArray[]): TypedArray[] => {
  const known = new Map<number, TypedArray>()
  fused.inputs.forEach((v, k) => known.set(v.id, inputs[k]!))
  const read = (a: Atom): TypedArray => {
    if (a.kind === 'literal') return dtypes[a.aval.dtype].make(1).fill(a.value)
    const x = known.get(a.id)
    if (x === undefined) throw new Error('a value is read before it is made')
    return x
  }
  for (const step of fused.steps) {
    if (step.kind === 'alias') known.set(step.to.id, read(step.from))
    else if (step.kind === 'loops') {
      const results = interpretKernel(step, step.inputs.map(read))
      step.outputs.forEach((o, k) => known.set(o.variable.id, results[k]!))
    } else {
      const { equation: e } = step
      const kernel = equationKernel(
        e.prim,
        e.inputs.map((a) => a.aval),
        e.outputs.map((v) => v.aval),
        e.params,
        programKernel,
      )
      const results = kernel(e.inputs.map(read))
      e.outputs.forEach((v, k) => known.set(v.id, results[k]!))
    }
  }
  return fused.outputs.map(read)
}
