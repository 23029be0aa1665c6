/** Training that tells little about any single example: every gradient is clipped before the sum, and noise is added to it. */
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../../src/index.js'
import { grad, jit, losses, models, np, optim, random, scan, tree, viz, vmap } from '../../src/index.js'
import type { Example, Options, Result } from './example.js'
import { axpy, farthest } from './vectors.js'

const [examples, rate, bound, noise, delta] = [2000, 0.05, 1, 1.1, 1e-5]
const model = models.mlp([2, 16, 2], { activation: np.tanh })
type Params = ReturnType<typeof model.init>

/** Two rings, one in the other. */
const rings = (key: Tensor, n: number): { readonly x: Tensor; readonly y: Tensor } => {
  const [k1, k2, k3] = random.split(key, 3)
  const y = np.astype(random.bernoulli(k1, 0.5, [n]), 'int32')
  const angle = random.uniform(k2, [n], { maxval: 2 * Math.PI })
  const radius = np.add(np.add(1, y), np.mul(0.2, random.normal(k3, [n])))
  return { x: np.mul(np.stack([np.cos(angle), np.sin(angle)], { axis: 1 }), np.expandDims(radius, 1)), y }
}

const loss = (params: Params, x: Tensor, y: Tensor): Tensor => losses.softmaxCrossEntropy(model.apply(params)(x), y)

/** The gradient of one example, at most `bound` long. */
const clipped = (params: Params, x: Tensor, y: Tensor): Params => {
  const clip = optim.clipByGlobalNorm(bound)
  return clip.update(grad(loss)(params, x, y), clip.init(params), params)[0]
}
/** The same of all examples: a first axis in every leaf. */
const perExample = vmap(clipped, { inAxes: [null, 0, 0] })

/** The sum over the examples that are chosen, with noise, over the number expected: what the optimizer gets to see. */
const privateGradient = (params: Params, x: Tensor, y: Tensor, chosen: Tensor, key: Tensor): Params => {
  const sum = tree.map((g: Tensor) => np.tensordot(np.astype(chosen, 'float32'), g, { axes: 1 }), perExample(params, x, y))
  const normal = random.gen.traverse((g: Tensor) => random.gen.lift((k) => random.normal(k, g.shape)))(sum)
  const noisy = axpy(sum, noise * bound, random.gen.run(key)(normal))
  return tree.map((g: Tensor) => np.div(g, rate * examples), noisy)
}

/** What the privacy of a training depends on. */
interface Privacy {
  readonly steps: number
  /** The probability with which an example is in a step. */
  readonly rate: number
  /** The deviation of the noise, over the bound. */
  readonly noise: number
  readonly delta: number
}

/**
 * The epsilon of `steps` steps at `delta`, by Renyi divergences of whole orders.
 *
 * @see https://arxiv.org/abs/1908.10530 (Mironov, Talwar and Zhang, 2019)
 */
export const epsilon = ({ steps, rate, noise, delta }: Privacy): number => {
  const divergence = (order: number): number => {
    let [sum, choose] = [0, 1]
    for (let k = 0; k <= order; k++) {
      sum += choose * (1 - rate) ** (order - k) * rate ** k * Math.exp((k * k - k) / (2 * noise * noise))
      choose *= (order - k) / (k + 1)
    }
    return Math.log(sum) / (order - 1)
  }
  return Math.min(...Array.from({ length: 30 }, (_, i) => steps * divergence(i + 2) + Math.log(1 / delta) / (i + 1)))
}

const run = ({ seed, steps = 300 }: Options): Result => {
  const [k0, k1, k2, k3] = random.split(random.key(seed), 4)
  const [{ x, y }, test] = [rings(k0, examples), rings(k1, 1000)]
  const optimizer = optim.adam(0.05)
  type State = ReturnType<typeof optimizer.init>
  const step = ([params, state]: readonly [Params, State], key: Tensor) => {
    const [choose, add] = random.split(key)
    // Each example comes in with the same probability, whatever the others do: the accounting rests on that.
    const chosen = random.bernoulli(choose, rate, [examples])
    const [updates, next] = optimizer.update(privateGradient(params, x, y, chosen, add), state, params)
    return [[optim.applyUpdates(params, updates), next], losses.accuracy(model.apply(params)(test.x), test.y)] as const
  }
  const start = model.init(k2)
  const [[params], accuracies] = scan(step, [start, optimizer.init(start)] as const, random.split(k3, [steps]))

  const few = 20
  const [together, all] = [perExample(params, x, y), jit(clipped)]
  const alone = Array.from({ length: few }, (_, i) => all(params, np.index(x, i), np.index(y, i)))
  const norms = vmap((g: Params) => optim.globalNorm(g))(together)
  const pure = privateGradient(params, x, y, np.zeros([examples], { dtype: 'bool' }), k3)
  const scale = tree.leaves(pure).flatMap((g) => Array.from(np.ravel(g).toTypedArray()))
  return {
    figures: {
      'test accuracy': Number(np.index(accuracies, -1)),
      epsilon: epsilon({ steps, rate, noise, delta }),
      'vmap of gradients and a loop differ by': Math.max(
        ...alone.map((g, i) =>
          farthest(
            tree.map((t: Tensor) => np.index(t, i), together),
            g,
          ),
        ),
      ),
      'longest gradient': Number(np.max(norms)),
      'noise, over what it should be':
        Math.sqrt(scale.reduce((s, v) => s + v * v, 0) / scale.length) / ((noise * bound) / (rate * examples)),
    },
    picture: viz.regions({
      classify: (points) => np.argmax(model.apply(params)(points), { axis: 1 }),
      x: np.index(test.x, ':300'),
      y: np.index(test.y, ':300'),
      title: 'learned in private',
    }),
  }
}

/** Abadi et al. 2016, https://arxiv.org/abs/1607.00133 */
export const privateSgd: Example = {
  about: 'Private SGD: per-example gradients by vmap(grad), clipped, summed, with noise; epsilon by Renyi accounting.',
  run: (options) => TE.fromIO(() => run(options)),
}
