/** Networks that read handwritten digits. */
import * as E from 'fp-ts/lib/Either.js'
import { flow } from 'fp-ts/lib/function.js'
import { data, models, nn, np, optim } from '../../src/index.js'
import type { Classification } from './classify.js'
import { classification } from './classify.js'
import { run } from './loop.js'
import type { Options } from './options.js'
import { lossCurve, write } from './report.js'
import type { Report } from './report.js'

/** Rows of pixels, or images with an axis of channels. */
const shaped = (set: data.Dataset<data.Labelled>, flat: boolean): data.Dataset<data.Labelled> =>
  data.map(set, ({ x, y }) => ({ x: flat ? data.flattenRows(x) : np.expandDims(x, 1), y }))

/** What is trained, by the name of the model; five passes by default. */
const networks = {
  /** As wide as DeZero's example, one layer deeper. */
  mlp: { model: models.mlp([784, 1000, 1000, 10]), rate: 1e-3, optimizer: optim.scaleByAdam() },
  /** Images are moved by up to two pixels, each in its own way, so that what is learnt does not hang on the place. */
  cnn: {
    augment: data.perExample((key) => flow(data.padImages(2), data.randomCrop(key, 28))),
    model: nn.sequential(
      nn.conv2d(1, 16, 5, { padding: 2 }),
      nn.relu,
      nn.maxPool2d(2),
      nn.conv2d(16, 32, 5, { padding: 2 }),
      nn.relu,
      nn.maxPool2d(2),
      nn.flatten,
      nn.dense(32 * 7 * 7, 128),
      nn.relu,
      nn.dropout(0.3),
      nn.dense(128, 10),
    ),
    rate: 2e-3,
    optimizer: optim.scaleByAdam(),
  },
} as const

/** Trains and gives the test accuracy; a message when the files cannot be read. */
export const mnist = async (options: Options, report: Report): Promise<E.Either<string, number>> => {
  const { data: dir, epochs = 5, batch = 100 } = options
  const loaded = await data.mnist(dir === undefined ? {} : { dir })()
  if (E.isLeft(loaded)) return E.left(loaded.left.message)
  const name = options.model === 'cnn' ? 'cnn' : 'mlp'
  const [train, test] = [shaped(loaded.right.train, name === 'mlp'), shaped(loaded.right.test, name === 'mlp')]
  const network = networks[name] as unknown as Pick<Classification<unknown, unknown>, 'model' | 'rate' | 'optimizer' | 'augment'>
  const { model } = network
  const parameters = models.countParameters(model)
  report.say({ event: 'model', model: name, parameters, text: `${name}: ${parameters} parameters` })
  const result = await run(classification({ ...options, ...network, train, test, epochs, batch }), options, report)
  if (E.isLeft(result)) return result
  const { rounds } = result.right
  await write(
    report,
    options.out,
    `mnist-${name}.svg`,
    lossCurve(
      rounds.map((r) => r.train.loss!),
      rounds.map((r) => r.held.loss!),
    ),
  )
  return E.right(rounds.at(-1)!.held.accuracy!)
}
