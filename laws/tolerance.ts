/** How far apart two numbers may be: the only such bounds in the laws. */

/** Relative bounds of the laws on derivatives, in float64; relative to the larger of 1 and the numbers compared. */
export const tolerance = {
  /** A derivative and its five-point difference, at any order. */
  difference: 1e-9,
  /** Both sides of `<ct, push v> = <pull ct, v>`. */
  adjoint: 1e-12,
  /** Both sides of `push(a v + b w) = a push(v) + b push(w)`. */
  linearity: 1e-12,
  /** Two ways to the same derivative: chain rule, nesting orders, linearize and push, batched and stacked. */
  agreement: 1e-12,
  /** The Hessian and its transpose. */
  symmetry: 1e-12,
  /** A derivative computed in float32 and the same one in float64. */
  float32: 1e-4,
} as const

/**
 * Bounds in units in the last place between a backend and the reference, by primitive; 0 (equal bits, any NaN being
 * any other) for those that are not listed. Sums of the numbers that laws use are exact, so order of summation does not show.
 */
export const ulps: Readonly<Record<string, number>> = {
  rsqrt: 2,
  cbrt: 2,
  exp: 2,
  exp2: 2,
  expm1: 2,
  log: 2,
  log2: 2,
  log10: 2,
  log1p: 2,
  sin: 2,
  cos: 2,
  tan: 2,
  asin: 2,
  acos: 2,
  atan: 2,
  sinh: 2,
  cosh: 2,
  tanh: 2,
  asinh: 2,
  acosh: 2,
  atanh: 2,
  sigmoid: 4,
  erf: 4,
  erfc: 4,
  erfInv: 8,
  lgamma: 8,
  digamma: 8,
  softplus: 4,
  silu: 4,
  geluErf: 8,
  geluTanh: 8,
  mish: 8,
  logisticDensity: 8,
  sechSquare: 8,
  gaussian: 8,
  ndtr: 8,
  tanhShrink: 8,
  logCosh: 8,
  squareplus: 4,
  squareplusSlope: 8,
  logit: 8,
  entr: 4,
  logaddexp: 4,
  logaddexp2: 4,
  pow: 2,
  integerPow: 4,
  atan2: 2,
  hypot: 2,
  logsumexp: 8,
  softmax: 8,
  logSoftmax: 8,
  reduceProd: 16,
  cumprod: 16,
}

/** Primitives that combine elements inexactly, in an order that a backend may take from the layout of what it computes at once. */
const ordered: ReadonlySet<string> = new Set(['logsumexp', 'softmax', 'logSoftmax', 'reduceProd', 'cumprod'])

/** Units in the last place between two ways to one application: alone, and batched, compiled or scanned. */
export const layoutUlp = (primitive: string): number => (ordered.has(primitive) ? ulps[primitive]! : 0)

/**
 * Primitives whose results are sums of their inputs' elements, or of products of them. The order of summation is a
 * backend's own: where huge numbers cancel, results differ by roundings of the huge numbers.
 */
export const sums: ReadonlySet<string> = new Set(['reduceSum', 'windowSum', 'cumsum', 'dotGeneral', 'conv', 'unpatches', 'scatter'])
