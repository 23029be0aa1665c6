/** Well-formedness of a Program. */
import type { Aval } from '../core/aval.js'
import { fail, TraceError } from '../core/errors.js'
import { showAval } from '../core/showAval.js'
import { printEquation } from './print.js'
import type { Atom, Equation, Program } from './program.js'
import { subprograms } from './program.js'

const expected = (e: Equation, complain: (why: string) => never): readonly Aval[] => {
  try {
    return e.prim.shape(
      e.inputs.map((a) => a.aval),
      e.params,
    )
  } catch (error) {
    return complain(`its shape rule refuses the inputs: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/**
 * Checks that a Program is well formed and returns it: every variable is defined once and before it is read, with one
 * aval; every equation's outputs have the avals of its primitive's shape rule; literals are scalars; the outputs are
 * known; and so for every Program held in an equation.
 *
 * @throws TraceError naming the first equation that breaks a rule.
 */
export const check = (program: Program): Program => {
  const defined = new Map<number, Aval>()
  const checked = new Set<Program>()
  const complainAt =
    (e: Equation, i: number) =>
    (why: string): never =>
      fail(TraceError, `program: equation ${i}: ${printEquation(program, e)}: ${why}`)
  const known = (a: Atom, complain: (why: string) => never): void => {
    if (a.kind === 'literal') {
      if (a.aval.shape.length !== 0) complain(`the literal ${a.value} has shape [${a.aval.shape.join(',')}]; literals are scalars`)
      return
    }
    const at = defined.get(a.id)
    if (at === undefined) complain(`variable ${a.id} is read before it is defined`)
    if (at !== a.aval) complain(`variable ${a.id} is read as ${showAval(a.aval)} and defined as ${at === undefined ? '?' : showAval(at)}`)
  }

  for (const v of program.inputs) {
    if (defined.has(v.id)) fail(TraceError, `program: input ${v.id} is listed twice`)
    defined.set(v.id, v.aval)
  }
  program.equations.forEach((e, i) => {
    const complain = complainAt(e, i)
    for (const a of e.inputs) known(a, complain)
    const avals = expected(e, complain)
    if (avals.length !== e.outputs.length) complain(`it has ${e.outputs.length} outputs, its shape rule gives ${avals.length}`)
    e.outputs.forEach((v, k) => {
      if (v.aval !== avals[k]) complain(`output ${k} is ${showAval(v.aval)}, its shape rule gives ${showAval(avals[k]!)}`)
      if (defined.has(v.id)) complain(`variable ${v.id} is defined twice`)
      defined.set(v.id, v.aval)
    })
    for (const p of subprograms(e.params)) {
      if (checked.has(p)) continue
      checked.add(p)
      try {
        check(p)
      } catch (error) {
        complain(`the program it holds is not well formed: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  })
  program.outputs.forEach((a, k) => known(a, (why) => fail(TraceError, `program: output ${k}: ${why}`)))
  return program
}
