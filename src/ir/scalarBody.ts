/** What an elementwise equation computes, as scalar expressions. */
import type { Aval } from '../core/aval.js'
import { isOp, properties } from '../kernel/properties.js'
import type { Expr } from '../kernel/scalar.js'
import { nodesOf, s } from '../kernel/scalar.js'
import type { AnyPrimitive, Params } from './primitive.js'
import type { Equation } from './program.js'

/** One expression for every output of an application; undefined unless the primitive lowers to scalar expressions. */
export const scalarBodyOf = (
  { lower }: AnyPrimitive,
  ins: readonly Aval[],
  outs: readonly Aval[],
  params: Params,
): readonly Expr[] | undefined => {
  if (lower.kind !== 'scalar') return undefined
  const body = lower.body(
    ins.map((a, k) => s.input(k, a.dtype)),
    params,
    outs,
  )
  return 'op' in body ? [body] : body
}

/** One expression for every output of an equation; undefined unless its primitive lowers to scalar expressions. */
export const scalarBody = ({ prim, inputs, outputs, params }: Equation): readonly Expr[] | undefined =>
  scalarBodyOf(
    prim,
    inputs.map((a) => a.aval),
    outputs.map((v) => v.aval),
    params,
  )

/** Instructions per four elements of float32 that an equation's expressions take; infinite unless it is elementwise. */
export const costOfBody = (e: Equation): number => {
  const body = scalarBody(e)
  if (body === undefined) return Infinity
  return nodesOf(body).reduce((n, { op }) => n + (isOp(op) ? properties[op].cost[0] : 0), 0)
}
