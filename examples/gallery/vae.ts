/** A variational autoencoder: pictures as points of a small space that is filled without holes. */
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../../src/index.js'
import { jit, losses, models, nn, np, optim, random, viz } from '../../src/index.js'
import { descend } from './descent.js'
import type { Example, Options, Result } from './example.js'
import type { Split } from './pictures.js'
import { drawBatch, pictures } from './pictures.js'

const [code, batch] = [8, 64]

/** Cross-entropy of pictures with logits of their pixels, in nats per picture. */
const surprise = (logits: Tensor, x: Tensor): Tensor => np.div(losses.sigmoidCrossEntropy(logits, x, { reduction: 'sum' }), x.shape[0]!)

const train = ({ train, test }: Split, { seed, steps = 1000 }: Options): Result => {
  const [k0, k1, k2, k3] = random.split(random.key(seed), 4)
  const [, , height, width] = train.x.shape as readonly [number, number, number, number]
  const model = models.vae([height * width, 256, code], { activation: nn.relu })
  type Params = ReturnType<typeof model.init>

  /** The bound on `-log p(x)`: what the decoder misses, and what the code says about the picture. */
  const bound = (params: Params, pictures: Tensor, key: Tensor) => {
    const x = np.reshape(pictures, [pictures.shape[0]!, height * width])
    const latent = model.encode(params)(x)
    // mean + exp(logVar / 2) noise: a standard deviation is the root of a variance.
    const z = models.reparameterize(key, latent)
    return { missed: surprise(model.decode(params)(z), x), said: np.mean(models.gaussianKl(latent)) }
  }
  const loss = (params: Params, key: Tensor): Tensor => {
    const [k1, k2] = random.split(key)
    const { missed, said } = bound(params, drawBatch(train, k1, batch).x, k2)
    return np.add(missed, said)
  }
  const [params, history] = descend(loss, optim.adam(1e-3), model.init(k0), random.split(k1, [steps]))

  const { missed, said } = jit(bound)(params, test.x, k2)
  // To be compared with: every pixel by itself, as often inked as in the training set.
  const ink = np.clip(np.mean(train.x, { axis: 0 }), 1e-3, 1 - 1e-3)
  const alone = surprise(np.broadcastTo(np.log(np.div(ink, np.sub(1, ink))), test.x.shape), test.x)
  const asPictures = (logits: Tensor): Tensor => np.reshape(nn.sigmoid(logits), [-1, 1, height, width])
  const samples = asPictures(model.decode(params)(random.normal(k3, [64, code])))
  return {
    figures: {
      'loss at first': Number(np.index(history, 0)),
      'test loss, nats per picture': Number(np.add(missed, said)),
      'of these, told by the code': Number(said),
      'a model of single pixels': Number(alone),
      'brightness of samples': Number(np.mean(samples)),
      'brightness of the data': Number(np.mean(test.x)),
    },
    picture: viz.imageGrid(samples, { title: 'drawn', columns: 8, size: 32 }),
  }
}

/** Kingma and Welling 2013, https://arxiv.org/abs/1312.6114 */
export const vae: Example = {
  about: 'A variational autoencoder of pictures: reparameterisation, cross-entropy and divergence; samples drawn.',
  run: (options) =>
    pipe(
      pictures(options, 2000),
      TE.map((split) => train(split, options)),
    ),
}
