/** A multi-layer perceptron reads handwritten digits. */
import * as E from 'fp-ts/lib/Either.js'
import { data, nn, optim } from '../../src/index.js'
import { fit } from './fit.js'
import type { Options } from './options.js'
import { epochLine, lossCurve, print, transient, write } from './report.js'

const rows = (images: data.Dataset<data.Labelled>): data.Dataset<data.Labelled> =>
  data.map(images, ({ x, y }) => ({ x: data.flattenRows(x), y }))

/** Trains and gives the test accuracy; a message when the files cannot be read. */
export const mnist = async ({ data: dir, epochs = 5, batch = 100, seed, out }: Options): Promise<E.Either<string, number>> => {
  if (dir === undefined) return E.left('mnist: where are the files? pass --data DIR or set ADJOINT_DATA')
  const loaded = await data.mnist({ dir })()
  if (E.isLeft(loaded)) return E.left(loaded.left.message)
  const { train, test } = loaded.right
  const steps = epochs * Math.ceil(train.length / batch)
  const result = fit({
    model: nn.sequential(nn.dense(784, 100), nn.relu, nn.dense(100, 10)),
    optimizer: optim.adam(optim.cosineDecaySchedule({ initValue: 3e-3, decaySteps: steps })),
    train: rows(train),
    test: rows(test),
    epochs,
    batch,
    seed,
    onEpoch: (epoch, number) => print(epochLine(epoch, number, epochs)),
    onStep: transient,
  })
  print(`wrote ${await write(out, 'mnist.svg', lossCurve(result.epochs))}`)
  return E.right(result.epochs[result.epochs.length - 1]!.test.accuracy)
}
