/** Operators of ONNX that work element by element. */
import { np, special as functions } from '../../../src/index.js'
import { isFloat, zip, type Value } from './values.js'

const special =
  (f: (x: ReturnType<typeof np.array>) => { item(): number | boolean | bigint }) =>
  (x: number): number =>
    Number(f(np.array(x, { dtype: 'float64' })).item())
const erf = special((x) => functions.erf(x))
const erfc = special((x) => functions.erfc(x))

const roundEven = (x: number): number => {
  const low = Math.floor(x)
  if (x - low !== 0.5) return Math.round(x)
  return low % 2 === 0 ? low : low + 1
}
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

type Attributes = Readonly<Record<string, unknown>>

const gelu = (x: number, { approximate }: Attributes): number =>
  approximate === 'tanh'
    ? x * sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))
    : approximate === undefined
      ? 0.5 * x * erfc(-x / Math.SQRT2)
      : NaN

/** Of floats. */
const floats: Readonly<Record<string, (x: number, attributes: Attributes) => number>> = {
  Floor: Math.floor,
  Ceil: Math.ceil,
  Round: roundEven,
  Sqrt: Math.sqrt,
  Exp: Math.exp,
  Log: Math.log,
  Sin: Math.sin,
  Cos: Math.cos,
  Tan: Math.tan,
  Asin: Math.asin,
  Acos: Math.acos,
  Atan: Math.atan,
  Sinh: Math.sinh,
  Cosh: Math.cosh,
  Tanh: Math.tanh,
  Asinh: Math.asinh,
  Acosh: Math.acosh,
  Atanh: Math.atanh,
  Sigmoid: sigmoid,
  Erf: erf,
  Gelu: gelu,
  Softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  Relu: (x) => (x <= 0 ? 0 : x),
}

/** Of numbers. */
const numbers: Readonly<Record<string, (x: number) => number>> = { Neg: (x) => -x, Abs: Math.abs, Sign: Math.sign }

const multiply =
  (type: string) =>
  (x: number, y: number): number =>
    type === 'int32' || type === 'uint32' ? Math.imul(x, y) : x * y
const divide =
  (type: string) =>
  (x: number, y: number): number => {
    if (isFloat(type)) return x / y
    if (y === 0) throw new Error('an integer divided by 0')
    return Math.trunc(x / y)
  }
const remainder =
  (type: string) =>
  (x: number, y: number): number => {
    if (!isFloat(type) && y === 0) throw new Error('the remainder of an integer divided by 0')
    return x % y
  }

/** Of two numbers of one type. */
const pairs: Readonly<Record<string, (type: string, attributes: Attributes) => (x: number, y: number) => number>> = {
  Add: () => (x, y) => x + y,
  Sub: () => (x, y) => x - y,
  Mul: multiply,
  Div: divide,
  Mod: remainder,
  Pow: () => (x, y) => (Math.abs(x) === 1 && Math.abs(y) === Infinity ? 1 : x === 1 ? 1 : x ** y),
  Max: () => Math.max,
  Min: () => Math.min,
  And: () => (x, y) => x & y,
  Or: () => (x, y) => x | y,
  Xor: () => (x, y) => x ^ y,
  BitwiseAnd: () => (x, y) => x & y,
  BitwiseOr: () => (x, y) => x | y,
  BitwiseXor: () => (x, y) => x ^ y,
  BitShift:
    (_, { direction }) =>
    (x, y) => {
      if (y > 31) throw new Error(`a shift by ${y}`)
      return direction === 'LEFT' ? x << y : x >>> y
    },
}

const comparisons: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  Equal: (x, y) => x === y,
  Less: (x, y) => x < y,
  LessOrEqual: (x, y) => x <= y,
  Greater: (x, y) => x > y,
  GreaterOrEqual: (x, y) => x >= y,
}

const kinds: Readonly<Record<string, readonly string[]>> = {
  And: ['bool'],
  Or: ['bool'],
  Xor: ['bool'],
  BitShift: ['uint32'],
  BitwiseAnd: ['int32', 'uint32'],
  BitwiseOr: ['int32', 'uint32'],
  BitwiseXor: ['int32', 'uint32'],
  BitwiseNot: ['int32', 'uint32'],
  Not: ['bool'],
  Neg: ['float32', 'float64', 'int32', 'int64'],
}

const types: Readonly<Record<number, string>> = { 1: 'float32', 6: 'int32', 7: 'int64', 9: 'bool', 11: 'float64', 12: 'uint32' }

const cast = (x: Value, to: string): Value =>
  zip(to, [x], (v) => {
    if (to === 'bool') return Number(v !== 0)
    if (isFloat(to)) return v
    const limit = to === 'int64' ? 2 ** 63 : to === 'uint32' ? 2 ** 32 : 2 ** 31
    if (isFloat(x.type) && !(Math.trunc(v) < limit && v > (to === 'uint32' ? -1 : -limit - 1))) throw new Error(`${v} cast to ${to}`)
    return Math.trunc(v)
  })

/** What the operator makes of its inputs; undefined for operators of another kind. */
export const elementwise = (op: string, xs: readonly Value[], attributes: Attributes): Value | undefined => {
  const [x, y] = xs
  const only = (allowed: readonly string[]): void => {
    if (!allowed.includes(x!.type)) throw new Error(`${op} of ${x!.type}`)
  }
  if (op === 'Cast') return cast(x!, types[attributes['to'] as number]!)
  if (op === 'Where') {
    if (x!.type !== 'bool' || y!.type !== xs[2]!.type) throw new Error(`Where of ${xs.map((v) => v.type).join()}`)
    return zip(y!.type, xs, (test, a, b) => (test !== 0 ? a : b))
  }
  if (op === 'IsNaN') return zip('bool', [x!], (v) => Number(Number.isNaN(v)))
  only(kinds[op] ?? (Object.hasOwn(floats, op) ? ['float32', 'float64'] : [x?.type ?? '']))
  if (op === 'Not') return zip('bool', [x!], (v) => 1 - v)
  if (op === 'BitwiseNot') return zip(x!.type, [x!], (v) => ~v)
  const one = floats[op] ?? numbers[op]
  if (one !== undefined) return zip(x!.type, [x!], (v) => one(v, attributes))
  if (xs.length === 2 && (Object.hasOwn(pairs, op) || Object.hasOwn(comparisons, op)) && x!.type !== y!.type)
    throw new Error(`${op} of ${x!.type} and ${y!.type}`)
  if (Object.hasOwn(pairs, op)) return zip(x!.type, xs, pairs[op]!(x!.type, attributes))
  if (Object.hasOwn(comparisons, op)) return zip('bool', xs, (a, b) => Number(comparisons[op]!(a, b)))
  return undefined
}
