/** A small multi-layer perceptron separates three spiral arms. */
import type { Tensor } from '../../src/index.js'
import { data, nn, np, optim, viz } from '../../src/index.js'
import { fit } from './fit.js'
import type { Options } from './options.js'
import { epochLine, lossCurve, print, transient, write } from './report.js'

/** Trains, draws the decision regions and the loss curve, and gives the test accuracy. */
export const spiral = async ({ epochs = 60, batch = 30, seed, out }: Options): Promise<number> => {
  const [train, test] = [data.spiral({ train: true }), data.spiral({ train: false })]
  const model = nn.sequential(nn.dense(2, 32), np.tanh, nn.dense(32, 32), np.tanh, nn.dense(32, 3))
  const steps = epochs * Math.ceil(train.length / batch)
  const result = fit({
    model,
    optimizer: optim.adam(optim.cosineDecaySchedule({ initValue: 0.02, decaySteps: steps })),
    train,
    test,
    epochs,
    batch,
    seed,
    onEpoch: (epoch, number) => print(epochLine(epoch, number, epochs)),
    onStep: transient,
  })
  const classify = (points: Tensor): Tensor => np.argmax(model.apply(result.params)(points), { axis: 1 })
  const picture = viz.beside(viz.regions({ classify, ...data.all(test), title: 'spiral: test points' }), lossCurve(result.epochs))
  print(`wrote ${await write(out, 'spiral.svg', picture)}`)
  return result.epochs[result.epochs.length - 1]!.test.accuracy
}
