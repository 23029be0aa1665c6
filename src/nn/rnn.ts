/** The simple recurrent network: the next hidden state is an activation of the input and the last one. */
import { traceable } from '../core/check.js'
import { meaningsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add } from '../numpy/arithmetic.js'
import { matmul } from '../numpy/matmul.js'
import { tanh } from '../numpy/trigonometric.js'
import type { Cell, CellOptions } from './cell.js'
import { cellMeanings } from './cell.js'
import type { Gates, RecurrentParams } from './gates.js'
import { gatedCell, gatedLayer } from './gates.js'
import type { Layer } from './layer.js'
import type { RecurrentOptions, Sized } from './recurrent.js'

/** Options of `rnnCell`. */
export interface RnnCellOptions extends CellOptions {
  /** `tanh` by default; `nn.relu` is the other usual one. */
  readonly activation?: (x: Tensor) => Tensor
}

const elman: Gates<RnnCellOptions, RecurrentParams, Tensor> = {
  name: 'rnn',
  gates: 1,
  meanings: meaningsOf(cellMeanings, { activation: traceable }),
  carry: (zeros) => zeros(),
  step:
    ({ activation = tanh }) =>
    ({ wh }) =>
    (h, u) => {
      const next = activation(add(u, matmul(h, wh)))
      return [next, next]
    },
}

/**
 * Elman's cell: `h' = activation(x wx + h wh + b)`, the output is `h'`. The carry is `h`.
 *
 * shapes: h[..., hidden], x[..., inputs] -> h', y[..., hidden]
 *
 * @see https://doi.org/10.1207/s15516709cog1402_1 (J. L. Elman, Finding structure in time, 1990)
 * @throws ValueError for sizes that are not positive integers; ShapeError when the input size is neither given nor known
 * @example
 * const cell = nn.rnnCell(3, 4)
 * const step = cell.apply(cell.init(random.key(0)))
 * const [h] = step(cell.initCarry([2]), np.ones([2, 3]))
 * h.shape   // [2, 4]
 */
export const rnnCell: Sized<RnnCellOptions, Cell<RecurrentParams, Tensor>> = /* @__PURE__ */ gatedCell(elman)

/**
 * `rnnCell` along the time axis of a sequence. Its state is the hidden state: `recurrent` says how it is carried on.
 *
 * shapes: x[..., time, inputs] -> [..., time, hidden]
 *
 * @example
 * const model = nn.rnn(3, 4)
 * model.apply(model.init(random.key(0)))(np.ones([2, 5, 3])).shape   // [2, 5, 4]
 */
export const rnn: Sized<RnnCellOptions & RecurrentOptions, Layer<RecurrentParams, Tensor>> = /* @__PURE__ */ gatedLayer(elman)
