/** Where a classifier looks: the slope of a class in the maps of its last convolution. */
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../../src/index.js'
import { data, grad, jit, losses, nn, np, optim, random, viz, vmap } from '../../src/index.js'
import { descend } from './descent.js'
import type { Example, Options, Result } from './example.js'
import type { Split } from './pictures.js'
import { drawBatch, pictures } from './pictures.js'

const model = nn.sequential(
  nn.conv2d(1, 16, 3, { padding: 'same' }),
  nn.relu,
  nn.maxPool2d(2),
  nn.conv2d(16, 32, 3, { padding: 'same' }),
  nn.relu,
  nn.flatten,
  nn.dense(10),
)
type Params = ReturnType<typeof model.init>

/** Where the activation of the last convolution is, by its path in the parameters. */
const looked = '4'

/** The maps there, and the slope of a class's score in them: a zero is added to the maps, and the derivative is by that zero. */
const mapsAndSlopes = (params: Params, x: Tensor, label: Tensor): { readonly maps: Tensor; readonly slopes: Tensor } => {
  const score = (added: Tensor) => {
    const tap = (y: Tensor, { path }: nn.InitPlace): Tensor => (path === looked ? np.add(y, added) : y)
    const { y, parts } = nn.intermediates(model, params, { tap })(np.expandDims(x, 0))
    // Logits are known up to a constant: what counts is how far one is above the others.
    return [np.sub(np.index(y, 0, label), np.mean(y)), parts[looked]!] as const
  }
  const [, height, width] = x.shape as readonly [number, number, number]
  const [slopes, maps] = grad(score, { hasAux: true })(np.zeros([1, 32, height / 2, width / 2]))
  return { maps: np.index(maps, 0), slopes: np.index(slopes, 0) }
}

/** The maps weighed by their mean slopes, where positive; as large as the picture, from 0 to 1. */
const heat = (params: Params, x: Tensor, label: Tensor): Tensor => {
  const { maps, slopes } = mapsAndSlopes(params, x, label)
  const weights = np.mean(slopes, { axis: [1, 2], keepdims: true })
  const seen = nn.relu(np.sum(np.mul(weights, maps), { axis: 0, keepdims: true }))
  return data.resize([x.shape[1]!, x.shape[2]!])(np.div(seen, np.maximum(np.max(seen), 1e-6)))
}

const train = ({ train, test }: Split, { seed, steps = 300 }: Options): Result => {
  const [k0, k1] = random.split(random.key(seed))
  const loss = (params: Params, key: Tensor): Tensor => {
    const { x, y } = drawBatch(train, key, 64)
    return losses.softmaxCrossEntropy(model.apply(params)(x), y)
  }
  const [params] = descend(loss, optim.adam(2e-3), model.init(k0, [1, ...train.x.shape.slice(1)]), random.split(k1, [steps]))

  const logits = model.apply(params)(test.x)
  const guessed = np.argmax(logits, { axis: 1 })
  const heats = jit(vmap((x: Tensor, label: Tensor) => heat(params, x, label)))(test.x, guessed)
  // Does it look at the thing? The share of all heat that falls on ink, against the share of the picture that is ink.
  const ink = np.astype(np.greater(test.x, 0.3), 'float32')
  const share = np.div(np.sum(np.mul(heats, ink)), np.sum(heats))

  const shown = [np.index(test.x, ':8'), np.index(heats, ':8')] as const
  const coloured = np.concatenate([shown[1], np.mul(shown[0], 0.6), np.sub(1, shown[1])], { axis: 1 })
  return {
    figures: {
      'test accuracy': Number(losses.accuracy(logits, test.y)),
      'heat on the thing': Number(share),
      'the thing, of the picture': Number(np.mean(ink)),
    },
    picture: viz.imageGrid(np.concatenate([np.broadcastTo(shown[0], coloured.shape), coloured]), { title: 'where it looked', columns: 8 }),
  }
}

/** Selvaraju et al. 2016, https://arxiv.org/abs/1610.02391 */
export const gradCam: Example = {
  about: "Grad-CAM: a classifier's gradient in a value inside it shows where it looks; for all pictures by vmap.",
  run: (options) =>
    pipe(
      pictures(options, 2000),
      TE.map((split) => train(split, options)),
    ),
}
