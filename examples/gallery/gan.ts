/** Two networks against each other: one draws pictures, the other tells drawn ones from real ones. */
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../../src/index.js'
import { losses, nn, np, optim, random, scan, valueAndGrad, viz } from '../../src/index.js'
import type { Example, Options, Result } from './example.js'
import type { Split } from './pictures.js'
import { drawBatch, pictures } from './pictures.js'

const [code, batch, channels] = [16, 64, 16]

/** Noise to pictures: a small map that is doubled twice. shapes: z[n, code] -> [n, 1, 4 side, 4 side] */
const generator = (side: number) =>
  nn.sequential(
    nn.dense(code, 2 * channels * side * side),
    nn.lift((x) => np.reshape(x, [-1, 2 * channels, side, side]), 'map'),
    nn.batchNorm(2 * channels),
    nn.relu,
    nn.convTranspose2d(2 * channels, channels, 4, { strides: 2, padding: 1 }),
    nn.batchNorm(channels),
    nn.relu,
    nn.convTranspose2d(channels, 1, 4, { strides: 2, padding: 1 }),
    nn.sigmoid,
  )

/** Pictures to a logit: real, or not. shapes: x[n, 1, 4 side, 4 side] -> [n, 1] */
const critic = nn.sequential(
  nn.conv2d(1, channels, 4, { strides: 2, padding: 1 }),
  nn.leakyRelu,
  nn.conv2d(channels, 2 * channels, 4, { strides: 2, padding: 1 }),
  nn.leakyRelu,
  nn.flatten,
  nn.dense(1),
)

const train = ({ train, test }: Split, { seed, steps = 600 }: Options): Result => {
  const [k0, k1, k2, k3] = random.split(random.key(seed), 4)
  const shape = train.x.shape
  const draws = generator(shape[2]! / 4)
  const optimizer = optim.adam(1e-3, { b1: 0.5 })
  const g = draws.init(k0)
  const c = critic.init(k1, [batch, ...shape.slice(1)])
  const start = { g, c, gState: optimizer.init(g), cState: optimizer.init(c), norms: draws.initState() }
  type Both = typeof start
  const wrong = (logits: Tensor, real: number): Tensor => losses.sigmoidCrossEntropy(logits, np.full(logits.shape, real))

  const step = ({ g, c, gState, cState, norms }: Both, key: Tensor) => {
    const [k1, k2] = random.split(key)
    const real = drawBatch(train, k1, batch).x
    const z = random.normal(k2, [batch, code])
    // The generator is right when the critic takes its pictures for real.
    const ofGenerator = (params: typeof g) => {
      const [drawn, after] = draws.applyWithState(params, { state: norms, train: true })(z)
      return [wrong(critic.apply(c)(drawn), 1), { drawn, after }] as const
    }
    const [[gLoss, { drawn, after }], gGrads] = valueAndGrad(ofGenerator, { hasAux: true })(g)
    // To the critic `drawn` is a value like any other: there is nothing to detach. Real ones count 0.9, so that it stays unsure.
    const ofCritic = (params: typeof c): Tensor =>
      np.div(np.add(wrong(critic.apply(params)(real), 0.9), wrong(critic.apply(params)(drawn), 0)), 2)
    const [cLoss, cGrads] = valueAndGrad(ofCritic)(c)
    const [gUpdates, gNext] = optimizer.update(gGrads, gState, g)
    const [cUpdates, cNext] = optimizer.update(cGrads, cState, c)
    const next = { g: optim.applyUpdates(g, gUpdates), c: optim.applyUpdates(c, cUpdates), gState: gNext, cState: cNext, norms: after }
    return [next, { gLoss, cLoss }] as const
  }
  const [trained, history] = scan(step, start, random.split(k2, [steps]))

  const sample = (params: typeof g, state: Both['norms']): Tensor => draws.apply(params, { state })(random.normal(k3, [256, code]))
  const samples = sample(trained.g, trained.norms)
  const told = (x: Tensor): number => Number(np.mean(nn.sigmoid(critic.apply(trained.c)(x))))
  return {
    figures: {
      'mean picture, correlation before': correlation(sample(g, start.norms), test.x),
      'mean picture, correlation after': correlation(samples, test.x),
      'brightness of samples': Number(np.mean(samples)),
      'brightness of the data': Number(np.mean(test.x)),
      'pixels that vary, over the data': Number(np.mean(np.std(samples, { axis: 0 }))) / Number(np.mean(np.std(test.x, { axis: 0 }))),
      'the critic says real, of real ones': told(test.x),
      'the critic says real, of drawn ones': told(samples),
    },
    picture: viz.beside(
      viz.imageGrid(np.index(samples, ':64'), { title: 'drawn', columns: 8, size: 24 }),
      viz.curve(
        [
          { name: 'generator', values: history.gLoss.toTypedArray() },
          { name: 'critic', values: history.cLoss.toTypedArray() },
        ],
        { xLabel: 'step' },
      ),
    ),
  }
}

/** Correlation, over pixels, of the means of two sets of pictures. */
const correlation = (a: Tensor, b: Tensor): number => {
  const [u, v] = [a, b].map((t) => {
    const mean = np.mean(t, { axis: 0 })
    return np.ravel(np.sub(mean, np.mean(mean)))
  }) as [Tensor, Tensor]
  return Number(np.div(np.dot(u, v), np.sqrt(np.mul(np.dot(u, u), np.dot(v, v)))))
}

/** Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661; Radford et al. 2015, https://arxiv.org/abs/1511.06434 */
export const gan: Example = {
  about: 'A generative adversarial network of convolutions with two optimizers; both updates of all steps in one scan.',
  run: (options) =>
    pipe(
      pictures(options, 2000),
      TE.map((split) => train(split, options)),
    ),
}
