/** Whole training runs, reproduced loss by loss. */
import { createHash } from 'node:crypto'
import type { Tensor } from '../../../src/index.js'
import { data, jit, lax, losses, nn, np, optim, valueAndGrad } from '../../../src/index.js'
import { step50 } from '../../../examples/dezero/step50.js'
import type { DezeroCase, Entry } from '../dezero.js'

const zeros = (n: number): Tensor => np.zeros([n], { dtype: 'float64' })
const column = (x: Tensor): Tensor => np.reshape(x, [-1, 1])
const asked = (c: DezeroCase, key: string): readonly number[] => Object.keys(c.outputs[key] as object).map(Number)

/** Plain gradient descent on `loss`; the losses before the steps `wanted`, and the parameters after every step in `kept`. */
const descend = <P>(
  loss: (params: P) => Tensor,
  start: P,
  lr: number,
  wanted: readonly number[],
  iterations: number,
  kept: readonly number[] = [],
) => {
  const optimizer = optim.sgd(lr)
  const step = jit((params: P): [Tensor, P] => {
    const [value, grads] = valueAndGrad(loss)(params)
    const [updates] = optimizer.update(grads as P, optimizer.init(params), params)
    return [value, optim.applyUpdates(params, updates)]
  })
  const seen: Record<number, Tensor> = {}
  const params: Record<number, P> = {}
  let now = start
  for (let i = 0; i < iterations; i++) {
    const [value, next] = step(now) as [Tensor, P]
    now = next
    if (wanted.includes(i)) seen[i] = value
    if (kept.includes(i + 1)) params[i + 1] = now
  }
  return { losses: seen, params: now, kept: params }
}

const linearRegression: Entry = (c) => {
  const { x, y, lr, iters, W0, b0 } = c.inputs
  const loss = ([w, b]: readonly [Tensor, Tensor]): Tensor => losses.meanSquaredErrorPerRow(np.add(np.matmul(column(x), w), b), column(y))
  const start: readonly [Tensor, Tensor] = [np.full([1, 1], W0, { dtype: 'float64' }), np.full([1], b0, { dtype: 'float64' })]
  const run = descend(loss, start, lr, asked(c, 'loss'), iters, [1])
  const scalars = ([w, b]: readonly [Tensor, Tensor]): readonly Tensor[] => [np.reshape(w, []), np.reshape(b, [])]
  const [W, b] = scalars(run.params)
  return { loss: run.losses, 'W,b after 1': scalars(run.kept[1]!), W, b }
}

const sineRegression: Entry = (c) => {
  const { x, y, W1, W2, lr, iters } = c.inputs
  const loss = ([w1, b1, w2, b2]: readonly Tensor[]): Tensor => {
    const hidden = nn.sigmoid(np.add(np.matmul(column(x), w1!), b1!))
    return losses.meanSquaredErrorPerRow(np.add(np.matmul(hidden, w2!), b2!), column(y))
  }
  return { loss: descend(loss, [W1, zeros(10), W2, zeros(1)] as readonly Tensor[], lr, asked(c, 'loss'), iters).losses }
}

interface Layer {
  readonly w: Tensor
  readonly b: Tensor
}
type Mlp = readonly [Layer, Layer]

/** A two-layer perceptron on batches of the spiral; what DeZero's scripts print after every epoch. */
interface SpiralRun {
  readonly start: Mlp
  readonly activation: (x: Tensor) => Tensor
  readonly optimizer: optim.GradientTransformation
  readonly epochs: number
  readonly batch: number
  /** The rows of the training set in the order of epoch `e`. */
  readonly order: (e: number) => ArrayLike<number>
}
interface Epoch {
  readonly train_loss: number
  readonly train_acc: number
  readonly test_loss: number
  readonly test_acc: number
}

const trainSpiral = ({ start, activation, optimizer, epochs, batch, order }: SpiralRun): readonly Epoch[] => {
  const wide = ({ x, y }: { x: Tensor; y: Tensor }): { x: Tensor; y: Tensor } => ({ x: np.astype(x, 'float64'), y })
  const [train, test] = [data.spiral({ train: true }), data.spiral({ train: false })]
  const logits = ([one, two]: Mlp, x: Tensor): Tensor => np.add(np.matmul(activation(np.add(np.matmul(x, one.w), one.b)), two.w), two.b)
  const loss = (params: Mlp, x: Tensor, y: Tensor): Tensor => losses.softmaxCrossEntropy(logits(params, x), y)
  const accuracy = (params: Mlp, x: Tensor, y: Tensor): Tensor => losses.accuracy(logits(params, x), y)
  const measure = jit((params: Mlp, x: Tensor, y: Tensor): [Tensor, Tensor] => [loss(params, x, y), accuracy(params, x, y)])
  type State = ReturnType<typeof optimizer.init>
  const step = jit((params: Mlp, state: State, x: Tensor, y: Tensor): [Mlp, State, Tensor, Tensor] => {
    const [value, grads] = valueAndGrad(loss)(params, x, y)
    const [updates, next] = optimizer.update(grads, state, params)
    return [optim.applyUpdates(params, updates), next, value, accuracy(params, x, y)]
  })

  const { length } = train
  const weighted = (pairs: readonly (readonly [Tensor, number])[], total: number): number =>
    pairs.reduce((s, [v, n]) => s + Number(v.item()) * n, 0) / total
  let [params, state]: [Mlp, State] = [start, optimizer.init(start)]
  return Array.from({ length: epochs }, (_, e): Epoch => {
    const seen = [...data.batches(data.map(train, wide), { size: batch, order: order(e) })].map(({ x, y }) => {
      const [next, nextState, value, correct] = step(params, state, x, y) as [Mlp, State, Tensor, Tensor]
      ;[params, state] = [next, nextState]
      return [value, correct, y.size] as const
    })
    const held = [...data.batches(data.map(test, wide), { size: batch })].map(({ x, y }) => {
      const [value, correct] = measure(params, x, y)
      return [value, correct, y.size] as const
    })
    return {
      train_loss: weighted(
        seen.map(([v, , n]) => [v, n]),
        length,
      ),
      train_acc: weighted(
        seen.map(([, a, n]) => [a, n]),
        length,
      ),
      test_loss: weighted(
        held.map(([v, , n]) => [v, n]),
        test.length,
      ),
      test_acc: weighted(
        held.map(([, a, n]) => [a, n]),
        test.length,
      ),
    }
  })
}

const startOf = ({ W0, W1 }: { W0: Tensor; W1: Tensor }): Mlp => [
  { w: W0, b: zeros(W0.shape[1]!) },
  { w: W1, b: zeros(W1.shape[1]!) },
]
/** Epoch `e` visits row `(77 i + 13 e) mod 300` in place `i`. */
const stride = (e: number): number[] => Array.from({ length: 300 }, (_, i) => (77 * i + 13 * e) % 300)
const byNumber = (epochs: readonly Epoch[]): Record<number, Epoch> => Object.fromEntries(epochs.map((e, k) => [k + 1, e]))

/** The lines that step 50 prints, with its own random numbers. */
const printed50: Entry = async () => {
  const lines = await step50.run({ short: false })
  return {
    lines_at_epoch: Object.fromEntries(Array.from({ length: lines.length / 3 }, (_, k) => [k + 1, lines.slice(3 * k, 3 * k + 3)])),
    sha256_of_900_lines: createHash('sha256')
      .update(lines.map((l) => `${l}\n`).join(''))
      .digest('hex'),
  }
}

const cnn: Entry = ({ inputs: { x, t, params: start }, attrs: { lr }, outputs }) => {
  type Params = Readonly<Record<string, Tensor>>
  const loss = (p: Params): Tensor => {
    const features = lax.convGeneralDilated(x, p['c/W']!, {
      strides: [1, 1],
      padding: [
        [1, 1],
        [1, 1],
      ],
    })
    const active = nn.relu(np.add(features, np.reshape(p['c/b']!, [1, -1, 1, 1])))
    const pooled = lax.reduceWindow(active, 'max', { window: [1, 1, 2, 2], strides: [1, 1, 2, 2] })
    return losses.softmaxCrossEntropy(np.add(np.matmul(np.reshape(pooled, [x.shape[0], -1]), p['f/W']!), p['f/b']!), t)
  }
  const count = (outputs.loss as readonly number[]).length
  const wanted = Array.from({ length: count }, (_, i) => i)
  const run = descend(loss, start as Params, lr, wanted, count)
  return { loss: wanted.map((i) => run.losses[i]), 'c/W': run.params['c/W'], 'c/b': run.params['c/b'] }
}

/** Prediction, probabilities and loss of a perceptron drawn from NumPy's generator. */
const step47: Entry = ({ inputs: { x, t } }) => {
  const generator = data.randomState(0)
  const draw = (rows: number, columns: number): Tensor =>
    np.reshape(np.array(Float64Array.from({ length: rows * columns }, () => generator.normal() * Math.sqrt(1 / rows))), [rows, columns])
  const [w0, w1] = [draw(2, 10), draw(10, 3)]
  const logits = (v: Tensor): Tensor => np.matmul(nn.sigmoid(np.matmul(v, w0)), w1)
  const y = logits(x)
  return { y_first: logits(np.array([[0.2, -0.4]], { dtype: 'float64' })), y, p: nn.softmax(y), loss: losses.softmaxCrossEntropy(y, t) }
}

/** Families `train.*` and `step47`. */
export const training: Readonly<Record<string, Entry>> = {
  'train.linreg': linearRegression,
  'train.sin_mlp': sineRegression,
  'train.spiral': (c) => {
    const { lr, batch, epochs } = c.inputs
    return {
      f64: byNumber(
        trainSpiral({ start: startOf(c.inputs), activation: nn.sigmoid, optimizer: optim.sgd(lr), epochs, batch, order: stride }),
      ),
    }
  },
  'train.spiral.momentum_clip': (c) => {
    const { lr, momentum, max_norm: maxNorm, epochs } = c.inputs
    const like = c.other('train.spiral').inputs
    const optimizer = optim.chain(optim.clipByGlobalNorm(maxNorm, { eps: 1e-6 }), optim.sgd(lr, { momentum }))
    return {
      f64: byNumber(trainSpiral({ start: startOf(like), activation: np.tanh, optimizer, epochs, batch: like.batch, order: stride })),
    }
  },
  'train.step50.stdout': printed50,
  'train.cnn': cnn,
  step47,
}
