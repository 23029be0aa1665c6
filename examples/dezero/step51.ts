/**
 * DeZero: MNIST is downloaded to a fixed place, or the program ends.
 * Here files are the world's: `data.mnist` gives Left with what to put where, and its files may come from a directory, a cache, or memory.
 */
import type { Tensor } from 'adjoint'
import { data, random } from 'adjoint'
import * as E from 'fp-ts/lib/Either.js'
import type { Batch } from './classifier.js'
import { classifier, scores } from './classifier.js'
import { drawnDigits } from './digits.js'
import type { Step } from './step.js'

const rows = (images: data.Dataset<Batch>): data.Dataset<Batch> => data.map(images, ({ x, y }) => ({ x: data.flattenRows(x), y }))

export const step51: Step = {
  title: 'MNIST',
  run: async ({ short, data: dir }) => {
    const drawn = short && dir === undefined
    const loaded = await data.mnist(drawn ? drawnDigits(2000, 500) : dir === undefined ? {} : { dir })()
    if (E.isLeft(loaded)) return [loaded.left.message]
    const { train, measure, model } = drawn ? classifier([784, 100, 10], 0.5) : classifier([784, 1000, 10], 0.01)
    const key: Tensor = random.key(0)
    let params = model.init(random.foldIn(key, 0))
    return Array.from({ length: short ? 2 : 5 }, (_, epoch) => {
      const order = random.foldIn(key, epoch + 1)
      const [next, parts] = train(params, data.batches(rows(loaded.right.train), { size: 100, key: order }))
      params = next
      const held = measure(params, data.batches(rows(loaded.right.test), { size: 100 }))
      return [`epoch: ${epoch + 1}`, `train ${scores(parts)}`, `test ${scores(held)}`]
    }).flat()
  },
}
