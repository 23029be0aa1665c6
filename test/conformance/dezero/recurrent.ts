/** Recurrent layers over three steps, and truncated back-propagation through time. */
import type { Tensor } from '../../../src/index.js'
import { jit, nn, np, optim, valueAndGrad, vjp } from '../../../src/index.js'
import type { Entry } from '../dezero.js'
import type { Named } from './pull.js'

/** Steps `[time, batch, features]` as a list of `[batch, features]`, as the cases have them. */
const listed = (ys: Tensor): readonly Tensor[] => np.split(ys, ys.shape[0]!).map((y) => np.reshape(y, y.shape.slice(1)))

/** A recurrent layer with a case's parameters: outputs, the loss `sum h_t gh_t`, its derivatives, and the state at the end. */
const overSteps = <C>(
  layer: nn.Layer<nn.RecurrentParams, C>,
  paramsOf: (named: Named) => nn.RecurrentParams,
  { inputs }: Parameters<Entry>[0],
) => {
  const [xs, gh] = [np.stack(inputs.xs), np.stack(inputs.gh)]
  const [h, pull] = vjp((p: Named, x: Tensor) => layer.apply(paramsOf(p))(x), inputs.params as Named, xs)
  const [dparams, dx] = pull(gh)
  const [, state] = layer.applyWithState(paramsOf(inputs.params))(xs)
  return { h: listed(h), loss: np.sum(np.mul(h, gh)), dparams, dx: listed(dx), state }
}

const timeMajor = true

const rnn3: Entry = (c) => {
  const params = (p: Named) => ({ wx: p['x2h/W']!, wh: p['h2h/W']!, b: p['x2h/b']! })
  return overSteps(nn.rnn(2, 3, { timeMajor }), params, c)
}

const lstm3: Entry = (c) => {
  const gates = (p: Named, from: string, what: string): Tensor =>
    np.concatenate(
      ['i', 'f', 'u', 'o'].map((g) => p[`${from}2${g}/${what}`]!),
      { axis: -1 },
    )
  const params = (p: Named) => ({ wx: gates(p, 'x', 'W'), wh: gates(p, 'h', 'W'), b: gates(p, 'x', 'b') })
  const { state, ...rest } = overSteps(nn.lstm(2, 2, { timeMajor }), params, c)
  return { ...rest, c_last: state.c }
}

/** Step 59: a sine curve, predicted one value ahead; the state is carried from piece to piece, its derivative is not. */
const sineByPieces: Entry = ({ inputs: { params: given, alpha, bptt_length: length } }) => {
  const series = np.sin(np.linspace(0, 2 * Math.PI, 101, { dtype: 'float64' }))
  const model = nn.sequential(nn.rnn(1, 3), nn.dense(3, 1))
  type Params = ReturnType<typeof model.init>
  type State = ReturnType<typeof model.initState>
  const loss = (p: Params, state: State, x: Tensor, y: Tensor): [Tensor, State] => {
    const [predicted, next] = model.applyWithState(p, { state })(np.reshape(x, [1, -1, 1]))
    return [np.sum(np.square(np.sub(np.ravel(predicted), y))), next]
  }
  const optimizer = optim.adam(alpha, { epsHat: true })
  const step = jit((p: Params, o: ReturnType<typeof optimizer.init>, state: State, x: Tensor, y: Tensor) => {
    const [[value, next], grads] = valueAndGrad(loss, { hasAux: true })(p, state, x, y)
    const [updates, after] = optimizer.update(grads, o, p)
    return [optim.applyUpdates(p, updates), after, next, value] as const
  })
  const start: Params = [
    { wx: given['rnn/x2h/W'], wh: given['rnn/h2h/W'], b: given['rnn/x2h/b'] },
    { w: given['fc/W'], b: given['fc/b'] },
  ]
  const pieces = [0, 1, 2].map((k) => k * length)
  const run = pieces.reduce(
    ({ params, o, state, total, seen }, at) => {
      const part = (from: number): Tensor => np.index(series, `${from}:${from + length}`)
      const [next, after, carried, value] = step(params, o, state, part(at), part(at + 1))
      const sum = total + Number(value)
      return { params: next, o: after, state: carried, total: sum, seen: [...seen, sum] }
    },
    {
      params: start,
      o: optimizer.init(start),
      state: [np.zeros([1, 3], { dtype: 'float64' }), null] as State,
      total: 0,
      seen: [] as readonly number[],
    },
  )
  const [rnn, fc] = run.params
  return {
    cumulative_loss_at_each_update: run.seen,
    final_params: { 'fc/W': fc.w, 'fc/b': fc.b, 'rnn/h2h/W': rnn.wh, 'rnn/x2h/W': rnn.wx, 'rnn/x2h/b': rnn.b },
  }
}

/** Cases `rnn.3steps`, `lstm.3steps`, `train.bptt.rnn`. */
export const recurrent: Readonly<Record<string, Entry>> = { 'rnn.3steps': rnn3, 'lstm.3steps': lstm3, 'train.bptt.rnn': sineByPieces }
