/**
 * DeZero: a DataLoader is its own iterator, and a loop that is left early goes on in mid-epoch the next time.
 * Here batches are an iterable that starts anew, in an order given by a key or, as here, by DeZero's own generator: the printed text is the same.
 */
import { data, np } from 'adjoint'
import { affine } from './drawn.js'
import type { Batch } from './classifier.js'
import { classifier, scores } from './classifier.js'
import type { Step } from './step.js'

const wide = (set: data.Dataset<Batch>): data.Dataset<Batch> => data.map(set, ({ x, y }) => ({ x: np.astype(x, 'float64'), y }))

export const step50: Step = {
  title: 'Batches',
  run: ({ short }) => {
    const [trainSet, testSet] = [wide(data.spiral({ train: true })), wide(data.spiral({ train: false }))]
    const generator = data.randomState(2020)
    // The test set leaves the generator after 300 normals and a permutation; the script goes on from there.
    for (let i = 0; i < 300; i++) generator.normal()
    generator.permutation(300)
    const { train, measure } = classifier([2, 10, 3], 1)
    let order = generator.permutation(300)
    let params: Parameters<typeof train>[0] = [affine(generator, 2, 10, 'float64'), null, affine(generator, 10, 3, 'float64')]
    return Array.from({ length: short ? 3 : 300 }, (_, epoch) => {
      const [next, parts] = train(params, data.batches(trainSet, { size: 30, order }))
      params = next
      order = generator.permutation(300)
      const held = measure(params, data.batches(testSet, { size: 30 }))
      return [`epoch: ${epoch + 1}`, `train ${scores(parts)}`, `test ${scores(held)}`]
    }).flat()
  },
}
