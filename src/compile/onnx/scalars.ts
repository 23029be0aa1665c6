/**
 * Scalar expressions as nodes. What an operation is called in ONNX and for which types onnxruntime has it; where a type is missing, the
 * type to go by, or else its definition by other operations.
 */
import type { DType } from '../../core/dtype.js'
import { isBool, isReal, isUnsigned } from '../../core/dtype.js'
import { DeviceError, DTypeError, fail } from '../../core/errors.js'
import { broadcastShapes } from '../../core/shape.js'
import type { Op } from '../../kernel/operations.js'
import { lacking } from '../../kernel/expand/definitions.js'
import { expansion } from '../../kernel/expand/expand.js'
import type { Expr } from '../../kernel/scalar.js'
import { operandsOf } from '../../kernel/scalar.js'
import type { Builder, GraphValue } from './builder.js'
import type { ElementType } from './model.js'
import { elementTypes, isOf } from './model.js'

/** An operator and the types it computes in; `via` says in which of them another type is computed, exactly. */
interface Native {
  readonly op: string
  readonly types: readonly ElementType[]
  readonly via?: Partial<Record<DType, ElementType>>
  readonly attributes?: Readonly<Record<string, number>>
  /** True when the operator leaves some operands open, which the operation's definition keeps away from it. */
  readonly partial?: true
}

const floats: readonly ElementType[] = ['float32', 'float64']
const signed: readonly ElementType[] = ['float32', 'float64', 'int32', 'int64']
const numbers: readonly ElementType[] = [...signed, 'uint32']
const any: readonly ElementType[] = [...numbers, 'bool']
const float = (op: string): Native => ({ op, types: floats })
const single = (op: string): Native => ({ op, types: ['float32'] })
const number = (op: string): Native => ({ op, types: numbers })
const partial = (op: string, types: readonly ElementType[]): Native => ({ op, types, partial: true })
const compare = (op: string): Native => ({ op, types: numbers, via: { bool: 'int32' } })

/** By operation; what is not here, or not for a type, is taken apart. */
const natives: Readonly<Partial<Record<Op, Native>>> = {
  neg: { op: 'Neg', types: signed, via: { uint32: 'int64' } },
  abs: number('Abs'),
  sign: number('Sign'),
  floor: float('Floor'),
  ceil: float('Ceil'),
  round: float('Round'),
  sqrt: float('Sqrt'),
  exp: float('Exp'),
  log: float('Log'),
  sin: float('Sin'),
  cos: float('Cos'),
  tan: single('Tan'),
  asin: single('Asin'),
  acos: single('Acos'),
  atan: single('Atan'),
  sinh: single('Sinh'),
  cosh: single('Cosh'),
  tanh: float('Tanh'),
  asinh: single('Asinh'),
  acosh: single('Acosh'),
  atanh: single('Atanh'),
  sigmoid: float('Sigmoid'),
  erf: single('Erf'),
  add: number('Add'),
  sub: number('Sub'),
  mul: number('Mul'),
  div: partial('Div', numbers),
  rem: { ...partial('Mod', numbers), attributes: { fmod: 1 } },
  pow: float('Pow'),
  max: number('Max'),
  min: number('Min'),
  shl: partial('BitShift', ['uint32']),
  shr: partial('BitShift', ['uint32']),
  eq: { op: 'Equal', types: any },
  lt: compare('Less'),
  le: compare('LessOrEqual'),
  gt: compare('Greater'),
  ge: compare('GreaterOrEqual'),
}

const logic = { and: 'And', or: 'Or', xor: 'Xor', not: 'Not' } as const

const shapeOf = (xs: readonly GraphValue[]): readonly number[] => broadcastShapes(...xs.map((x) => x.shape))!

/** `x` in another element type, as the Cast operator converts. */
export const castTo = (b: Builder, x: GraphValue, type: ElementType): GraphValue =>
  x.type === type ? x : b.node('Cast', [x], { type, shape: x.shape }, { to: elementTypes[type] })

/** An operator on values of one type, by way of a type that it has. */
const apply = (b: Builder, { op, types, via = {}, attributes }: Native, xs: readonly GraphValue[], result?: ElementType): GraphValue => {
  const own = xs[0]!.type
  const type = types.includes(own) ? own : (via[own as DType] ?? 'float32')
  const y = b.node(
    op,
    xs.map((x) => castTo(b, x, type)),
    { type: result ?? type, shape: shapeOf(xs) },
    attributes,
  )
  return result === undefined ? castTo(b, y, own) : y
}

/** `test ? x : y`; types that Where lacks go by int64, bool by logic. */
export const where = (b: Builder, test: GraphValue, x: GraphValue, y: GraphValue): GraphValue => {
  const shape = shapeOf([test, x, y])
  if (isOf(isBool, x.type)) {
    const kind = { type: 'bool', shape } as const
    return b.node('Or', [b.node('And', [test, x], kind), b.node('And', [b.node('Not', [test], test), y], kind)], kind)
  }
  if (!isOf(isUnsigned, x.type)) return b.node('Where', [test, x, y], { type: x.type, shape })
  return castTo(b, b.node('Where', [test, castTo(b, x, 'int64'), castTo(b, y, 'int64')], { type: 'int64', shape }), 'uint32')
}

/** The definitions of what there is no operator for, whatever the operands. */
const taken = lacking((op, dtype) => {
  const native = natives[op]
  return native !== undefined && native.partial !== true && native.types.includes(dtype)
})

const isZero = (e: Expr): boolean => e.op === 'const' && e.value === 0
const isOne = (e: Expr): boolean => e.op === 'const' && e.value === 1

const missing = (op: Op, dtype: DType): never =>
  fail(DTypeError, `toOnnx: ${op} of ${dtype} needs 64-bit operations on bits, which ONNX lacks`, { fix: 'float32' })

/** What the expression means for `inputs`, as nodes. */
export const scalarNodes = (b: Builder, roots: readonly Expr[], inputs: readonly GraphValue[]): readonly GraphValue[] => {
  const done = new Map<Expr, GraphValue>()
  const value = (e: Expr): GraphValue => {
    const before = done.get(e)
    if (before !== undefined) return before
    const made = make(e)
    done.set(e, made)
    return made
  }
  const make = (e: Expr): GraphValue => {
    if (e.op === 'input') return inputs[e.index]!
    if (e.op === 'const') return b.scalar(isBool(e.dtype) ? Number(e.value !== 0) : e.value, e.dtype)
    const other = expansion(e, taken)
    if (other !== undefined) return value(other)
    switch (e.op) {
      case 'cast':
      case 'bitcast':
        return castTo(b, value(e.x), e.dtype)
      case 'select':
        return where(b, value(e.test), value(e.x), value(e.y))
      case 'ne':
        return not(equal(e.x, e.y))
      case 'and':
      case 'or':
      case 'xor':
      case 'not': {
        const xs = operandsOf<Expr>(e).map(value)
        return b.node(isBool(e.dtype) ? logic[e.op] : `Bitwise${logic[e.op]}`, xs, { type: e.dtype, shape: shapeOf(xs) })
      }
      case 'shl':
      case 'shr': {
        const xs = [value(e.x), value(e.y)]
        return b.node('BitShift', xs, { type: e.dtype, shape: shapeOf(xs) }, { direction: e.op === 'shl' ? 'LEFT' : 'RIGHT' })
      }
      // what a derivative is multiplied by is often 1
      case 'mul':
        if (isOne(e.x) || isOne(e.y)) return value(isOne(e.x) ? e.y : e.x)
        return apply(b, natives.mul!, [value(e.x), value(e.y)])
      case 'max':
        if (isReal(e.dtype) && (isZero(e.x) || isZero(e.y))) {
          const x = value(isZero(e.x) ? e.y : e.x)
          return b.node('Relu', [x], x)
        }
        return apply(b, natives.max!, [value(e.x), value(e.y)])
      case 'eq':
      case 'lt':
      case 'le':
      case 'gt':
      case 'ge':
        return apply(b, natives[e.op]!, [value(e.x), value(e.y)], 'bool')
      case 'index':
      case 'load':
        return fail(DeviceError, `toOnnx: ${e.op} belongs in loops, and this is an expression of scalars`)
      default:
        return apply(b, natives[e.op] ?? missing(e.op, e.x.dtype), operandsOf<Expr>(e).map(value))
    }
  }
  const equal = (x: Expr, y: Expr): GraphValue => apply(b, natives.eq!, [value(x), value(y)], 'bool')
  const not = (x: GraphValue): GraphValue => b.node('Not', [x], x)
  return roots.map(value)
}
