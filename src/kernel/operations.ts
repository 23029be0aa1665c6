/**
 * The names of the scalar operations, by form: the only list of them. What else is known of each is in `properties`, what it means by simpler
 * operations in `expand`, and a backend has one line of code for each; both tables are total, so the compiler names the ones that are forgotten.
 * Shifts: `shr` is arithmetic on int32, logical on uint32. `fma` is `x * y + z`, rounded once.
 */
// prettier-ignore
export const operations = {
  /** One operand, whose dtype the result has. */
  unary: [
    'neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'trunc', 'sqrt', 'rsqrt', 'cbrt',
    'exp', 'exp2', 'expm1', 'log', 'log2', 'log10', 'log1p',
    'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh',
    'sigmoid', 'erf', 'erfc', 'erfInv', 'lgamma', 'digamma',
    'not', 'popcount', 'clz',
  ],
  /** Two operands of one dtype, which the result has. */
  binary: ['add', 'sub', 'mul', 'div', 'rem', 'pow', 'atan2', 'hypot', 'max', 'min', 'and', 'or', 'xor', 'shl', 'shr', 'nextafter'],
  /** Three operands of one dtype, which the result has. */
  ternary: ['fma'],
  /** Two operands of one dtype, a bool result; false with NaN except `ne`. */
  compare: ['eq', 'ne', 'lt', 'le', 'gt', 'ge'],
  /** One operand, a result of another dtype: the same value, or the same bits. */
  convert: ['cast', 'bitcast'],
  /** `test ? x : y`. */
  select: ['select'],
} as const

type Named<F extends keyof typeof operations> = (typeof operations)[F][number]

/** Operations of one operand, whose result has its dtype. */
export type UnaryOp = Named<'unary'>
/** Operations of two operands of one dtype, and a result of that dtype. */
export type BinaryOp = Named<'binary'>
/** Operations of three operands of one dtype, and a result of that dtype. */
export type TernaryOp = Named<'ternary'>
/** Comparisons: two operands of one dtype, a bool result. */
export type CompareOp = Named<'compare'>
/** Conversions: one operand, a result of another dtype. */
export type ConvertOp = Named<'convert'>
/** The name of a scalar operation. */
export type Op = Named<keyof typeof operations>
