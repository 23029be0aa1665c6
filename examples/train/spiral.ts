/** A small multi-layer perceptron separates three spiral arms. */
import * as E from 'fp-ts/lib/Either.js'
import type { Tensor } from '../../src/index.js'
import { data, models, np, optim, viz } from '../../src/index.js'
import { classification } from './classify.js'
import { run } from './loop.js'
import type { Options } from './options.js'
import { lossCurve, write } from './report.js'
import type { Report } from './report.js'

/** Trains, draws the decision regions and the loss curve, and gives the test accuracy. */
export const spiral = async (options: Options, report: Report): Promise<E.Either<string, number>> => {
  const { epochs = 60, batch = 30 } = options
  const [train, test] = [data.spiral({ train: true }), data.spiral({ train: false })]
  const model = models.mlp([2, 32, 32, 3], { activation: np.tanh })
  const job = classification({ ...options, model, train, test, optimizer: optim.scaleByAdam(), rate: 0.02, epochs, batch })
  const result = await run(job, options, report)
  if (E.isLeft(result)) return result
  const { last, rounds } = result.right
  const classify = (points: Tensor): Tensor => np.argmax(model.apply(last.params)(points), { axis: 1 })
  const losses = lossCurve(
    rounds.map((r) => r.train.loss!),
    rounds.map((r) => r.held.loss!),
  )
  await write(
    report,
    options.out,
    'spiral.svg',
    viz.beside(viz.regions({ classify, ...data.all(test), title: 'spiral: test points' }), losses),
  )
  return E.right(rounds.at(-1)!.held.accuracy!)
}
