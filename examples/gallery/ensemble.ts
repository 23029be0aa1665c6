/** A deep ensemble: many networks from many keys, trained at once by vmap over models, the whole training one program. */
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../../src/index.js'
import { data, losses, models, nn, np, optim, random, tree, viz, vmap } from '../../src/index.js'
import { descend } from './descent.js'
import type { Example, Options, Result } from './example.js'
import { farthest } from './vectors.js'

const [members, batch] = [8, 30]
const model = models.mlp([2, 32, 32, 3], { activation: np.tanh })
type Params = ReturnType<typeof model.init>

/** `epochs` passes in an order of its own each: rows int32[steps, batch]. */
const orders = (key: Tensor, rows: number, epochs: number): Tensor =>
  np.reshape(vmap((k: Tensor) => random.permutation(k, rows))(random.split(key, [epochs])), [-1, batch])

const run = ({ seed, steps: epochs = 60 }: Options): Result => {
  const [train, test] = [data.all(data.spiral({ train: true })), data.all(data.spiral({ train: false }))]
  const optimizer = optim.adam(0.01)
  const loss = (params: Params, rows: Tensor): Tensor =>
    losses.softmaxCrossEntropy(model.apply(params)(np.take(train.x, rows, { axis: 0 })), np.take(train.y, rows, { axis: 0 }))

  /** One member, from its key. Nothing in it knows of the others. */
  const member = (key: Tensor): readonly [Params, Tensor] => {
    const [k1, k2] = random.split(key)
    return descend(loss, optimizer, model.init(k1), orders(k2, train.y.size, epochs))
  }
  const keys = random.split(random.key(seed), [members])
  const [params, history] = vmap(member)(keys)

  const probabilities = (x: Tensor): Tensor => vmap((p: Params) => nn.softmax(model.apply(p)(x)))(params)
  const each = probabilities(test.x)
  const together = np.mean(each, { axis: 0 })
  const surprise = (p: Tensor): number => Number(np.mean(np.neg(np.log(np.takeAlongAxis(p, np.expandDims(test.y, -1), { axis: -1 })))))
  const accuracy = (p: Tensor): number => Number(losses.accuracy(p, test.y))
  const accuracies = np.unstack(each).map(accuracy)
  const surprises = np.unstack(each).map(surprise)
  const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length

  const [third] = member(np.index(keys, 3))
  return {
    figures: {
      'accuracy of a member, mean': mean(accuracies),
      'accuracy of the ensemble': accuracy(together),
      'test loss of a member, mean': mean(surprises),
      'test loss of the ensemble': surprise(together),
      'member 3 trained alone differs by': farthest(
        tree.map((p: Tensor) => np.index(p, 3), params),
        third,
      ),
    },
    picture: viz.beside(
      viz.regions({
        classify: (x) => np.argmax(np.mean(probabilities(x), { axis: 0 }), { axis: 1 }),
        ...test,
        title: `${members} networks`,
      }),
      viz.curve(
        np.unstack(history).map((h, i) => ({ name: `member ${i}`, values: h.toTypedArray() })),
        { title: 'loss', xLabel: 'step' },
      ),
    ),
  }
}

/** Lakshminarayanan et al. 2016, https://arxiv.org/abs/1612.01474 */
export const ensemble: Example = {
  about: 'A deep ensemble on the spiral: initialisation, training and prediction of all members by vmap, all epochs one scan.',
  run: (options) => TE.fromIO(() => run(options)),
}
