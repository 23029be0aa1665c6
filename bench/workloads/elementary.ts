/** One elementary function of a million numbers, eager: nanoseconds per element. */
import { uniform } from '../inputs.js'
import { some } from '../oracle.js'
import { workload, type Adjoint, type Foreign } from '../workload.js'

const n = 2 ** 20

type Names = readonly [
  name: string,
  low: number,
  high: number,
  exact: ((x: number) => number) | null,
  adjoint: (library: Adjoint) => (x: Parameters<Adjoint['np']['exp']>[0]) => ReturnType<Adjoint['np']['exp']>,
  jaxjs: ((jax: Foreign) => Foreign) | null,
  tfjs: string | null,
  torch: string | null,
  numpy: string | null,
]

/** Names, domains and float64 values; without a value the reference backend gives it. */
const functions: readonly Names[] = [
  ['exp', -10, 10, Math.exp, ({ np }) => np.exp, (j) => j.numpy.exp, 'exp', 'torch.exp', 'np.exp'],
  ['exp2', -10, 10, (x) => 2 ** x, ({ np }) => np.exp2, (j) => j.numpy.exp2, null, 'torch.exp2', 'np.exp2'],
  ['expm1', -2, 2, Math.expm1, ({ np }) => np.expm1, (j) => j.numpy.expm1, 'expm1', 'torch.expm1', 'np.expm1'],
  ['log', 0.01, 100, Math.log, ({ np }) => np.log, (j) => j.numpy.log, 'log', 'torch.log', 'np.log'],
  ['log2', 0.01, 100, Math.log2, ({ np }) => np.log2, (j) => j.numpy.log2, null, 'torch.log2', 'np.log2'],
  ['log10', 0.01, 100, Math.log10, ({ np }) => np.log10, (j) => j.numpy.log10, null, 'torch.log10', 'np.log10'],
  ['log1p', -0.5, 2, Math.log1p, ({ np }) => np.log1p, (j) => j.numpy.log1p, 'log1p', 'torch.log1p', 'np.log1p'],
  ['sin', -30, 30, Math.sin, ({ np }) => np.sin, (j) => j.numpy.sin, 'sin', 'torch.sin', 'np.sin'],
  ['cos', -30, 30, Math.cos, ({ np }) => np.cos, (j) => j.numpy.cos, 'cos', 'torch.cos', 'np.cos'],
  ['tan', -1.5, 1.5, Math.tan, ({ np }) => np.tan, (j) => j.numpy.tan, 'tan', 'torch.tan', 'np.tan'],
  ['asin', -1, 1, Math.asin, ({ np }) => np.arcsin, (j) => j.numpy.asin, 'asin', 'torch.asin', 'np.arcsin'],
  ['acos', -1, 1, Math.acos, ({ np }) => np.arccos, (j) => j.numpy.acos, 'acos', 'torch.acos', 'np.arccos'],
  ['atan', -10, 10, Math.atan, ({ np }) => np.arctan, (j) => j.numpy.atan, 'atan', 'torch.atan', 'np.arctan'],
  ['sinh', -5, 5, Math.sinh, ({ np }) => np.sinh, (j) => j.numpy.sinh, 'sinh', 'torch.sinh', 'np.sinh'],
  ['cosh', -5, 5, Math.cosh, ({ np }) => np.cosh, (j) => j.numpy.cosh, 'cosh', 'torch.cosh', 'np.cosh'],
  ['tanh', -5, 5, Math.tanh, ({ np }) => np.tanh, (j) => j.numpy.tanh, 'tanh', 'torch.tanh', 'np.tanh'],
  ['asinh', -10, 10, Math.asinh, ({ np }) => np.arcsinh, (j) => j.numpy.arcsinh, 'asinh', 'torch.asinh', 'np.arcsinh'],
  ['acosh', 1, 10, Math.acosh, ({ np }) => np.arccosh, (j) => j.numpy.arccosh, 'acosh', 'torch.acosh', 'np.arccosh'],
  ['atanh', -0.99, 0.99, Math.atanh, ({ np }) => np.arctanh, (j) => j.numpy.arctanh, 'atanh', 'torch.atanh', 'np.arctanh'],
  ['sqrt', 0, 100, Math.sqrt, ({ np }) => np.sqrt, (j) => j.numpy.sqrt, 'sqrt', 'torch.sqrt', 'np.sqrt'],
  ['rsqrt', 0.01, 100, (x) => 1 / Math.sqrt(x), ({ lax }) => lax.rsqrt, null, 'rsqrt', 'torch.rsqrt', null],
  ['cbrt', -100, 100, Math.cbrt, ({ np }) => np.cbrt, (j) => j.numpy.cbrt, null, null, 'np.cbrt'],
  [
    'reciprocal',
    0.01,
    100,
    (x) => 1 / x,
    ({ np }) => np.reciprocal,
    (j) => j.numpy.reciprocal,
    'reciprocal',
    'torch.reciprocal',
    'np.reciprocal',
  ],
  ['sigmoid', -10, 10, (x) => 1 / (1 + Math.exp(-x)), ({ nn }) => nn.sigmoid, (j) => j.nn.sigmoid, 'sigmoid', 'torch.sigmoid', null],
  ['softplus', -10, 10, (x) => Math.log1p(Math.exp(x)), ({ nn }) => nn.softplus, (j) => j.nn.softplus, 'softplus', 'F.softplus', null],
  ['silu', -10, 10, (x) => x / (1 + Math.exp(-x)), ({ nn }) => nn.silu, (j) => j.nn.silu, null, 'F.silu', null],
  [
    'gelu',
    -5,
    5,
    null,
    ({ nn }) =>
      (x) =>
        nn.gelu(x, { approximate: true }),
    (j) => (x: Foreign) => j.nn.gelu(x, { approximate: true }),
    null,
    null,
    null,
  ],
  ['erf', -3, 3, null, ({ special }) => special.erf, (j) => j.lax.erf, 'erf', 'torch.erf', null],
  ['erfc', -3, 3, null, ({ special }) => special.erfc, (j) => j.lax.erfc, null, 'torch.erfc', null],
  ['lgamma', 0.5, 20, null, ({ special }) => special.gammaln, null, null, 'torch.lgamma', null],
  ['digamma', 0.5, 20, null, ({ special }) => special.digamma, null, null, 'torch.digamma', null],
]

const one = ([name, low, high, exact, adjoint, jaxjs, tfjs, torch, numpy]: Names) =>
  workload({
    name,
    unit: 'ns',
    inputs: { x: uniform([n], low, high) },
    expected: exact === null ? undefined : ({ x }) => [some(n, 100_000, (i) => exact(x[i]!))],
    tolerance: 1e-5,
    traffic: { read: 4 * n, write: 4 * n },
    pieces: n,
    programs: {
      adjoint: (library, { x }) => {
        const f = adjoint(library)
        return () => f(x)
      },
      jaxjs:
        jaxjs === null
          ? undefined
          : (jax, { x }) =>
              () =>
                jaxjs(jax)(x.ref),
      tfjs:
        tfjs === null
          ? undefined
          : (tf, { x }) =>
              () =>
                tf[tfjs](x),
      loops:
        exact === null
          ? undefined
          : (_, { x }) =>
              () => {
                const y = new Float32Array(n)
                for (let i = 0; i < n; i++) y[i] = exact(x[i]!)
                return y
              },
      torch: torch === null ? undefined : `${torch}(x)`,
      numpy: numpy === null ? undefined : `${numpy}(x)`,
    },
  })

const power = workload({
  name: 'pow',
  unit: 'ns',
  inputs: { x: uniform([n], 0.1, 10), y: uniform([n], -3, 3) },
  expected: ({ x, y }) => [some(n, 100_000, (i) => x[i]! ** y[i]!)],
  tolerance: 1e-5,
  traffic: { read: 8 * n, write: 4 * n },
  pieces: n,
  programs: {
    adjoint:
      ({ np }, { x, y }) =>
      () =>
        np.pow(x, y),
    jaxjs:
      ({ numpy: np }, { x, y }) =>
      () =>
        np.pow(x.ref, y.ref),
    tfjs:
      (tf, { x, y }) =>
      () =>
        tf.pow(x, y),
    torch: 'torch.pow(x, y)',
    numpy: 'np.power(x, y)',
  },
})

const arctangent = workload({
  name: 'atan2',
  unit: 'ns',
  inputs: { x: uniform([n], -3, 3), y: uniform([n], -3, 3) },
  expected: ({ x, y }) => [some(n, 100_000, (i) => Math.atan2(y[i]!, x[i]!))],
  tolerance: 1e-5,
  traffic: { read: 8 * n, write: 4 * n },
  pieces: n,
  programs: {
    adjoint:
      ({ np }, { x, y }) =>
      () =>
        np.arctan2(y, x),
    jaxjs:
      ({ numpy: np }, { x, y }) =>
      () =>
        np.atan2(y.ref, x.ref),
    tfjs:
      (tf, { x, y }) =>
      () =>
        tf.atan2(y, x),
    torch: 'torch.atan2(y, x)',
    numpy: 'np.arctan2(y, x)',
  },
})

export const elementary = [...functions.map(one), power, arctangent]
