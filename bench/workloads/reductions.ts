/** Sums and what is built of them, softmax, layer norm, moving axes: eager where one call does it, else compiled where a library compiles. */
import type { Tensor } from '../../src/index.js'
import { normal, type Values } from '../inputs.js'
import { all, some, type Expected } from '../oracle.js'
import { workload, type Foreign, type Programs } from '../workload.js'

interface Reduction {
  readonly name: string
  readonly shape: readonly number[]
  /** Elements of the result. */
  readonly size: number
  readonly expected?: (x: Values) => Expected
  readonly programs: Programs<'x'>
}

const reduction = ({ name, shape, size, expected, programs }: Reduction) =>
  workload({
    name,
    unit: 'ms',
    inputs: { x: normal(shape) },
    expected: expected === undefined ? undefined : ({ x }) => expected(x),
    tolerance: 1e-5,
    traffic: { read: 4 * shape.reduce((a, b) => a * b, 1), write: 4 * size },
    programs,
  })

const total = (xs: ArrayLike<number>, from = 0, step = 1, count = xs.length): number => {
  let sum = 0
  for (let i = 0; i < count; i++) sum += xs[from + i * step]!
  return sum
}

const n = 1e7
const side = 1024
const square = { shape: [side, side] as const, size: side * side }
const rows = (x: Values, f: (row: Values) => ArrayLike<number>) => {
  const y = new Float64Array(x.length)
  for (let i = 0; i < x.length; i += side) y.set(f(x.subarray(i, i + side)), i)
  return [all(y)]
}

/** Sums over axes, eager. */
const sums = (axis: number | readonly number[]): Programs<'x'> => ({
  adjoint:
    ({ np }, { x }) =>
    () =>
      np.sum(x, { axis }),
  jaxjs:
    ({ numpy: np }, { x }) =>
    () =>
      np.sum(x.ref, axis),
  tfjs:
    (tf, { x }) =>
    () =>
      tf.sum(x, axis),
  torch: `x.sum(${JSON.stringify(axis)})`,
  numpy: `x.sum(tuple(${JSON.stringify([axis].flat())}))`,
})

/** Reductions, in the order of the table. */
export const reductions = [
  reduction({
    name: 'sum of 10^7',
    shape: [n],
    size: 1,
    expected: (x) => [all([total(x)])],
    programs: {
      adjoint:
        ({ np }, { x }) =>
        () =>
          np.sum(x),
      jaxjs:
        ({ numpy: np }, { x }) =>
        () =>
          np.sum(x.ref),
      tfjs:
        (tf, { x }) =>
        () =>
          tf.sum(x),
      loops:
        (_, { x }) =>
        () =>
          Float32Array.of(total(x)),
      torch: 'x.sum()',
      numpy: 'x.sum()',
    },
  }),
  reduction({
    name: 'mean of 10^7',
    shape: [n],
    size: 1,
    expected: (x) => [all([total(x) / n])],
    programs: {
      adjoint:
        ({ np }, { x }) =>
        () =>
          np.mean(x),
      jaxjs:
        ({ numpy: np }, { x }) =>
        () =>
          np.mean(x.ref),
      tfjs:
        (tf, { x }) =>
        () =>
          tf.mean(x),
      torch: 'x.mean()',
      numpy: 'x.mean()',
    },
  }),
  reduction({
    name: 'variance of 10^7',
    shape: [n],
    size: 1,
    programs: {
      adjoint: ({ np, jit }, { x }) => {
        const f = jit((x: Tensor) => np.var(x))
        return () => f(x)
      },
      jaxjs: ({ numpy: np, jit }, { x }) => {
        const f = jit((x: Foreign) => np.var_(x))
        return () => f(x.ref)
      },
      tfjs:
        (tf, { x }) =>
        () =>
          tf.moments(x).variance,
      torch: 'x.var(correction=0)',
      numpy: 'x.var()',
    },
  }),
  reduction({
    name: 'sum over axis 0, 1024 x 1024',
    shape: square.shape,
    size: side,
    expected: (x) => [all(Float64Array.from({ length: side }, (_, j) => total(x, j, side, side)))],
    programs: {
      adjoint:
        ({ np }, { x }) =>
        () =>
          np.sum(x, { axis: 0 }),
      jaxjs:
        ({ numpy: np }, { x }) =>
        () =>
          np.sum(x.ref, 0),
      tfjs:
        (tf, { x }) =>
        () =>
          tf.sum(x, 0),
      torch: 'x.sum(0)',
      numpy: 'x.sum(0)',
    },
  }),
  reduction({
    name: 'sum over axis 0, 4096 x 2048',
    shape: [4096, 2048],
    size: 2048,
    expected: (x) => [all(Float64Array.from({ length: 2048 }, (_, j) => total(x, j, 2048, 4096)))],
    programs: sums(0),
  }),
  reduction({
    name: 'sum over axis 1, 64 x 256 x 512',
    shape: [64, 256, 512],
    size: 64 * 512,
    expected: (x) => [
      all(Float64Array.from({ length: 64 * 512 }, (_, k) => total(x, Math.floor(k / 512) * 256 * 512 + (k % 512), 512, 256))),
    ],
    programs: sums(1),
  }),
  reduction({
    name: 'sum over axes 0 and 2, 64 x 256 x 512',
    shape: [64, 256, 512],
    size: 256,
    expected: (x) => [
      all(
        Float64Array.from({ length: 256 }, (_, j) => {
          let sum = 0
          for (let i = 0; i < 64; i++) sum += total(x, (i * 256 + j) * 512, 1, 512)
          return sum
        }),
      ),
    ],
    programs: sums([0, 2]),
  }),
  reduction({
    name: 'sum over axis 1, 1024 x 1024',
    shape: square.shape,
    size: side,
    expected: (x) => [all(Float64Array.from({ length: side }, (_, i) => total(x, i * side, 1, side)))],
    programs: {
      adjoint:
        ({ np }, { x }) =>
        () =>
          np.sum(x, { axis: 1 }),
      jaxjs:
        ({ numpy: np }, { x }) =>
        () =>
          np.sum(x.ref, 1),
      tfjs:
        (tf, { x }) =>
        () =>
          tf.sum(x, 1),
      torch: 'x.sum(1)',
      numpy: 'x.sum(1)',
    },
  }),
  reduction({
    name: 'maximum over axis 1, 1024 x 1024',
    shape: square.shape,
    size: side,
    expected: (x) => [all(Float64Array.from({ length: side }, (_, i) => Math.max(...x.subarray(i * side, (i + 1) * side))))],
    programs: {
      adjoint:
        ({ np }, { x }) =>
        () =>
          np.max(x, { axis: 1 }),
      jaxjs:
        ({ numpy: np }, { x }) =>
        () =>
          np.max(x.ref, 1),
      tfjs:
        (tf, { x }) =>
        () =>
          tf.max(x, 1),
      torch: 'x.amax(1)',
      numpy: 'x.max(1)',
    },
  }),
  reduction({
    name: 'softmax 1024 x 1024',
    ...square,
    expected: (x) =>
      rows(x, (row) => {
        const e = Float64Array.from(row, (v) => Math.exp(v))
        const sum = total(e)
        return e.map((v) => v / sum)
      }),
    programs: {
      adjoint: ({ nn, jit }, { x }) => {
        const f = jit((x: Tensor) => nn.softmax(x))
        return () => f(x)
      },
      jaxjs: ({ nn, jit }, { x }) => {
        const f = jit((x: Foreign) => nn.softmax(x))
        return () => f(x.ref)
      },
      tfjs:
        (tf, { x }) =>
        () =>
          tf.softmax(x),
      torch: 'F.softmax(x, dim=1)',
      numpy: `
def call():
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)
`,
    },
  }),
  reduction({
    name: 'layer norm 1024 x 1024',
    ...square,
    expected: (x) =>
      rows(x, (row) => {
        const mean = total(row) / side
        const variance = total(Float64Array.from(row, (v) => (v - mean) ** 2)) / side
        return Float64Array.from(row, (v) => (v - mean) / Math.sqrt(variance + 1e-5))
      }),
    programs: {
      adjoint: ({ nn, jit }, { x }) => {
        const f = jit((x: Tensor) => nn.standardize(x))
        return () => f(x)
      },
      jaxjs: ({ nn, jit }, { x }) => {
        const f = jit((x: Foreign) => nn.standardize(x, -1, { epsilon: 1e-5 }))
        return () => f(x.ref)
      },
      tfjs:
        (tf, { x }) =>
        () => {
          const { mean, variance } = tf.moments(x, 1, true)
          return tf.batchNorm(tf.transpose(x), tf.squeeze(mean), tf.squeeze(variance), null, null, 1e-5).transpose()
        },
      torch: 'F.layer_norm(x, [1024], eps=1e-5)',
    },
  }),
  reduction({
    name: 'running sum over axis 1, 1024 x 1024',
    ...square,
    programs: {
      adjoint:
        ({ np }, { x }) =>
        () =>
          np.cumsum(x, { axis: 1 }),
      jaxjs:
        ({ numpy: np }, { x }) =>
        () =>
          np.cumsum(x.ref, 1),
      tfjs:
        (tf, { x }) =>
        () =>
          tf.cumsum(x, 1),
      torch: 'x.cumsum(1)',
      numpy: 'x.cumsum(1)',
    },
  }),
]

/** jax-js moves axes without moving data: it adds 1, so that the data move. */
const transpose = (side: number) =>
  workload({
    name: `transpose ${side}`,
    unit: 'GB/s',
    inputs: { x: normal([side, side]) },
    expected: ({ x }) => [some(side * side, 50_000, (i) => x[(i % side) * side + Math.floor(i / side)]! + 1)],
    tolerance: 1e-6,
    traffic: { read: 4 * side * side, write: 4 * side * side },
    programs: {
      adjoint: ({ np, jit }, { x }) => {
        const f = jit((x: Tensor) => np.add(np.transpose(x), 1))
        return () => f(x)
      },
      jaxjs: ({ numpy: np, jit }, { x }) => {
        const f = jit((x: Foreign) => np.transpose(x).add(1))
        return () => f(x.ref)
      },
      tfjs:
        (tf, { x }) =>
        () =>
          tf.add(tf.transpose(x), 1),
      torch: '(x.T + 1).contiguous()',
      numpy: 'np.ascontiguousarray(x.T) + 1',
    },
  })

export const axes = [transpose(2048)]
