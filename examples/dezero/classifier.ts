/** The pure parts of training a classifier with a perceptron, as the steps 48 to 53 share them. */
import type { Tensor } from 'adjoint'
import { jit, losses, models, nn, optim, valueAndGrad } from 'adjoint'

/** Inputs and class numbers. */
export interface Batch {
  readonly x: Tensor
  readonly y: Tensor
}

/** Mean loss and accuracy of a batch, and its size. */
export type Score = readonly [loss: number, accuracy: number, rows: number]

/** `loss: 1.0944, accuracy: 0.4033` over all rows; a short last batch counts as what it is. */
export const scores = (parts: readonly Score[]): string => {
  const rows = parts.reduce((n, [, , r]) => n + r, 0)
  const mean = (k: 0 | 1): string => (parts.reduce((sum, p) => sum + p[k] * p[2], 0) / rows).toFixed(4)
  return `loss: ${mean(0)}, accuracy: ${mean(1)}`
}

/** A sigmoid perceptron trained by plain gradient descent: a step and a measurement, both compiled. */
export const classifier = (sizes: readonly number[], rate: number) => {
  const model = models.mlp(sizes, { activation: nn.sigmoid })
  type Params = ReturnType<typeof model.init>
  const optimizer = optim.sgd(rate)
  const lossOf = (params: Params, { x, y }: Batch): [Tensor, Tensor] => {
    const logits = model.apply(params)(x)
    return [losses.softmaxCrossEntropy(logits, y), losses.accuracy(logits, y)]
  }
  const update = jit((params: Params, batch: Batch) => {
    const [[loss, accuracy], grads] = valueAndGrad(lossOf, { hasAux: true })(params, batch)
    const [updates] = optimizer.update(grads, optimizer.init(params), params)
    return { params: optim.applyUpdates(params, updates), loss, accuracy }
  })
  const scored = jit(lossOf)
  return {
    model,
    /** Parameters and scores after a pass over batches. */
    train: (start: Params, batches: Iterable<Batch>): readonly [Params, readonly Score[]] => {
      let params = start
      const parts = Array.from(batches, (batch): Score => {
        const { loss, accuracy, params: next } = update(params, batch)
        params = next
        return [Number(loss), Number(accuracy), batch.y.size]
      })
      return [params, parts]
    },
    /** Scores of batches. */
    measure: (params: Params, batches: Iterable<Batch>): readonly Score[] =>
      Array.from(batches, (batch): Score => {
        const [loss, accuracy] = scored(params, batch)
        return [Number(loss), Number(accuracy), batch.y.size]
      }),
  }
}
