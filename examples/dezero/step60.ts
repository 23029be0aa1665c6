/**
 * DeZero: an LSTM on 30 stretches of the curve side by side; the last four steps of an epoch are never trained, because the loop
 * compares with a length of 999 that it does not reach. Here the pieces are cut first, and the last one is as long as it is.
 */
import { data, nn, np, random } from 'adjoint'
import { forecaster, onCosine } from './sequence.js'
import type { Step } from './step.js'

export const step60: Step = {
  title: 'LSTM',
  run: ({ short }) => {
    const steps = [...data.sequenceBatches(data.sinCurve({ train: true }), { size: 30 })]
    const side = (of: 'x' | 'y') =>
      np.stack(
        steps.map((s) => s[of]),
        { axis: 1 },
      )
    const hidden = short ? 20 : 100
    const model = nn.sequential(nn.lstm(1, hidden, { dtype: 'float64' }), nn.dense(hidden, 1, { dtype: 'float64' }))
    const { params, seen } = forecaster(model)(model.init(random.key(0)), { x: side('x'), y: side('y') }, short ? 3 : 100, 30)
    return [`${steps.length} steps of ${steps[0]!.x.shape[0]!} rows`, ...seen, onCosine(model, params)]
  },
}
