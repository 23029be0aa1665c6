/** Long short-term memory: a cell state that gates write, keep and read. */
import { finite } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add, mul } from '../numpy/arithmetic.js'
import * as create from '../numpy/create.js'
import { concatenate, split } from '../numpy/join.js'
import { matmul } from '../numpy/matmul.js'
import { tanh } from '../numpy/trigonometric.js'
import { lift, struct } from '../random/gen.js'
import { sigmoid } from './activation.js'
import type { Cell, CellOptions } from './cell.js'
import { cell, cellMeanings, cellSetup } from './cell.js'
import { checkSizes } from './fit.js'
import { gen } from './initializer.js'
import type { Layer } from './layer.js'
import type { RecurrentOptions, Sized } from './recurrent.js'
import { overTime } from './recurrent.js'
import type { RecurrentParams } from './rnn.js'

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

const lstmMeanings: Meanings<LstmCellOptions> = meaningsOf(cellMeanings, { forgetBias: finite })
const optionsOfCell = optionsOf<LstmCellOptions>(lstmMeanings)

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
export const lstmCell: Sized<LstmCellOptions, Cell<RecurrentParams, LstmCarry>> = (
  first: number,
  second?: number | LstmCellOptions,
  third?: LstmCellOptions,
): Cell<RecurrentParams, LstmCarry> => {
  const given = optionsOfCell('lstmCell', typeof second === 'number' ? third : second)
  return typeof second === 'number' ? lstmOf('lstmCell', first, second, given) : lstmOf('lstmCell', first, given, undefined)
}

const lstmOf = (
  name: string,
  first: number,
  second: number | LstmCellOptions | undefined,
  third: LstmCellOptions | undefined,
): Cell<RecurrentParams, LstmCarry> => {
  const { inputs, given, hidden, options } = cellSetup(name, first, second, third)
  const sizes = { wx: [given, 4 * hidden], wh: [hidden, 4 * hidden], b: [4 * hidden] }
  const { wxInit, whInit, bInit, dtype, forgetBias = 0 } = options
  const bias = lift((key) => {
    const b = bInit(key, [4 * hidden], dtype)
    const [i, f, ...rest] = split(b, 4)
    return forgetBias === 0 ? b : concatenate([i, add(f, forgetBias), ...rest])
  })
  return cell({
    name: 'lstm',
    gen: (inputShape) =>
      struct({
        wx: gen(wxInit, [inputs(inputShape), 4 * hidden], dtype),
        wh: gen(whInit, [hidden, 4 * hidden], dtype),
        b: bias,
      }),
    initCarry: (batch = [], type = dtype) => {
      // Two tensors, not one twice, so that a carry can be donated.
      const zeros = (): Tensor => create.zeros([...batch, hidden], { dtype: type })
      return { c: zeros(), h: zeros() }
    },
    project: (params) => {
      const { wx, b } = checkSizes('lstm', params, sizes)
      return (x) => add(matmul(x, wx), b)
    },
    step:
      ({ wh }) =>
      ({ c, h }: LstmCarry, u) => {
        const [i, f, g, o] = split(add(u, matmul(h, wh)), 4, { axis: -1 })
        const kept = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)))
        const out = mul(sigmoid(o), tanh(kept))
        return [{ c: kept, h: out }, out]
      },
  })
}

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
export const lstm: Sized<LstmCellOptions & RecurrentOptions, Layer<RecurrentParams, LstmCarry>> = /* @__PURE__ */ overTime(
  'lstm',
  lstmMeanings,
  lstmOf,
)
