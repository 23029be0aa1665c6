/** Long short-term memory: a cell state that gates write, keep and read. */
import { finite } from '../core/check.js'
import { meaningsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add, mul } from '../numpy/arithmetic.js'
import { concatenate, split } from '../numpy/join.js'
import { matmul } from '../numpy/matmul.js'
import { tanh } from '../numpy/trigonometric.js'
import { lift } from '../random/gen.js'
import { sigmoid } from './activation.js'
import type { Cell, CellOptions } from './cell.js'
import { cellMeanings } from './cell.js'
import type { Gates, RecurrentParams } from './gates.js'
import { gatedCell, gatedLayer } from './gates.js'
import type { Layer } from './layer.js'
import type { RecurrentOptions, Sized } from './recurrent.js'

/** What an LSTM carries from step to step. */
export interface LstmCarry {
  /** The cell state: `[..., hidden]`. */
  readonly c: Tensor
  /** The hidden state, which is also the output: `[..., hidden]`. */
  readonly h: Tensor
}

/** Options of `lstmCell`. */
export interface LstmCellOptions extends CellOptions {
  /** Added to the forget gate's bias when parameters are drawn; 0 by default, 1 keeps more at first. @see https://proceedings.mlr.press/v37/jozefowicz15.html */
  readonly forgetBias?: number
}

const memory: Gates<LstmCellOptions, RecurrentParams, LstmCarry> = {
  name: 'lstm',
  gates: 4,
  meanings: meaningsOf(cellMeanings, { forgetBias: finite }),
  bias: ({ bInit, dtype, forgetBias = 0 }, size) =>
    lift((key) => {
      const b = bInit(key, [size], dtype)
      const [i, f, ...rest] = split(b, 4)
      return forgetBias === 0 ? b : concatenate([i, add(f, forgetBias), ...rest])
    }),
  carry: (zeros) => ({ c: zeros(), h: zeros() }),
  step:
    () =>
    ({ wh }) =>
    ({ c, h }, u) => {
      const [i, f, g, o] = split(add(u, matmul(h, wh)), 4, { axis: -1 })
      const kept = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)))
      const out = mul(sigmoid(o), tanh(kept))
      return [{ c: kept, h: out }, out]
    },
}

/**
 * The LSTM with a forget gate and without peepholes. With `[i, f, g, o] = x wx + h wh + b`, cut into four along the last axis:
 *
 * `c' = sigmoid(f) * c + sigmoid(i) * tanh(g)`, `h' = sigmoid(o) * tanh(c')`; the output is `h'`.
 *
 * The order of the gates is PyTorch's and Keras's. The carry is `{ c, h }`.
 *
 * shapes: c, h[..., hidden], x[..., inputs] -> c', h', y[..., hidden]
 *
 * @see https://doi.org/10.1162/neco.1997.9.8.1735 (Hochreiter and Schmidhuber, 1997)
 * @see https://doi.org/10.1162/089976600300015015 (Gers, Schmidhuber and Cummins, 2000: the forget gate)
 * @throws ValueError for sizes that are not positive integers; ShapeError when the input size is neither given nor known
 * @example
 * const cell = nn.lstmCell(3, 4)
 * const step = cell.apply(cell.init(random.key(0)))
 * const [{ c }, h] = step(cell.initCarry([2]), np.ones([2, 3]))
 * c.shape   // [2, 4]
 * h.shape   // [2, 4]
 */
export const lstmCell: Sized<LstmCellOptions, Cell<RecurrentParams, LstmCarry>> = /* @__PURE__ */ gatedCell(memory)

/**
 * `lstmCell` along the time axis of a sequence. Its state is `{ c, h }`: `recurrent` says how it is carried on.
 *
 * shapes: x[..., time, inputs] -> [..., time, hidden]
 *
 * @example
 * const model = nn.lstm(3, 4)
 * const [ys, { c }] = model.applyWithState(model.init(random.key(0)))(np.ones([2, 5, 3]))
 * ys.shape   // [2, 5, 4]
 * c.shape    // [2, 4]
 */
export const lstm: Sized<LstmCellOptions & RecurrentOptions, Layer<RecurrentParams, LstmCarry>> = /* @__PURE__ */ gatedLayer(memory)
