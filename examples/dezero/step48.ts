/**
 * DeZero: the training loop cuts shuffled arrays into batches itself, clears, walks back, updates.
 * Here a step is a compiled pure function of parameters and batch, and the loop only passes its results on.
 */
import { data, np } from 'adjoint'
import { affine } from './drawn.js'
import { classifier } from './classifier.js'
import type { Step } from './step.js'

export const step48: Step = {
  title: 'Several classes',
  run: ({ short }) => {
    const { x, y } = data.all(data.spiral({ train: true }))
    const rows = { x: np.astype(x, 'float64'), y }
    const generator = data.randomState(1984)
    // The data set leaves the generator after 300 normals and a permutation; the script goes on from there.
    for (let i = 0; i < 300; i++) generator.normal()
    generator.permutation(300)
    const { train } = classifier([2, 10, 3], 1)
    const first = generator.permutation(300)
    let params: Parameters<typeof train>[0] = [affine(generator, 2, 10, 'float64'), null, affine(generator, 10, 3, 'float64')]
    return Array.from({ length: short ? 10 : 300 }, (_, epoch) => {
      const order = epoch === 0 ? first : generator.permutation(300)
      const [next, parts] = train(params, data.batches(rows, { size: 30, order }))
      params = next
      return `epoch ${epoch + 1}, loss ${(parts.reduce((sum, [loss, , n]) => sum + loss * n, 0) / 300).toFixed(2)}`
    })
  },
}
