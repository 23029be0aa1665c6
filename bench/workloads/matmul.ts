/** Square products: eager calls, a new result each. */
import { normal, type Values } from '../inputs.js'
import { some } from '../oracle.js'
import { workload } from '../workload.js'

/** One entry of a product: rows of `a` and columns of `b` by their strides. */
export const entry = (a: Values, b: Values, k: number, a0: number, aStep: number, b0: number, bStep: number): number => {
  let sum = 0
  for (let l = 0; l < k; l++) sum += a[a0 + l * aStep]! * b[b0 + l * bStep]!
  return sum
}

const entries =
  (n: number) =>
  ({ a, b }: { readonly a: Values; readonly b: Values }) => [some(n * n, 4096, (i) => entry(a, b, n, Math.floor(i / n) * n, 1, i % n, n))]

const python = { torch: 'torch.matmul(a, b)', numpy: 'np.matmul(a, b)' }

const square = (n: number) =>
  workload({
    name: `matmul ${n}`,
    unit: 'GF/s',
    inputs: { a: normal([n, n]), b: normal([n, n]) },
    expected: entries(n),
    tolerance: 1e-5,
    flops: 2 * n ** 3,
    large: n > 1024,
    programs: {
      adjoint:
        ({ np }, { a, b }) =>
        () =>
          np.matmul(a, b),
      jaxjs:
        ({ numpy: np }, { a, b }) =>
        () =>
          np.matmul(a.ref, b.ref),
      tfjs:
        (tf, { a, b }) =>
        () =>
          tf.matMul(a, b),
      loops:
        (_, { a, b }) =>
        () => {
          const c = new Float32Array(n * n)
          for (let i = 0; i < n; i++)
            for (let l = 0; l < n; l++) {
              const x = a[i * n + l]!
              for (let j = 0; j < n; j++) c[i * n + j]! += x * b[l * n + j]!
            }
          return c
        },
      ...python,
    },
  })

const double = (n: number) =>
  workload({
    name: `matmul ${n} float64`,
    unit: 'GF/s',
    inputs: { a: normal([n, n], 1, 'float64'), b: normal([n, n], 1, 'float64') },
    expected: entries(n),
    tolerance: 1e-14,
    flops: 2 * n ** 3,
    programs: {
      adjoint:
        ({ np }, { a, b }) =>
        () =>
          np.matmul(a, b),
      ...python,
    },
  })

export const matmul = [...[128, 256, 512, 1024, 2048].map(square), double(512)]
