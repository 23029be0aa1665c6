/** What a call costs apart from arithmetic: microseconds per operation on 8 numbers, per call of a tiny compiled function, per gradient. */
import type { Tensor } from '../../src/index.js'
import { constant, normal } from '../inputs.js'
import { all } from '../oracle.js'
import { workload, type Foreign } from '../workload.js'

const eight = { x: normal([8]), y: normal([8]) }

/** A hundred in a row, each waiting for the last; the result is waited for once. */
const add = workload({
  name: 'eager add of 8',
  unit: 'us',
  inputs: eight,
  expected: ({ x, y }) => [all(Array.from(x, (v, i) => v + 100 * y[i]!))],
  tolerance: 1e-5,
  pieces: 100,
  programs: {
    adjoint:
      ({ np }, { x, y }) =>
      () => {
        let z = x
        for (let i = 0; i < 100; i++) z = np.add(z, y)
        return z
      },
    jaxjs:
      ({ numpy: np }, { x, y }) =>
      () => {
        let z = x.ref
        for (let i = 0; i < 100; i++) z = np.add(z, y.ref)
        return z
      },
    tfjs:
      (tf, { x, y }) =>
      () => {
        let z = x
        for (let i = 0; i < 100; i++) z = tf.add(z, y)
        return z
      },
    torch: `
def call():
    z = x
    for _ in range(100):
        z = z + y
    return z
`,
    numpy: `
def call():
    z = x
    for _ in range(100):
        z = z + y
    return z
`,
  },
})

const tiny = workload({
  name: 'compiled call: 8 numbers, x + 2 y',
  unit: 'us',
  inputs: eight,
  expected: ({ x, y }) => [all(Array.from(x, (v, i) => v + 200 * y[i]!))],
  tolerance: 1e-5,
  pieces: 100,
  programs: {
    adjoint: ({ np, jit }, { x, y }) => {
      const f = jit((x: Tensor, y: Tensor) => np.add(x, np.mul(2, y)))
      return () => {
        let z = x
        for (let i = 0; i < 100; i++) z = f(z, y)
        return z
      }
    },
    jaxjs: ({ jit }, { x, y }) => {
      const f = jit((x: Foreign, y: Foreign) => x.add(y.mul(2)))
      return () => {
        let z = x.ref
        for (let i = 0; i < 100; i++) z = f(z, y.ref)
        return z
      }
    },
  },
})

/** The value and the derivative at 0.5 of a hundred nested sines. */
const sines = (x: ArrayLike<number>) => {
  let [z, d] = [x[0]!, 1]
  for (let i = 0; i < 100; i++) [z, d] = [Math.sin(z), d * Math.cos(z)]
  return [all([z]), all([d])]
}

const torchSines = `
x = x.clone().requires_grad_()
def call():
    z = x
    for _ in range(100):
        z = torch.sin(z)
    return [z, *torch.autograd.grad(z, x)]
`

const eager = workload({
  name: 'value and gradient of 100 sines, eager',
  unit: 'us',
  inputs: { x: constant([], 0.5) },
  expected: ({ x }) => sines(x),
  tolerance: 1e-5,
  programs: {
    adjoint: ({ np, valueAndGrad }, { x }) => {
      const both = valueAndGrad((v: Tensor) => {
        let z = v
        for (let i = 0; i < 100; i++) z = np.sin(z)
        return z
      })
      return () => both(x)
    },
    jaxjs: ({ numpy: np, valueAndGrad }, { x }) => {
      const both = valueAndGrad((v: Foreign) => {
        let z = v
        for (let i = 0; i < 100; i++) z = np.sin(z)
        return z
      })
      return () => both(x.ref)
    },
    tfjs: (tf, { x }) => {
      const both = tf.valueAndGrad((v: Foreign) => {
        let z = v
        for (let i = 0; i < 100; i++) z = tf.sin(z)
        return z
      })
      return () => {
        const { value, grad } = both(x)
        return [value, grad]
      }
    },
    torch: torchSines,
  },
})

const compiled = workload({
  name: 'value and gradient of 100 sines, compiled',
  unit: 'us',
  inputs: { x: constant([], 0.5) },
  expected: ({ x }) => sines(x),
  tolerance: 1e-5,
  programs: {
    adjoint: ({ np, jit, valueAndGrad }, { x }) => {
      const both = jit(
        valueAndGrad((v: Tensor) => {
          let z = v
          for (let i = 0; i < 100; i++) z = np.sin(z)
          return z
        }),
      )
      return () => both(x)
    },
    jaxjs: ({ numpy: np, jit, valueAndGrad }, { x }) => {
      const both = jit(
        valueAndGrad((v: Foreign) => {
          let z = v
          for (let i = 0; i < 100; i++) z = np.sin(z)
          return z
        }),
      )
      return () => both(x.ref)
    },
  },
})

export const dispatch = [add, tiny, eager, compiled]
