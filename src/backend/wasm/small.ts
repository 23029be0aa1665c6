/** Programs that plain loops run at once with the same bits: copying into the heap would cost more than they do. */
import type { Program } from '../../ir/program.js'
import { scalarBody } from '../../ir/scalarBody.js'
import { isOp, properties } from '../../kernel/properties.js'
import type { Expr } from '../../kernel/scalar.js'
import { nodesOf } from '../../kernel/scalar.js'

const limit = 1024

/** Operations that IEEE 754 and integer arithmetic define to the last bit. */
const isExact = (roots: readonly Expr[]): boolean =>
  nodesOf(roots).every(({ op }) => (isOp(op) ? properties[op].exact : op === 'input' || op === 'const'))

/** Movements that plain loops do at once; those of many small operands would each be copied into the heap and back. */
const isMove = (name: string): boolean => name === 'concat' || name === 'split' || name === 'sliceFrom'

/** True for a Program of one equation on few elements whose result does not depend on who computes it. */
export const isSmallAndExact = ({ equations: [e, ...rest], inputs }: Program): boolean => {
  if (e === undefined) return true
  if (rest.length > 0 || inputs.some((v) => v.aval.size > limit)) return false
  if (isMove(e.prim.name)) return true
  if (e.outputs.some((v) => v.aval.size > limit)) return false
  const { lower, name } = e.prim
  if (lower.kind === 'view' || lower.kind === 'alias' || name === 'padFrom') return true
  const body = scalarBody(e)
  return body !== undefined && isExact(body)
}

/** True for a small part of a large value: read where the value lies, in the heap or on the host, without moving it. */
export const isSmallPart = ({ equations: [e, ...rest], outputs }: Program): boolean =>
  e?.prim.name === 'sliceFrom' && rest.length === 0 && outputs.every((v) => v.aval.size <= limit)
