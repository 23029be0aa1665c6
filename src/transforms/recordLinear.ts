/** Recording a linear function without values of its arguments. */
import type { Aval } from '../core/aval.js'
import { fail, NonlinearError, TraceError } from '../core/errors.js'
import { showAval } from '../core/showAval.js'
import { buffer, isReadable, peek, Tensor } from '../core/tensor.js'
import type { Interpreter } from '../ir/bind.js'
import { bindUnder, current, within } from '../ir/bind.js'
import { OUT } from '../ir/linear.js'
import type { AnyPrimitive, Params } from '../ir/primitive.js'
import type { Application, TapeNode, Tape } from './application.js'
import { keep } from './application.js'
import { zeros } from './zeros.js'

/** What is traced without a value, and what only a device knows whose memory is read later, is taken for zero: the check is for mistakes. */
const isZero = (t: Tensor): boolean => !isReadable(t) || peek(t).every((v) => v === 0)

/** Throws unless the primitive is linear in its active inputs, the others being fixed. */
const checkLinear = (what: string, prim: AnyPrimitive, inputs: readonly Tensor[], active: readonly boolean[]): void => {
  const nonlinear = (why: string): never =>
    fail(NonlinearError, `${what} is not linear: ${prim.name} ${why}`, {
      args: Object.fromEntries(inputs.map((t, k) => [`x${k}`, showAval(t.aval)])),
      fix: what.startsWith('linearTranspose')
        ? 'a linear function; linearize(f, x)[1] is the derivative of any other'
        : 'a rule that is linear in the tangents (cotangents); reverse mode of a customVjp still works',
    })
  const { linear } = prim
  switch (linear.kind) {
    case 'elementwise':
      linear.partials.forEach((p, k) => {
        if (!active[k]) {
          if (typeof p === 'number' && p !== 0 && !isZero(inputs[k]!)) nonlinear('adds a constant')
          return
        }
        if (p === 0) nonlinear('has no derivative in a linear argument')
        if (typeof p === 'object' && p.needs.some((j) => j === OUT || active[j])) nonlinear('is not linear in its argument')
      })
      return
    case 'linear':
      active.forEach((a, k) => {
        const fixed = linear.args !== undefined && !linear.args.includes(k)
        if (a && fixed) nonlinear('is not linear in that argument')
        if (!a && !fixed && !isZero(inputs[k]!)) nonlinear('adds a constant')
      })
      return
    case 'multilinear':
      if (active.filter(Boolean).length !== 1) nonlinear('multiplies two linear arguments')
      return
    case 'structured':
      if (linear.untransposable !== undefined) untransposable(what, prim.name, linear.untransposable)
      return
    default:
      nonlinear('is not a linear operation')
  }
}

/** What is recorded here is about to be transposed: the mode that was asked for is not the one in which the rule was given. */
const untransposable = (what: string, name: string, { why, instead }: { readonly why: string; readonly instead: string }): never =>
  fail(TraceError, `${what} holds a ${name} over what it is linear in, and has to be transposed here, which ${why}`, {
    fix: what.startsWith('the push')
      ? `${instead} there; forward mode (jvp, jacfwd) of the rule works as it is`
      : what.startsWith('linearTranspose')
        ? `${instead} there`
        : `${instead} there; reverse mode (grad, vjp) of the rule works as it is`,
  })

/** The recorded linear maps of `f`, a linear function of values of `avals`. */
export const recordLinear = (what: string, f: (args: readonly Tensor[]) => readonly Tensor[], avals: readonly Aval[]): Tape => {
  const outer = current()
  const nodes: TapeNode[] = []
  let slots = avals.length
  const symbol = (a: Aval, slot: number): Tensor => new Tensor(a, interpreter, slot, null)

  const process = (prim: AnyPrimitive, inputs: readonly Tensor[], params: Params): readonly Tensor[] => {
    const active = inputs.map((t) => t.owner === interpreter)
    if (!active.includes(true)) return bindUnder(outer, prim, inputs, params)
    checkLinear(what, prim, inputs, active)
    const ins = inputs.map((t) => t.aval)
    const { linear } = prim
    // A structured primitive records itself at zero: the map of a linear function is the same everywhere.
    const structured =
      linear.kind === 'structured'
        ? within(outer, () =>
            linear.forward(
              inputs.map((t, k) => (active[k] ? zeros(t.aval) : t)),
              active,
              params,
            ),
          )
        : null
    const outs = structured === null ? prim.shape(ins, params) : structured.outputs.map((t) => t.aval)
    const application: Application = {
      prim,
      params,
      ins,
      outs,
      active,
      saved: structured === null ? keep(prim, inputs, [], active) : structured.saved,
      map: structured === null ? null : structured.map,
    }
    const out = slots
    slots += outs.length
    nodes.push({ ...application, parents: inputs.map((t, k) => (active[k] ? (t[buffer] as number) : -1)), out })
    return outs.map((a, i) => symbol(a, out + i))
  }
  const interpreter: Interpreter = { name: what, outer, process }

  const results = within(interpreter, () => f(avals.map(symbol)))
  return { nodes, inputs: avals, outputs: results.map((t) => (t.owner === interpreter ? (t[buffer] as number) : -1)), slots }
}
