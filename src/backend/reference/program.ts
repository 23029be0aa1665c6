/** Programs to kernels: a list of steps over slots. */
import { dtypes, type TypedArray } from '../../core/dtype.js'
import { plan } from '../../compile/plan.js'
import { define } from '../../ir/passes/define.js'
import type { Program } from '../../ir/program.js'
import { equationKernel } from './equation.js'
import type { HostKernel } from './kernel.js'
import { hasRoutine } from './routines.js'

const compiled = new WeakMap<Program, HostKernel>()

/** The kernel of a Program, compiled once. */
export const programKernel = (program: Program): HostKernel => {
  let kernel = compiled.get(program)
  if (kernel === undefined) compiled.set(program, (kernel = compileProgram(program)))
  return kernel
}

const compileProgram = (whole: Program): HostKernel => {
  const program = define(whole, (e) => hasRoutine(e.prim.name))
  const { slots, literals, steps, outputs } = plan(program)
  const kernels = steps.map(({ equation: e }) =>
    equationKernel(
      e.prim,
      e.inputs.map((a) => a.aval),
      e.outputs.map((v) => v.aval),
      e.params,
      programKernel,
    ),
  )
  if (isOneEquation(program)) return kernels[0]!

  const constants = literals.map((l) => dtypes[l.aval.dtype].make(1).fill(l.value))
  const arity = program.inputs.length
  const empty = new Uint8Array(0)
  return (inputs) => {
    const values = new Array<TypedArray>(slots)
    for (let k = 0; k < arity; k++) values[k] = inputs[k]!
    for (let k = 0; k < constants.length; k++) values[literals[k]!.slot] = constants[k]!
    for (let k = 0; k < steps.length; k++) {
      const step = steps[k]!
      const read = step.inputs
      const given = new Array<TypedArray>(read.length)
      for (let i = 0; i < read.length; i++) given[i] = values[read[i]!]!
      const results = kernels[k]!(given)
      for (let i = 0; i < results.length; i++) values[step.outputs[i]!] = results[i]!
      for (let i = 0; i < step.drop.length; i++) values[step.drop[i]!] = empty
    }
    const results = new Array<TypedArray>(outputs.length)
    for (let k = 0; k < outputs.length; k++) results[k] = values[outputs[k]!]!
    return results
  }
}

/** True when the program is one equation over its inputs in order: then its kernel is the equation's. */
const isOneEquation = ({ inputs, equations, outputs }: Program): boolean => {
  const e = equations[0]
  return (
    e !== undefined &&
    equations.length === 1 &&
    e.inputs.length === inputs.length &&
    e.inputs.every((a, k) => a === inputs[k]) &&
    e.outputs.length === outputs.length &&
    e.outputs.every((v, k) => v === outputs[k])
  )
}
