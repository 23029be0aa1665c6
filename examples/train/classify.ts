/** Classifiers as jobs of the training loop. */
import type { Tensor, nn } from '../../src/index.js'
import { data, jit, losses, np, optim, random, valueAndGrad } from '../../src/index.js'
import type { Job, Scores } from './loop.js'
import { warmedCosine, weighted } from './loop.js'

/** Inputs and class numbers. */
export type Batch = data.Labelled

/** A classification problem and how to train for it. */
export interface Classification<P, S> {
  readonly model: nn.Layer<P, S>
  readonly train: data.Dataset<Batch>
  readonly test: data.Dataset<Batch>
  /** What makes updates of gradients, but for the learning rate. */
  readonly optimizer: optim.GradientTransformation
  /** The learning rate after the first steps; it falls to 0 along a cosine. */
  readonly rate: number
  /** Examples for training made of examples, at random. */
  readonly augment?: (key: Tensor) => (x: Tensor) => Tensor
  readonly epochs: number
  /** Updates in all, instead of whole epochs. */
  readonly steps?: number | undefined
  readonly batch: number
  readonly seed: number
}

/** Everything that a step changes. */
export interface Now<P, S> {
  readonly params: P
  readonly state: S
  readonly optimizer: optim.State
  /** The number of updates so far: keys of augmentation and dropout are drawn from it. */
  readonly count: Tensor
}

const numbers = (scores: Readonly<Record<string, Tensor>>): Scores =>
  Object.fromEntries(Object.entries(scores).map(([n, v]) => [n, Number(v)]))

/** Parameters after updates at a learning rate. */
export const moved = <P>(params: P, updates: P, rate: number): P => {
  const down = optim.scale(np.neg(rate))
  return optim.applyUpdates(params, down.update(updates, down.init(params), params)[0])
}

/** The job of a classification. */
export const classification = <P, S>(task: Classification<P, S>): Job<Now<P, S>, Batch> => {
  const { model, optimizer, batch: size, train } = task
  const [initKey, orderKey, stepKey] = random.split(random.key(task.seed), 3)
  const perEpoch = Math.ceil(train.length / size)

  const update = jit(
    ({ params, state, optimizer: own, count }: Now<P, S>, { x, y }: Batch, rate: number) => {
      const [augmentKey, key] = random.split(random.foldIn(stepKey, count))
      const seen = task.augment?.(augmentKey)(x) ?? x
      const lossOf = (p: P) => {
        const [logits, next] = model.applyWithState(p, { state, train: true, key })(seen)
        return [losses.softmaxCrossEntropy(logits, y), { accuracy: losses.accuracy(logits, y), state: next }] as const
      }
      const [[loss, aux], grads] = valueAndGrad(lossOf, { hasAux: true })(params)
      const [updates, next] = optimizer.update(grads as P, own, params)
      return {
        next: { params: moved(params, updates, rate), state: aux.state, optimizer: next, count: np.add(count, 1) },
        scores: { loss, accuracy: aux.accuracy },
      }
    },
    { donate: [0] },
  )
  const score = jit(({ params, state }: Pick<Now<P, S>, 'params' | 'state'>, { x, y }: Batch) => {
    const logits = model.apply(params, { state })(x)
    return { loss: losses.softmaxCrossEntropy(logits, y), accuracy: losses.accuracy(logits, y) }
  })

  const params = model.init(initKey)
  return {
    start: { params, state: model.initState(), optimizer: optimizer.init(params), count: np.zeros([], { dtype: 'int32' }) },
    steps: task.steps ?? task.epochs * perEpoch,
    round: { name: 'epoch', steps: perEpoch },
    batches: (epoch) => data.batches(train, { size, key: random.foldIn(orderKey, epoch) }),
    step: (now, batch, rate) => {
      const { next, scores } = update(now, batch, rate)
      return { next: next as Now<P, S>, scores: numbers(scores), rows: batch.y.size }
    },
    rate: warmedCosine(task.rate),
    evaluate: ({ params, state }) =>
      weighted(
        Array.from(data.batches(task.test, { size: 1000 }), (batch) => ({
          scores: numbers(score({ params, state }, batch)),
          rows: batch.y.size,
        })),
      ),
    scores: ['loss', 'accuracy'],
    held: 'test',
  }
}
