/** What a gradient costs in calls of the function: loss of the network 784-512-256-10, compiled where a library compiles. */
import type { Tensor, TracedFunction } from '../../src/index.js'
import { adjointLoss, inputs, jaxjsLoss, paramsOf, tfjsLoss, type Params } from '../models/mlp.js'
import { workload, type Foreign } from '../workload.js'

const names = ['w0', 'b0', 'w1', 'b1', 'w2', 'b2'] as const

const time = workload({
  name: 'value and gradient over value, MLP',
  kind: 'ratio',
  unit: 'x',
  inputs,
  tolerance: 1e-4,
  programs: {
    adjoint: (library, { x, y, ...rest }) => {
      const params = paramsOf({ x, y, ...rest })
      const f = library.jit(adjointLoss(library))
      const both = library.jit(library.valueAndGrad(adjointLoss(library)))
      return {
        call: () => {
          const [value, g] = both(params, x, y)
          return [value, ...names.map((n) => g[n])]
        },
        base: () => f(params, x, y),
      }
    },
    jaxjs: (jax, { x, y, ...rest }) => {
      const params = paramsOf({ x, y, ...rest })
      const f = jax.jit(jaxjsLoss(jax))
      const both = jax.jit(jax.valueAndGrad(jaxjsLoss(jax)))
      return {
        call: () => {
          const [value, g] = both(jax.tree.ref(params), x.ref, y.ref)
          return [value, ...names.map((n) => g[n])]
        },
        base: () => f(jax.tree.ref(params), x.ref, y.ref),
      }
    },
    tfjs: (tf, { x, y, ...rest }) => {
      const params = paramsOf({ x, y, ...rest })
      const list = names.map((n) => params[n])
      const hot = tf.oneHot(y, 10)
      const loss = tfjsLoss(tf)
      const f = (...p: Foreign[]): Foreign => loss(Object.fromEntries(names.map((n, i) => [n, p[i]])) as Params<Foreign>, x, hot)
      const both = tf.valueAndGrads(f)
      return {
        call: () => {
          const { value, grads } = both(list)
          return [value, ...grads]
        },
        base: () => f(...list),
      }
    },
  },
})

interface Sized {
  readonly shape: readonly number[]
}

/** Operations of all products in a Program. */
const products = ({ program }: TracedFunction): number =>
  program.equations
    .filter((e) => e.prim.name === 'dotGeneral')
    .reduce((n, e) => {
      const [x, y] = e.inputs.map((a): Sized => a.aval)
      const { lhsContract } = e.params as unknown as { readonly lhsContract: readonly number[] }
      const inner = lhsContract.reduce((k, axis) => k * x!.shape[axis]!, 1)
      return n + (2 * x!.shape.reduce((a, b) => a * b, 1) * y!.shape.reduce((a, b) => a * b, 1)) / inner
    }, 0)

const operations = workload({
  name: 'the same in operations of products',
  kind: 'figure',
  unit: 'x',
  inputs,
  tolerance: 0,
  programs: {
    adjoint: (library, { x, y, ...rest }) => {
      const f = adjointLoss(library)
      const of = (g: (p: Params<Tensor>, x: Tensor, y: Tensor) => unknown): number =>
        products(library.trace(g, paramsOf({ x, y, ...rest }), x, y))
      return { call: () => x, figure: () => of(library.valueAndGrad(f)) / of(f) }
    },
  },
})

export const gradientCost = [time, operations]
