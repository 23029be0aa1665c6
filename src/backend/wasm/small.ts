/** Programs that plain loops run at once with the same bits: copying into the heap would cost more than they do. */
import type { Program } from '../../ir/program.js'
import type { Expr } from '../../kernel/scalar.js'
import { s } from '../../kernel/scalar.js'

const limit = 1024

/** Operations that IEEE 754 and integer arithmetic define to the last bit. */
const exact: ReadonlySet<Expr['op']> = new Set<Expr['op']>([
  'input',
  'const',
  'add',
  'sub',
  'mul',
  'div',
  'neg',
  'abs',
  'sign',
  'sqrt',
  'floor',
  'ceil',
  'round',
  'trunc',
  'max',
  'min',
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'and',
  'or',
  'xor',
  'not',
  'shl',
  'shr',
  'popcount',
  'clz',
  'select',
  'cast',
  'bitcast',
])

/** Expressions share parts, threefry's all of them: each is looked at once. */
const isExact = (e: Expr, seen = new Set<Expr>()): boolean => {
  if (seen.has(e)) return true
  seen.add(e)
  const holds = (x: Expr): boolean => isExact(x, seen)
  return exact.has(e.op) && (!('x' in e) || holds(e.x)) && (!('y' in e) || holds(e.y)) && (!('test' in e) || holds(e.test))
}

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
  if (lower.kind !== 'scalar') return false
  const body = lower.body(
    e.inputs.map((a, k) => s.input(k, a.aval.dtype)),
    e.params,
    e.outputs.map((v) => v.aval),
  )
  return ('op' in body ? [body] : body).every((x) => isExact(x))
}

/** True for a small part of a large value: read where the value lies, in the heap or on the host, without moving it. */
export const isSmallPart = ({ equations: [e, ...rest], outputs }: Program): boolean =>
  e?.prim.name === 'sliceFrom' && rest.length === 0 && outputs.every((v) => v.aval.size <= limit)
