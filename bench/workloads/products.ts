/** Products of other shapes: odd, flat, transposed, batched, with a vector. Transposed ones as one jitted function of both operands. */
import type { Tensor } from '../../src/index.js'
import { normal, sizeOf } from '../inputs.js'
import { some } from '../oracle.js'
import { workload, type Foreign, type Programs, type Unit } from '../workload.js'
import { entry } from './matmul.js'

interface Product {
  readonly name: string
  readonly a: readonly number[]
  readonly b: readonly number[]
  readonly m: number
  readonly k: number
  readonly n: number
  readonly unit?: Unit
  readonly transposed?: 'a' | 'b'
  readonly programs?: Programs<'a' | 'b'>
}

const plain: Programs<'a' | 'b'> = {
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
      b.rank === 1 ? tf.dot(a, b) : tf.matMul(a, b),
  torch: 'torch.matmul(a, b)',
  numpy: 'np.matmul(a, b)',
}

const leftTransposed: Programs<'a' | 'b'> = {
  adjoint: ({ np, jit }, { a, b }) => {
    const f = jit((x: Tensor, y: Tensor) => np.matmul(np.transpose(x), y))
    return () => f(a, b)
  },
  jaxjs: ({ numpy: np, jit }, { a, b }) => {
    const f = jit((x: Foreign, y: Foreign) => np.matmul(np.transpose(x), y))
    return () => f(a.ref, b.ref)
  },
  tfjs:
    (tf, { a, b }) =>
    () =>
      tf.matMul(a, b, true, false),
  torch: 'torch.matmul(a.T, b)',
  numpy: 'np.matmul(a.T, b)',
}

const rightTransposed: Programs<'a' | 'b'> = {
  adjoint: ({ np, jit }, { a, b }) => {
    const f = jit((x: Tensor, y: Tensor) => np.matmul(x, np.transpose(y)))
    return () => f(a, b)
  },
  jaxjs: ({ numpy: np, jit }, { a, b }) => {
    const f = jit((x: Foreign, y: Foreign) => np.matmul(x, np.transpose(y)))
    return () => f(a.ref, b.ref)
  },
  tfjs:
    (tf, { a, b }) =>
    () =>
      tf.matMul(a, b, false, true),
  torch: 'torch.matmul(a, b.T)',
  numpy: 'np.matmul(a, b.T)',
}

const product = ({ name, a, b, m, k, n, unit = 'GF/s', transposed, programs = plain }: Product) => {
  const batch = a.length === 3 ? a[0]! : 1
  const [aRow, aStep] = transposed === 'a' ? [1, m] : [k, 1]
  const [bColumn, bStep] = transposed === 'b' ? [k, 1] : [1, n]
  return workload({
    name,
    unit,
    inputs: { a: normal(a), b: normal(b) },
    expected: ({ a, b }) => [
      some(batch * m * n, 4096, (at) => {
        const [z, i, j] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n]
        return entry(a, b, k, z * m * k + i * aRow, aStep, z * k * n + j * bColumn, bStep)
      }),
    ],
    tolerance: 1e-5,
    flops: 2 * batch * m * k * n,
    traffic: { read: 4 * (sizeOf(a) + sizeOf(b)), write: 4 * batch * m * n },
    programs,
  })
}

export const products = [
  product({ name: 'A B, 1023', a: [1023, 1023], b: [1023, 1023], m: 1023, k: 1023, n: 1023 }),
  product({ name: 'A B, 1024 x 1024 x 10', a: [1024, 1024], b: [1024, 10], m: 1024, k: 1024, n: 10 }),
  product({ name: 'A B, 10 x 1024 x 1024', a: [10, 1024], b: [1024, 1024], m: 10, k: 1024, n: 1024 }),
  product({ name: 'A B, 1024 x 10 x 1024', a: [1024, 10], b: [10, 1024], m: 1024, k: 10, n: 1024 }),
  product({ name: 'A B, 10', a: [10, 10], b: [10, 10], m: 10, k: 10, n: 10, unit: 'us' }),
  ...[256, 1024].flatMap((n) => [
    product({ name: `A^T B, ${n}`, a: [n, n], b: [n, n], m: n, k: n, n, transposed: 'a', programs: leftTransposed }),
    product({ name: `A B^T, ${n}`, a: [n, n], b: [n, n], m: n, k: n, n, transposed: 'b', programs: rightTransposed }),
  ]),
  product({ name: 'A B, 64 times 128', a: [64, 128, 128], b: [64, 128, 128], m: 128, k: 128, n: 128 }),
  product({ name: 'A x, 2048', a: [2048, 2048], b: [2048], m: 2048, k: 2048, n: 1, unit: 'GB/s' }),
  product({ name: 'A B, 4 x 1024 x 1024', a: [4, 1024], b: [1024, 1024], m: 4, k: 1024, n: 1024 }),
]
