/** Bayesian logistic regression: draws from the posterior by Hamiltonian Monte Carlo, and the Laplace approximation of it. */
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../../src/index.js'
import { grad, hessian, jit, losses, np, optim, random, scan, viz, vmap } from '../../src/index.js'
import type { Example, Options, Result } from './example.js'

const float64 = { dtype: 'float64' } as const
const [examples, features, chains] = [200, 3, 8]

/** Labels of a logistic model with known weights. */
const observe = (key: Tensor): { readonly x: Tensor; readonly y: Tensor } => {
  const [k1, k2] = random.split(key)
  const x = random.normal(k1, [examples, features], float64)
  const logits = np.matmul(x, np.array([1, -0.5, 0.25], float64))
  return { x, y: np.astype(random.bernoulli(k2, np.div(1, np.add(1, np.exp(np.neg(logits))))), 'float64') }
}

/** A leapfrog path of `steps` steps: position and momentum at its end. Reversible, and it keeps volumes. */
const leapfrog = (slope: (q: Tensor) => Tensor, [q, p]: readonly [Tensor, Tensor], size: number, steps: number) => {
  const half = (at: Tensor, momentum: Tensor): Tensor => np.sub(momentum, np.mul(size / 2, slope(at)))
  const step = ([q, p]: readonly [Tensor, Tensor]) => {
    const kicked = half(q, p)
    const moved = np.add(q, np.mul(size, kicked))
    return [[moved, half(moved, kicked)] as const, null] as const
  }
  return scan(step, [q, p] as const, null, { length: steps })[0]
}

/** Draws from `exp(-energy)`, one for each key, and which proposals were accepted. */
const sample = (energy: (q: Tensor) => Tensor, start: Tensor, keys: Tensor, size = 0.1, steps = 4): readonly [Tensor, Tensor] => {
  const total = (q: Tensor, p: Tensor): Tensor => np.add(energy(q), np.div(np.sum(np.square(p)), 2))
  const draw = (q: Tensor, key: Tensor) => {
    const [k1, k2] = random.split(key)
    const p = random.normal(k1, q.shape, float64)
    const [to, momentum] = leapfrog(grad(energy), [q, p], size, steps)
    // Metropolis: what the integrator got wrong is made good by leaving a proposal out now and then.
    const accepted = np.less(np.log(random.uniform(k2, [], float64)), np.sub(total(q, p), total(to, momentum)))
    const next = np.where(accepted, to, q)
    return [next, [next, np.astype(accepted, 'float64')] as const] as const
  }
  return scan(draw, start, keys)[1]
}

const run = ({ seed, steps: draws = 1000 }: Options): Result => {
  const [k0, k1, k2] = random.split(random.key(seed), 3)
  const { x, y } = observe(k0)
  /** Minus the logarithm of likelihood times prior, a normal one of variance 4. */
  const energy = (w: Tensor): Tensor =>
    np.add(losses.sigmoidCrossEntropy(np.matmul(x, w), y, { reduction: 'sum' }), np.div(np.sum(np.square(w)), 8))

  // Every chain warms up for a quarter of the draws; all chains run at once.
  const warm = Math.ceil(draws / 4)
  const chain = (start: Tensor, keys: Tensor) => sample(energy, start, keys)
  const starts = random.normal(k1, [chains, features], float64)
  const [all, accepted] = jit(vmap(chain))(starts, random.split(k2, [chains, warm + draws]))
  const w = np.index(all, ':', `${warm}:`)
  const flat = np.reshape(w, [chains * draws, features])
  const mean = np.mean(flat, { axis: 0 })
  const centred = np.sub(flat, mean)
  const covariance = np.div(np.matmul(np.transpose(centred), centred), chains * draws - 1)

  const mode = optim.minimize(energy, np.zeros([features], float64), { tolerance: 1e-8 }).params
  // Laplace: the posterior is nearly normal around its mode, with the Hessian there as the inverse of the covariance.
  const unit = np.matmul(hessian(energy)(mode), covariance)
  // Gelman and Rubin: what the chains differ by, against what each of them varies by.
  const between = np.var(np.mean(w, { axis: 1 }), { axis: 0, ddof: 1 })
  const within = np.mean(np.var(w, { axis: 1, ddof: 1 }), { axis: 0 })
  const deviations = np.sqrt(np.diagonal(covariance))
  return {
    figures: {
      'acceptance rate': Number(np.mean(accepted)),
      'split of the chains (R hat)': Number(np.max(np.sqrt(np.add(1, np.div(between, within))))),
      'mean - mode, in standard deviations': Number(np.max(np.abs(np.div(np.sub(mean, mode), deviations)))),
      'Hessian times covariance - identity': Number(np.max(np.abs(np.sub(unit, np.eye(features, float64))))),
      ...Object.fromEntries(Array.from(mean.toTypedArray(), (m, i) => [`w${i}, of ${[1, -0.5, 0.25][i]}`, m])),
    },
    picture: viz.curve(
      [0, 1, 2].map((i) => ({ name: `w${i}`, values: np.index(w, 0, ':300', i).toTypedArray() })),
      { title: 'draws of one chain', xLabel: 'draw' },
    ),
  }
}

/** Neal 2011, https://arxiv.org/abs/1206.1901 */
export const hmc: Example = {
  about: 'Bayesian logistic regression by Hamiltonian Monte Carlo, chains by vmap, draws by scan; compared with the Laplace approximation.',
  run: (options) => TE.fromIO(() => run(options)),
}
