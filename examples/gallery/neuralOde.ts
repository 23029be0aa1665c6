/** A network as the right-hand side of a differential equation, and three ways to its gradient. */
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../../src/index.js'
import { checkpoint, grad, models, np, optim, random, scan, tree, vjp, viz } from '../../src/index.js'
import { descend } from './descent.js'
import type { Example, Options, Result } from './example.js'
import { axpy, dot, farthest } from './vectors.js'

/** One step of the classical Runge-Kutta method for `dy/dt = f(y)`: an error of `h^5`. */
const rk4 = <Y>(f: (y: Y) => Y, h: number, y: Y): Y => {
  const k1 = f(y)
  const k2 = f(axpy(y, h / 2, k1))
  const k3 = f(axpy(y, h / 2, k2))
  const k4 = f(axpy(y, h, k3))
  return [k1, k2, k3, k4].reduce((sum, k, i) => axpy(sum, (h * [1, 2, 2, 1][i]!) / 6, k), y)
}

/** States at `h, 2 h, ..., n h`: float[n, ...]. */
const solve = (f: (y: Tensor) => Tensor, y0: Tensor, h: number, n: number): Tensor =>
  scan(
    (y: Tensor) => {
      const next = rk4(f, h, y)
      return [next, next] as const
    },
    y0,
    null,
    { length: n },
  )[1]

/** A pendulum with friction: angle and speed. */
const pendulum = (y: Tensor): Tensor => {
  const [angle, speed] = np.unstack(y, { axis: -1 }) as [Tensor, Tensor]
  return np.stack([speed, np.neg(np.add(np.sin(angle), np.mul(0.1, speed)))], { axis: -1 })
}
const model = models.mlp([2, 32, 2], { activation: np.tanh })
type Params = ReturnType<typeof model.init>
const field = (params: Params) => (y: Tensor) => model.apply(params)(y)
const y0 = np.array([2, 0], { dtype: 'float64' })
/** The step, the steps of the whole path, and the steps over which the network is trained. */
const [h, n, horizon] = [0.1, 120, 10]

/** How far the network gets from the path within `horizon` steps, starting from every place on it. */
const loss = (params: Params, path: Tensor): Tensor => {
  const ahead = solve(field(params), np.index(path, `:${n - horizon}`), h, horizon)
  const target = np.stack(Array.from({ length: horizon }, (_, k) => np.index(path, `${k + 1}:${n - horizon + k + 1}`)))
  return np.mean(np.square(np.sub(ahead, target)))
}

/**
 * The gradient of `|y(T)|^2` by the continuous adjoint: the state and `a = dL/dy` run back in time together,
 * `da/dt = -a df/dy`, `dg/dt = -a df/dp`. It keeps no intermediate state at all, and is as exact as the solver.
 */
const adjoint = (params: Params, time: number, steps: number): Params => {
  const end = np.index(solve(field(params), y0, time / steps, steps), -1)
  const backwards = ({ y, a }: { y: Tensor; a: Tensor; g: Params }) => {
    const [dy, pull] = vjp((p: Params, u: Tensor) => field(p)(u), params, y)
    const [g, back] = pull(a)
    return { y: np.neg(dy), a: back, g: g as Params }
  }
  const zeros = tree.map((p: Tensor) => np.zerosLike(p), params)
  const start = { y: end, a: np.mul(2, end), g: zeros }
  const step = (s: typeof start) => [rk4(backwards, time / steps, s), null] as const
  return scan(step, start, null, { length: steps })[0].g
}

const run = ({ seed, steps = 400 }: Options): Result => {
  const wide = tree.map((p: Tensor) => np.astype(p, 'float64'), model.init(random.key(seed)))
  const path = solve(pendulum, y0, h, n)
  const [params, losses] = descend((p: Params, _: Tensor) => loss(p, path), optim.adam(0.01), wide, np.zeros([steps]))

  const end = (ends: (y: Tensor) => Tensor, time: number, count: number): Tensor => {
    const y = np.index(solve(ends, y0, time / count, count), -1)
    return dot(y, y)
  }
  const reverse = (count: number): Params => grad((p: Params) => end(field(p), 1, count))(params)
  const light = grad((p: Params) => end(checkpoint(field(p)), 1, 20))(params)
  const error = (count: number): number => farthest(adjoint(params, 1, count), reverse(count))
  const found = solve(field(params), y0, h, n)
  const columns = (t: Tensor, name: string) => [0, 1].map((k) => ({ name: `${name}${k}`, values: np.index(t, ':', k).toTypedArray() }))
  return {
    figures: {
      'loss at first': Number(np.index(losses, 0)),
      'loss at last': Number(loss(params, path)),
      'the whole path, mean squared error': Number(np.mean(np.square(np.sub(found, path)))),
      'checkpointed gradient differs by': farthest(light, reverse(20)),
      'adjoint gradient differs by, 20 steps': error(20),
      'adjoint gradient differs by, 40 steps': error(40),
    },
    picture: viz.curve([...columns(path, 'true '), ...columns(found, 'network ')], { title: 'neural ODE', xLabel: 'step' }),
  }
}

/** Chen et al. 2018, https://arxiv.org/abs/1806.07366 */
export const neuralOde: Example = {
  about: 'A network is the right-hand side of an ODE; Runge-Kutta under scan; plain, checkpointed and adjoint gradients compared.',
  run: (options) => TE.fromIO(() => run(options)),
}
