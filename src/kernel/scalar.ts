/**
 * Scalar expressions: the only list of scalar operations. A primitive that works element by element
 * lowers to one; loop nests contain them. Every backend reads the same data: `reference` evaluates it,
 * compilers emit code from it.
 */
import type { DType } from '../core/dtype.js'

/** Operations of one operand; result has the operand's dtype unless said otherwise. */
// prettier-ignore
export type UnaryOp =
  | 'neg' | 'abs' | 'sign' | 'floor' | 'ceil' | 'round' | 'trunc' | 'sqrt' | 'rsqrt' | 'cbrt'
  | 'exp' | 'exp2' | 'expm1' | 'log' | 'log2' | 'log10' | 'log1p'
  | 'sin' | 'cos' | 'tan' | 'asin' | 'acos' | 'atan' | 'sinh' | 'cosh' | 'tanh' | 'asinh' | 'acosh' | 'atanh'
  | 'sigmoid' | 'erf' | 'erfc' | 'erfInv' | 'lgamma' | 'digamma'
  | 'not' | 'popcount' | 'clz'

/** Operations of two operands of one dtype. Shifts: `shr` is arithmetic on int32, logical on uint32. */
// prettier-ignore
export type BinaryOp = 'add' | 'sub' | 'mul' | 'div' | 'rem' | 'pow' | 'atan2' | 'hypot' | 'max' | 'min' | 'and' | 'or' | 'xor' | 'shl' | 'shr' | 'nextafter'

/** Comparisons: two operands of one dtype, a bool result; false with NaN except `ne`. */
export type CompareOp = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

/** A scalar expression; a directed acyclic graph, so sharing a node shares its value. */
export type Expr =
  /** The element of input `index` at the point of the iteration (elementwise lowering only). */
  | { readonly op: 'input'; readonly index: number; readonly dtype: DType }
  | { readonly op: 'const'; readonly value: number; readonly dtype: DType }
  /** The position on loop axis `axis` (first the parallel axes, then the reduced ones); int32. */
  | { readonly op: 'index'; readonly axis: number; readonly dtype: 'int32' }
  /** The element of input `input` at row-major multi-index `at` (int32 expressions, in range wherever it is evaluated). */
  | { readonly op: 'load'; readonly input: number; readonly at: readonly Expr[]; readonly dtype: DType }
  | { readonly op: UnaryOp; readonly x: Expr; readonly dtype: DType }
  | { readonly op: BinaryOp | CompareOp; readonly x: Expr; readonly y: Expr; readonly dtype: DType }
  /** `test ? x : y`; only the chosen side is evaluated, so it guards loads. */
  | { readonly op: 'select'; readonly test: Expr; readonly x: Expr; readonly y: Expr; readonly dtype: DType }
  /** Conversion of value: to bool `x != 0`; float to integer truncates and saturates, NaN to 0; integer to integer wraps. */
  | { readonly op: 'cast'; readonly x: Expr; readonly dtype: DType }
  /** Same bits, another dtype of the same width. */
  | { readonly op: 'bitcast'; readonly x: Expr; readonly dtype: DType }

const unary =
  (op: UnaryOp) =>
  (x: Expr): Expr => ({ op, x, dtype: x.dtype })
const binary =
  (op: BinaryOp) =>
  (x: Expr, y: Expr): Expr => ({ op, x, y, dtype: x.dtype })
const compare =
  (op: CompareOp) =>
  (x: Expr, y: Expr): Expr => ({ op, x, y, dtype: 'bool' })

/** Constructors of expressions, one per operation. */
// prettier-ignore
export const s = {
  input: (index: number, dtype: DType): Expr => ({ op: 'input', index, dtype }),
  const: (value: number, dtype: DType): Expr => ({ op: 'const', value, dtype }),
  /** A constant of `x`'s dtype. */
  like: (x: Expr, value: number): Expr => ({ op: 'const', value, dtype: x.dtype }),
  int: (value: number): Expr => ({ op: 'const', value, dtype: 'int32' }),
  index: (axis: number): Expr => ({ op: 'index', axis, dtype: 'int32' }),
  load: (input: number, at: readonly Expr[], dtype: DType): Expr => ({ op: 'load', input, at, dtype }),
  select: (test: Expr, x: Expr, y: Expr): Expr => ({ op: 'select', test, x, y, dtype: x.dtype }),
  cast: (x: Expr, dtype: DType): Expr => (x.dtype === dtype ? x : { op: 'cast', x, dtype }),
  bitcast: (x: Expr, dtype: DType): Expr => ({ op: 'bitcast', x, dtype }),
  neg: unary('neg'), abs: unary('abs'), sign: unary('sign'), floor: unary('floor'), ceil: unary('ceil'),
  round: unary('round'), trunc: unary('trunc'), sqrt: unary('sqrt'), rsqrt: unary('rsqrt'), cbrt: unary('cbrt'),
  exp: unary('exp'), exp2: unary('exp2'), expm1: unary('expm1'), log: unary('log'), log2: unary('log2'),
  log10: unary('log10'), log1p: unary('log1p'), sin: unary('sin'), cos: unary('cos'), tan: unary('tan'),
  asin: unary('asin'), acos: unary('acos'), atan: unary('atan'), sinh: unary('sinh'), cosh: unary('cosh'),
  tanh: unary('tanh'), asinh: unary('asinh'), acosh: unary('acosh'), atanh: unary('atanh'),
  sigmoid: unary('sigmoid'), erf: unary('erf'), erfc: unary('erfc'), erfInv: unary('erfInv'),
  lgamma: unary('lgamma'), digamma: unary('digamma'), not: unary('not'), popcount: unary('popcount'), clz: unary('clz'),
  add: binary('add'), sub: binary('sub'), mul: binary('mul'), div: binary('div'), rem: binary('rem'),
  pow: binary('pow'), atan2: binary('atan2'), hypot: binary('hypot'), max: binary('max'), min: binary('min'),
  and: binary('and'), or: binary('or'), xor: binary('xor'), shl: binary('shl'), shr: binary('shr'), nextafter: binary('nextafter'),
  eq: compare('eq'), ne: compare('ne'), lt: compare('lt'), le: compare('le'), gt: compare('gt'), ge: compare('ge'),
} as const
