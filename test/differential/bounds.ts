/** Programs on the reference, equation by equation, with a bound on what any other backend may give for each element. */
import type { Aval } from '../../src/core/aval.js'
import { dtypes } from '../../src/core/dtype.js'
import { primitives } from '../../src/prim/all.js'
import type { AnyPrimitive } from '../../src/ir/primitive.js'
import type { Atom, Equation, Program } from '../../src/ir/program.js'
import { isProgram } from '../../src/ir/program.js'
import type { Known } from './known.js'
import { known, unknown } from './known.js'
import { movementErrors, withSums } from './movements.js'
import { scalarErrors } from './scalars.js'
import { applied } from './single.js'

withSums(primitives.reduceSum, primitives.cumsum)
const opposites: Readonly<Record<string, AnyPrimitive>> = {
  reduceMin: primitives.reduceMax,
  windowMin: primitives.windowMax,
  cummin: primitives.cummax,
}

const slice = (x: Known, t: number, a: Aval): Known =>
  known(a, x.value.slice(t * a.size, (t + 1) * a.size), x.error === null ? null : x.error.slice(t * a.size, (t + 1) * a.size))

const stack = (xs: readonly Known[], a: Aval): Known => {
  const value = dtypes[a.dtype].make(a.size)
  const error = new Float64Array(a.size)
  let at = 0
  for (const x of xs) {
    value.set(x.value, at)
    if (x.error !== null) error.set(x.error, at)
    at += x.aval.size
  }
  return known(a, value, error)
}

const number = (e: Equation, name: string): number => Number(e.params[name])

const scan = (e: Equation, body: Program, inputs: readonly Known[], outs: readonly Aval[]): readonly Known[] => {
  const [consts, carried, length] = [number(e, 'consts'), number(e, 'carry'), number(e, 'length')]
  let carry = inputs.slice(consts, consts + carried)
  const rows: Known[][] = outs.slice(carried).map(() => [])
  for (let step = 0; step < length; step++) {
    const t = e.params['reverse'] === true ? length - 1 - step : step
    const xs = inputs.slice(consts + carried).map((x, k) => slice(x, t, body.inputs[consts + carried + k]!.aval))
    const results = bounds(body, [...inputs.slice(0, consts), ...carry, ...xs])
    carry = results.slice(0, carried)
    results.slice(carried).forEach((y, k) => {
      if (e.params['reverse'] === true) rows[k]!.unshift(y)
      else rows[k]!.push(y)
    })
  }
  return [...carry, ...rows.map((ys, k) => stack(ys, outs[carried + k]!))]
}

/** Steps after which a loop is given up. */
const patience = 1000

const whileLoop = (e: Equation, test: Program, body: Program, inputs: readonly Known[], outs: readonly Aval[]): readonly Known[] => {
  const a = number(e, 'condConsts')
  const b = a + number(e, 'bodyConsts')
  let carry = inputs.slice(b)
  for (let step = 0; step < patience; step++) {
    const [goes] = bounds(test, [...inputs.slice(0, a), ...carry])
    if (goes!.error !== null) break
    if (goes!.value[0] === 0) return carry
    carry = [...bounds(body, [...inputs.slice(a, b), ...carry])]
  }
  return outs.map((o) => unknown(o, dtypes[o.dtype].make(o.size)))
}

const equation = (e: Equation, inputs: readonly Known[]): readonly Known[] => {
  const { params } = e
  const outs = e.outputs.map((v) => v.aval)
  if (isProgram(params['program'])) return bounds(params['program'], inputs)
  if (Array.isArray(params['branches'])) {
    const branches = params['branches'] as readonly Program[]
    const [index, ...operands] = inputs
    const taken = branches[Math.min(Math.max(index!.value[0]!, 0), branches.length - 1)]!
    const results = bounds(taken, operands)
    return index!.error === null ? results : results.map((y) => unknown(y.aval, y.value))
  }
  if (isProgram(params['cond']) && isProgram(params['body'])) return whileLoop(e, params['cond'], params['body'], inputs, outs)
  if (isProgram(params['body'])) return scan(e, params['body'], inputs, outs)
  if (e.prim.lower.kind === 'inline') throw new Error(`${e.prim.name} reaches no backend`)
  if (inputs.length === 0) return [{ ...applied(e.prim, [], params)[0]!, error: null }]
  return e.prim.lower.kind === 'scalar'
    ? scalarErrors(e.prim, inputs, params, outs)
    : movementErrors(e.prim, inputs, params, outs, (name) => opposites[name]!)
}

/** What is known of the outputs of a Program. */
export const bounds = (program: Program, inputs: readonly Known[]): readonly Known[] => {
  const values = new Map<number, Known>()
  program.inputs.forEach((v, k) => values.set(v.id, inputs[k]!))
  const read = (a: Atom): Known =>
    a.kind === 'var' ? values.get(a.id)! : { aval: a.aval, value: dtypes[a.aval.dtype].make(1).fill(a.value), error: null }
  for (const e of program.equations) {
    const outputs = equation(e, e.inputs.map(read))
    e.outputs.forEach((v, k) => values.set(v.id, { ...outputs[k]!, aval: v.aval }))
  }
  return program.outputs.map(read)
}
