/** A recurrent network learns to foretell a noisy sine, by truncated back-propagation through time. */
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../../src/index.js'
import { data, jit, nn, np, optim, random, scan, valueAndGrad, viz } from '../../src/index.js'
import type { Example, Options, Result } from './example.js'

/** Steps between which derivatives flow. */
const piece = 30

/** The curve and what comes one step later, cut into pieces: [33, 1, 30, 1]. */
const pieces = (train: boolean): data.Labelled => {
  const { x, y } = data.all(data.sinCurve({ train }))
  const cut = (t: Tensor): Tensor => np.reshape(np.astype(np.index(t, ':990'), 'float32'), [33, 1, piece, 1])
  return { x: cut(x), y: cut(y) }
}

const learn = <P, S extends object>(recurrent: nn.Layer<P, S>, { seed, steps: epochs = 60 }: Options): Result => {
  const model = nn.sequential(recurrent, nn.dense(1))
  const optimizer = optim.chain(optim.clipByGlobalNorm(1), optim.adam(3e-3))
  const [train, test] = [pieces(true), pieces(false)]
  const shape = [1, piece, 1]
  type Params = ReturnType<typeof model.init>
  type State = ReturnType<typeof optimizer.init<Params>>
  type Memory = ReturnType<typeof model.initState>

  const loss = (params: Params, memory: Memory, { x, y }: data.Labelled) => {
    const [foretold, after] = model.applyWithState(params, { state: memory })(x)
    return [np.mean(np.square(np.sub(foretold, y))), after] as const
  }
  // The memory comes to each piece as an argument, so that values cross its beginning and derivatives do not.
  const step = ([params, state, memory]: readonly [Params, State, Memory], batch: data.Labelled) => {
    const [[value, after], grads] = valueAndGrad(loss, { hasAux: true })(params, memory, batch)
    const [updates, next] = optimizer.update(grads as Params, state, params)
    return [[optim.applyUpdates(params, updates), next, after], value] as const
  }
  const epoch = (params: Params, state: State) => scan(step, [params, state, model.initState(shape)] as const, train)
  const compiled = jit(epoch) as typeof epoch

  const start = model.init(random.key(seed), shape)
  let [params, state] = [start, optimizer.init(start)]
  const losses: number[] = []
  for (let i = 0; i < epochs; i++) {
    const [[p, s], values] = compiled(params, state)
    ;[params, state] = [p, s]
    losses.push(Number(np.mean(values)))
  }

  /** The whole curve of the test, a cosine, in one run. */
  const whole = (t: Tensor): Tensor => np.reshape(t, [1, 990, 1])
  const foretold = model.apply(params)(whole(test.x))
  const error = Number(np.mean(np.square(np.sub(foretold, whole(test.y)))))
  const curves = [
    { name: 'cosine', values: np.ravel(test.y).toTypedArray() },
    { name: 'foretold', values: np.ravel(foretold).toTypedArray() },
  ]
  return {
    figures: { 'training loss at first': losses[0]!, 'training loss at last': losses[losses.length - 1]!, 'test loss': error },
    picture: viz.curve(curves, { title: `${recurrent.name}: one step ahead`, xLabel: 'step' }),
  }
}

/** The simplest recurrence. */
export const sinRnn: Example = {
  about: 'A recurrent network foretells a noisy sine; truncated back-propagation through time, an epoch is one scan.',
  run: (options) => TE.fromIO(() => learn(nn.rnn(32), options)),
}

/** A recurrence with gates. */
export const sinLstm: Example = {
  about: 'The same with a long short-term memory.',
  run: (options) => TE.fromIO(() => learn(nn.lstm(32), options)),
}
