/** What is known of every scalar operation: what it applies to, whether its result is the same everywhere, what it costs, its sign. */
import type { CompareOp, Op } from './operations.js'
import { operations } from './operations.js'

/** The kinds of element that an operation applies to. */
export type OperandKind = 'float' | 'integer' | 'bool'

/** What the library knows about one scalar operation. */
export interface Operation {
  readonly on: readonly OperandKind[]
  /** True when IEEE 754 or integer arithmetic define its result to the last bit, so that it does not matter who computes it. */
  readonly exact: boolean
  /** Instructions for four elements of float32, and of float64, as the CPU backend writes them; counted in its code, on a machine with 128-bit vectors. */
  readonly cost: readonly [number, number]
  /** `nonNegative`: no result is below 0. `keeps`: the result has the sign of the operand, or is 0. */
  readonly sign?: 'nonNegative' | 'keeps'
}

const float = ['float'] as const
const integer = ['integer'] as const
const whole = ['integer', 'bool'] as const
const number = ['float', 'integer'] as const
const any = ['float', 'integer', 'bool'] as const

type Kinds = Operation['on']
type Sign = Operation['sign']
/** Instructions of what is called rather than written out. */
const call = 250

const row = (on: Kinds, exact: boolean, cost: readonly [number, number], sign?: Sign): Operation => ({
  on,
  exact,
  cost,
  ...(sign === undefined ? {} : { sign }),
})
/** Defined to the last bit, at a cost that does not depend on the dtype. */
const exact = (on: Kinds, cost: number, sign?: Sign): Operation => row(on, true, [cost, cost], sign)
/** A function whose last bits depend on who computes it. */
const inexact = (cost: number, cost64: number, sign?: Sign, on: Kinds = float): Operation => row(on, false, [cost, cost64], sign)

/** Every scalar operation, by name. */
export const properties: Readonly<Record<Op, Operation>> = {
  neg: exact(number, 1),
  abs: exact(number, 1, 'nonNegative'),
  sign: exact(number, 3, 'keeps'),
  floor: exact(float, 1, 'keeps'),
  ceil: exact(float, 1, 'keeps'),
  round: exact(float, 1, 'keeps'),
  trunc: exact(float, 1, 'keeps'),
  sqrt: exact(float, 3, 'nonNegative'),
  rsqrt: inexact(3, 3, 'nonNegative'),
  cbrt: inexact(54, call, 'keeps'),
  exp: inexact(27, 27, 'nonNegative'),
  exp2: inexact(26, 26, 'nonNegative'),
  expm1: inexact(34, 130, 'keeps'),
  log: inexact(50, 50),
  log2: inexact(45, 110),
  log10: inexact(50, 120),
  log1p: inexact(60, 130, 'keeps'),
  sin: inexact(60, 60),
  cos: inexact(60, 60),
  tan: inexact(80, call),
  asin: inexact(50, call, 'keeps'),
  acos: inexact(58, call, 'nonNegative'),
  atan: inexact(52, call, 'keeps'),
  sinh: inexact(54, call, 'keeps'),
  cosh: inexact(36, call, 'nonNegative'),
  tanh: inexact(34, 34, 'keeps'),
  asinh: inexact(110, call, 'keeps'),
  acosh: inexact(95, call, 'nonNegative'),
  atanh: inexact(88, call, 'keeps'),
  sigmoid: inexact(32, 32, 'nonNegative'),
  erf: inexact(50, 50, 'keeps'),
  erfc: inexact(110, call, 'nonNegative'),
  erfInv: inexact(call, call, 'keeps'),
  lgamma: inexact(call, call),
  digamma: inexact(call, call),
  not: exact(whole, 1),
  popcount: exact(integer, 4),
  clz: exact(integer, 16),
  add: exact(any, 1),
  sub: exact(number, 1),
  mul: exact(any, 1),
  div: exact(number, 3),
  rem: inexact(call, call, undefined, number),
  pow: inexact(140, call, undefined, number),
  atan2: inexact(62, call),
  hypot: inexact(30, 30),
  max: exact(any, 3),
  min: exact(any, 3),
  and: exact(whole, 1),
  or: exact(whole, 1),
  xor: exact(whole, 1),
  shl: exact(integer, 3),
  shr: exact(integer, 3),
  nextafter: inexact(25, 25),
  fma: inexact(12, 24),
  eq: exact(any, 1),
  ne: exact(any, 1),
  lt: exact(any, 1),
  le: exact(any, 1),
  gt: exact(any, 1),
  ge: exact(any, 1),
  select: exact(any, 1),
  cast: exact(any, 3),
  bitcast: exact(number, 1),
}

/** True when `name` names a scalar operation. */
export const isOp = (name: string): name is Op => Object.hasOwn(properties, name)

const comparisons: ReadonlySet<string> = new Set(operations.compare)
/** True for the operations whose result is a bool. */
export const isComparison = (op: string): op is CompareOp => comparisons.has(op)
