/** Hessian-free optimisation: a second-order method for a network whose matrix of second derivatives is never formed. */
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../../src/index.js'
import { data, jit, jvp, losses, models, np, optim, random, tree, valueAndGrad, viz, vjp, whileLoop } from '../../src/index.js'
import { descend } from './descent.js'
import type { Example, Options, Result } from './example.js'
import { axpy, dot } from './vectors.js'

const model = models.mlp([2, 16, 16, 3], { activation: np.tanh })
type Params = ReturnType<typeof model.init>

/** `x` with `matrix(x) = b`, by conjugate gradients: at most `steps` products with a matrix that is symmetric and positive. */
const conjugateGradients = (matrix: (v: Params) => Params, b: Params, steps: number): Params => {
  const zero = tree.map((t: Tensor) => np.zerosLike(t), b)
  const start = { x: zero, rest: b, along: b, size: dot(b, b), count: np.array(0) }
  type State = typeof start
  const unfinished = ({ size, count }: State): Tensor => np.logicalAnd(np.less(count, steps), np.greater(size, np.mul(1e-8, start.size)))
  const step = ({ x, rest, along, size, count }: State): State => {
    const product = matrix(along)
    const length = np.div(size, dot(along, product))
    const left = axpy(rest, np.neg(length), product)
    const now = dot(left, left)
    return { x: axpy(x, length, along), rest: left, along: axpy(left, np.div(now, size), along), size: now, count: np.add(count, 1) }
  }
  return whileLoop(unfinished, step, start).x
}

const run = ({ seed, steps = 40 }: Options): Result => {
  const { x, y } = data.all(data.spiral({ train: true }))
  const start = tree.map((p: Tensor) => np.astype(p, 'float64'), model.init(random.key(seed)))
  const logits = (params: Params): Tensor => model.apply(params)(np.astype(x, 'float64'))
  const ofLogits = (z: Tensor): Tensor => losses.softmaxCrossEntropy(z, y)
  const loss = (params: Params): Tensor => ofLogits(logits(params))

  /** `J' H J v`: the Hessian of the loss in its logits, seen through the network's derivative. Never negative, unlike the Hessian. */
  const gaussNewton = (params: Params, v: Params): Params => {
    const [z, dz] = jvp(logits, [params], [v])
    const [, hdz] = jvp((u: Tensor) => valueAndGrad(ofLogits)(u)[1], [z], [dz])
    return vjp(logits, params)[1](hdz)[0]
  }

  /** One step of Levenberg and Marquardt: the damping falls while the quadratic model foretells well, and grows otherwise. */
  const step = jit((params: Params, damping: Tensor) => {
    const [before, slope] = valueAndGrad(loss)(params)
    const product = (v: Params): Params => axpy(gaussNewton(params, v), damping, v)
    const direction = conjugateGradients(
      product,
      tree.map((g: Tensor) => np.neg(g), slope as Params),
      50,
    )
    const moved = axpy(params, 1, direction)
    const after = loss(moved)
    const foretold = np.add(dot(slope as Params, direction), np.div(dot(direction, gaussNewton(params, direction)), 2))
    const quality = np.div(np.sub(after, before), foretold)
    const better = np.less(after, before)
    return {
      params: axpy(params, np.astype(better, 'float64'), direction),
      damping: np.mul(damping, np.where(np.greater(quality, 0.75), 1 / 3, np.where(np.less(quality, 0.25), 3, 1))),
      loss: np.where(better, after, before),
    }
  })
  let state = { params: start, damping: np.array(1, { dtype: 'float64' }), loss: loss(start) }
  const path = [Number(state.loss)]
  for (let i = 0; i < steps; i++) {
    state = step(state.params, state.damping)
    path.push(Number(state.loss))
  }
  const [, adam] = descend((p: Params, _: Tensor) => loss(p), optim.adam(0.01), start, np.zeros([steps * 10]))
  const accuracy = Number(losses.accuracy(logits(state.params), y))
  return {
    figures: {
      'loss at first': path[0]!,
      [`loss after ${steps} steps`]: path[steps]!,
      [`loss of Adam after ${10 * steps}`]: Number(np.index(adam, -1)),
      accuracy,
      damping: Number(state.damping),
    },
    picture: viz.curve(
      [
        { name: 'Newton', values: path },
        { name: 'Adam', values: Array.from(adam.toTypedArray()).slice(0, steps + 1) },
      ],
      {
        title: 'loss by step',
        xLabel: 'step',
      },
    ),
  }
}

/** Martens 2010, https://www.cs.toronto.edu/~jmartens/docs/Deep_HessianFree.pdf */
export const newton: Example = {
  about: 'Hessian-free Gauss-Newton on the spiral: products of jvp and vjp inside conjugate gradients inside jit.',
  run: (options) => TE.fromIO(() => run(options)),
}
