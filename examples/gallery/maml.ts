/** Learning to learn: parameters from which one gradient step fits a new sinusoid. */
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../../src/index.js'
import { grad, models, np, optim, random, stopGradient, tree, viz, vmap } from '../../src/index.js'
import { descend } from './descent.js'
import type { Example, Options, Result } from './example.js'

/** Examples to learn from, and tasks per meta-step. */
const [shots, tasks] = [10, 16]
const model = models.mlp([1, 40, 40, 1], { activation: np.tanh })
type Params = ReturnType<typeof model.init>

/** Points of one task. */
interface Points {
  readonly x: Tensor
  readonly y: Tensor
}

/** A sinusoid of random amplitude and phase at random places: some points to learn from, some to be judged by. */
const sinusoid = (key: Tensor): { readonly support: Points; readonly query: Points } => {
  const [k1, k2, k3] = random.split(key, 3)
  const amplitude = random.uniform(k1, [], { minval: 0.5, maxval: 5 })
  const phase = random.uniform(k2, [], { minval: 0, maxval: Math.PI })
  const x = random.uniform(k3, [2 * shots, 1], { minval: -5, maxval: 5 })
  const [xs, xq] = np.split(x, 2)
  const wave = (at: Tensor): Points => ({ x: at, y: np.mul(amplitude, np.sin(np.sub(at, phase))) })
  return { support: wave(xs), query: wave(xq) }
}

const loss = (params: Params, { x, y }: Points): Tensor => np.mean(np.square(np.sub(model.apply(params)(x), y)))
const inner = optim.sgd(0.02)

/** Parameters after some steps on a task. It is an ordinary function: its derivative goes through the optimizer. */
const adapt = (params: Params, support: Points, steps = 1): Params => {
  let [p, state] = [params, inner.init(params)]
  for (let i = 0; i < steps; i++) {
    const [updates, next] = inner.update(grad(loss)(p, support), state, p)
    ;[p, state] = [optim.applyUpdates(p, updates), next]
  }
  return p
}

/** The loss on a task's query after a step on its support. */
const adapted = (params: Params, key: Tensor): Tensor => {
  const { support, query } = sinusoid(key)
  return loss(adapt(params, support), query)
}
const overTasks = (f: (params: Params, key: Tensor) => Tensor) => (params: Params, key: Tensor) =>
  np.mean(vmap(f, { inAxes: [null, 0] })(params, random.split(key, [tasks])))

/** Without the second derivative, the inner step is a constant. */
const firstOrder = (params: Params, key: Tensor): Tensor => {
  const { support, query } = sinusoid(key)
  const [updates] = inner.update(tree.map(stopGradient, grad(loss)(params, support)), inner.init(params), params)
  return loss(optim.applyUpdates(params, updates), query)
}

const run = ({ seed, steps = 2000 }: Options): Result => {
  const [k0, k1, k2] = random.split(random.key(seed), 3)
  const optimizer = optim.adam(2e-3)
  const [meta] = descend(overTasks(adapted), optimizer, model.init(k0), random.split(k1, [steps]))
  // The same network trained on all tasks at once, to be compared: it learns their mean, which is nearly zero.
  const [joint] = descend(
    overTasks((p, key) => loss(p, sinusoid(key).query)),
    optimizer,
    model.init(k0),
    random.split(k1, [steps]),
  )

  /** The loss on new tasks after `count` steps on each. */
  const judged = (p: Params, count: number): number => {
    const one = (key: Tensor): Tensor => {
      const { support, query } = sinusoid(key)
      return loss(adapt(p, support, count), query)
    }
    return Number(np.mean(vmap(one)(random.split(k2, [200]))))
  }
  const { support } = sinusoid(k2)
  const x = np.reshape(np.linspace(-5, 5, 200), [200, 1])
  const line = (name: string, p: Params) => ({ name, values: np.ravel(model.apply(p)(x)).toTypedArray() })
  return {
    figures: {
      'loss before the step': judged(meta, 0),
      'loss after one step': judged(meta, 1),
      'loss after five steps': judged(meta, 5),
      'trained jointly, after five steps': judged(joint, 5),
      'first-order gradient over the full one': gradientRatio(meta, k2),
    },
    picture: viz.curve([line('before', meta), line('after 1', adapt(meta, support)), line('after 5', adapt(meta, support, 5))], {
      title: 'a task of MAML',
    }),
  }
}

/** The norm of the gradient without second derivatives, over that with them. */
const gradientRatio = (params: Params, key: Tensor): number => {
  const norm = (f: typeof adapted): number => Number(optim.globalNorm(grad(overTasks(f))(params, key)))
  return norm(firstOrder) / norm(adapted)
}

/** Finn et al. 2017, https://arxiv.org/abs/1703.03400 */
export const maml: Example = {
  about: 'Meta-learning of sinusoids: the gradient goes through the optimizer step of every task (second order), vmap over tasks.',
  run: (options) => TE.fromIO(() => run(options)),
}
