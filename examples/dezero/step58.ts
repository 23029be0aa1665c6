/**
 * DeZero: VGG16 with pretrained weights; to see the shape of each layer, one draws the table by hand.
 * Here `summary` prints it without allocating one of the 138 million parameters; weights of a file go in by path, with a head of one's own.
 */
import { models, nn, np } from 'adjoint'
import type { Step } from './step.js'

export const step58: Step = {
  title: 'VGG16',
  run: () => {
    const before = process.memoryUsage().rss
    const table = String(nn.summary(models.vgg16(), [10, 3, 224, 224])).split('\n')
    const grown = process.memoryUsage().rss - before
    const picture = models.preprocessBgr(np.full([224, 224, 3], 128))
    return [...table, `allocated: ${grown < 100e6 ? 'next to none' : `${grown} bytes`} of it`, `a picture: ${picture.shape.join(' x ')}`]
  },
}
