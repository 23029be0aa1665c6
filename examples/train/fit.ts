/** The training loop: pure steps, compiled; parameters and optimizer state go in and come out. */
import type { Tensor, nn } from '../../src/index.js'
import { data, jit, losses, optim, random, valueAndGrad, viz } from '../../src/index.js'

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

/** A mean that weighs every batch by its size, so that a short last one counts as what it is. */
const weighted = (parts: readonly (Score & { readonly rows: number })[]): Score => {
  const rows = parts.reduce((n, p) => n + p.rows, 0)
  const mean = (of: (p: Score) => number): number => parts.reduce((sum, p) => sum + of(p) * p.rows, 0) / rows
  return { loss: mean((p) => p.loss), accuracy: mean((p) => p.accuracy) }
}

/** Trains; the last parameters and what happened in every epoch. */
export const fit = <P, S>(job: Job<P, S>): { readonly params: P; readonly epochs: readonly Epoch[] } => {
  const { model, optimizer, epochs, batch: size } = job
  const [initKey, orderKey] = random.split(random.key(job.seed))

  const lossOf = (params: P, { x, y }: Batch) => {
    const logits = model.apply(params)(x)
    return [losses.softmaxCrossEntropy(logits, y), losses.accuracy(logits, y)] as const
  }
  const step = jit(
    (params: P, state: optim.State, batch: Batch) => {
      const [[loss, accuracy], grads] = valueAndGrad(lossOf, { hasAux: true })(params, batch)
      const [updates, next] = optimizer.update(grads as P, state, params)
      return { params: optim.applyUpdates(params, updates), state: next, loss, accuracy }
    },
    { donate: [0, 1] },
  )
  const scoreBatch = jit(lossOf)
  const evaluate = (params: P): Score =>
    weighted(
      Array.from(data.batches(job.test, { size: 1000 }), (batch) => {
        const [loss, accuracy] = scoreBatch(params, batch)
        return { loss: Number(loss), accuracy: Number(accuracy), rows: batch.y.size }
      }),
    )

  let params = model.init(initKey)
  let state = optimizer.init(params)
  const done: Epoch[] = []
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const begin = performance.now()
    const elapsed = (): number => (performance.now() - begin) / 1000
    const batches = data.batches(job.train, { size, key: random.foldIn(orderKey, epoch) })
    const parts: (Score & { readonly rows: number })[] = []
    for (const batch of batches) {
      const { loss, accuracy, ...next } = step(params, state, batch)
      params = next.params as P
      state = next.state
      parts.push({ loss: Number(loss), accuracy: Number(accuracy), rows: batch.y.size })
      const progress = { done: parts.length, total: batches.length, seconds: elapsed(), name: `epoch ${epoch}/${epochs}` }
      job.onStep(viz.progressLine({ ...progress, values: { loss: parts[parts.length - 1]!.loss } }))
    }
    const result = { train: weighted(parts), test: evaluate(params), seconds: elapsed() }
    done.push(result)
    job.onEpoch(result, epoch)
  }
  return { params, epochs: done }
}
