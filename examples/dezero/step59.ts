/**
 * DeZero: an RNN keeps its hidden state in a field; `reset_state` and `unchain_backward` must be called at the right moments.
 * Here the state is an argument and a result, and a piece of the sequence is one call: what is not passed on is reset.
 */
import { data, nn, np, random } from 'adjoint'
import { forecaster, onCosine } from './sequence.js'
import type { Step } from './step.js'

export const step59: Step = {
  title: 'Recurrent networks',
  run: ({ short }) => {
    const { x, y } = data.all(data.sinCurve({ train: true }))
    const series = { x: np.expandDims(x, 0), y: np.expandDims(y, 0) }
    const hidden = short ? 20 : 100
    const model = nn.sequential(nn.rnn(1, hidden, { dtype: 'float64' }), nn.dense(hidden, 1, { dtype: 'float64' }))
    const { params, seen } = forecaster(model)(model.init(random.key(0)), series, short ? 3 : 30, 30)
    return [...seen, onCosine(model, params)]
  },
}
