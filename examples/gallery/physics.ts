/** A network that solves a differential equation: Burgers' equation with a solution that is known. */
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../../src/index.js'
import { grad, hessian, jit, models, np, optim, random, tree, viz, vmap } from '../../src/index.js'
import type { Example, Options, Result } from './example.js'

const viscosity = 0.1
const float64 = { dtype: 'float64' } as const

/** A front that travels to the right: the exact solution of `u_t + u u_x = viscosity u_xx`. shapes: p[x, t] -> [] */
const exact = (p: Tensor): Tensor => {
  const [x, t] = np.unstack(p) as [Tensor, Tensor]
  return np.mul(0.5, np.sub(1, np.tanh(np.div(np.sub(x, np.div(t, 2)), 4 * viscosity))))
}

const model = models.mlp([2, 20, 20, 1], { activation: np.tanh })
type Params = ReturnType<typeof model.init>
const u = (params: Params) => (p: Tensor) => np.index(model.apply(params)(p), 0)

/** What the equation misses at a point: `u_t + u u_x - viscosity u_xx`, by a gradient and a Hessian of the network in its input. */
const residual = (params: Params) => (p: Tensor) => {
  const [ux, ut] = np.unstack(grad(u(params))(p)) as [Tensor, Tensor]
  const uxx = np.index(hessian(u(params))(p), 0, 0)
  return np.sub(np.add(ut, np.mul(u(params)(p), ux)), np.mul(viscosity, uxx))
}

/** Points of the rectangle: x in [-1, 2], t in [0, 1]. */
const inside = (key: Tensor, n: number): Tensor =>
  np.add(np.mul(random.uniform(key, [n, 2], float64), np.array([3, 1], float64)), np.array([-1, 0], float64))

/** Points at t = 0, x = -1 and x = 2, where the solution is given. */
const border = (key: Tensor, n: number): Tensor => {
  const [start, left, right] = np.split(inside(key, 3 * n), 3) as [Tensor, Tensor, Tensor]
  const at = (points: Tensor, axis: number, value: number) => np.where(np.equal(np.arange(2), axis), np.array(value, float64), points)
  return np.concatenate([at(start, 1, 0), at(left, 0, -1), at(right, 0, 2)])
}

const run = ({ seed, steps = 300 }: Options): Result => {
  const [k0, k1, k2, k3] = random.split(random.key(seed), 4)
  const [points, edge, fresh] = [inside(k1, 400), border(k2, 40), inside(k3, 1000)]
  const mean = (f: (p: Tensor) => Tensor, at: Tensor): Tensor => np.mean(np.square(vmap(f)(at)))
  const loss = (params: Params): Tensor =>
    np.add(
      mean(residual(params), points),
      mean((p) => np.sub(u(params)(p), exact(p)), edge),
    )
  const start = tree.map((p: Tensor) => np.astype(p, 'float64'), model.init(k0))
  const minimum = jit((from: Params) =>
    optim.minimize(loss, from, { maxSteps: steps, tolerance: 1e-7, method: optim.lbfgs({ memorySize: 20 }) }),
  )(start)
  const params = minimum.params as Params
  const norm = (f: (p: Tensor) => Tensor): number => Math.sqrt(Number(mean(f, fresh)))
  const error = norm((p) => np.sub(u(params)(p), exact(p))) / norm(exact)

  const x = np.linspace(-1, 2, 151, float64)
  const line = (name: string, f: (p: Tensor) => Tensor, t: number) => ({
    name: `${name} t=${t}`,
    values: vmap((at: Tensor) => f(np.stack([at, np.array(t, float64)])))(x).toTypedArray(),
  })
  return {
    figures: {
      'loss at first': Number(loss(start)),
      'loss at last': Number(minimum.value),
      'steps of L-BFGS': Number(minimum.count),
      'residual of the exact solution': norm((p) => {
        const [ux, ut] = np.unstack(grad(exact)(p)) as [Tensor, Tensor]
        return np.sub(np.add(ut, np.mul(exact(p), ux)), np.mul(viscosity, np.index(hessian(exact)(p), 0, 0)))
      }),
      'relative error of the solution': error,
    },
    picture: viz.curve([line('exact', exact, 0), line('exact', exact, 1), line('network', u(params), 0.5), line('network', u(params), 1)], {
      title: "Burgers' equation",
      xLabel: 'place',
    }),
  }
}

/** Raissi et al. 2019, https://doi.org/10.1016/j.jcp.2018.10.045 */
export const physics: Example = {
  about: "A physics-informed network solves Burgers' equation by Hessians in its input and L-BFGS; compared with the exact solution.",
  run: (options) => TE.fromIO(() => run(options)),
}
