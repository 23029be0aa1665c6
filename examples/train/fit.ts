/** The training loop: pure steps, compiled; parameters and optimizer state go in and come out. */
import { concatAll } from 'fp-ts/lib/Monoid.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Tensor, nn } from '../../src/index.js'
import { data, jit, losses, metrics, np, optim, random, valueAndGrad, viz } from '../../src/index.js'

/** Inputs and class numbers. */
export interface Batch {
  readonly x: Tensor
  readonly y: Tensor
}

/** Mean loss and accuracy over examples. */
export interface Score {
  readonly loss: number
  readonly accuracy: number
}

/** What one pass over the training set gave. */
export interface Epoch {
  readonly train: Score
  readonly test: Score
  readonly seconds: number
}

/** A classification problem and how to train for it. */
export interface Job<P, S> {
  readonly model: nn.Layer<P, S>
  readonly optimizer: optim.GradientTransformation
  readonly train: data.Dataset<Batch>
  readonly test: data.Dataset<Batch>
  readonly epochs: number
  readonly batch: number
  readonly seed: number
  /** Called after every epoch. */
  readonly onEpoch: (epoch: Epoch, number: number) => void
  /** Called with a progress line after every step. */
  readonly onStep: (line: string) => void
}

/** Loss and accuracy over batches of any sizes: a short last one counts as what it is. */
const scores = metrics.struct({
  loss: pipe(
    metrics.mean(),
    metrics.contramap(({ costs }: { readonly costs: Tensor }) => ({ values: costs })),
  ),
  accuracy: metrics.accuracy(),
})
type Summary = metrics.SummaryOf<typeof scores>

const scoreOf = (summary: Summary): Score => {
  const { loss, accuracy } = scores.value(summary)
  return { loss: Number(loss), accuracy: Number(accuracy) }
}

/** Trains; the last parameters and what happened in every epoch. */
export const fit = <P, S>(job: Job<P, S>): { readonly params: P; readonly epochs: readonly Epoch[] } => {
  const { model, optimizer, epochs, batch: size } = job
  const [initKey, orderKey] = random.split(random.key(job.seed))

  const lossOf = (params: P, { x, y }: Batch) => {
    const logits = model.apply(params)(x)
    const costs = losses.softmaxCrossEntropy(logits, y, { reduction: 'none' })
    return [np.mean(costs), scores.summary({ costs, predictions: logits, targets: y })] as const
  }
  const step = jit(
    (params: P, state: optim.State, batch: Batch) => {
      const [[loss, summary], grads] = valueAndGrad(lossOf, { hasAux: true })(params, batch)
      const [updates, next] = optimizer.update(grads as P, state, params)
      return { params: optim.applyUpdates(params, updates), state: next, loss, summary }
    },
    { donate: [0, 1] },
  )
  const scoreBatch = jit(lossOf)
  const evaluate = (params: P): Score =>
    scoreOf(concatAll(scores.monoid)(Array.from(data.batches(job.test, { size: 1000 }), (batch) => scoreBatch(params, batch)[1])))

  let params = model.init(initKey)
  let state = optimizer.init(params)
  const done: Epoch[] = []
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const begin = performance.now()
    const elapsed = (): number => (performance.now() - begin) / 1000
    const batches = data.batches(job.train, { size, key: random.foldIn(orderKey, epoch) })
    let steps = 0
    let seen = scores.monoid.empty
    for (const batch of batches) {
      const { loss, summary, ...next } = step(params, state, batch)
      params = next.params as P
      state = next.state
      seen = scores.monoid.concat(seen, summary)
      const progress = { done: ++steps, total: batches.length, seconds: elapsed(), name: `epoch ${epoch}/${epochs}` }
      job.onStep(viz.progressLine({ ...progress, values: { loss: Number(loss) } }))
    }
    const result = { train: scoreOf(seen), test: evaluate(params), seconds: elapsed() }
    done.push(result)
    job.onEpoch(result, epoch)
  }
  return { params, epochs: done }
}
