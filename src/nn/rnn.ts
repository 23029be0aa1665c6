/** The simple recurrent network: the next hidden state is an activation of the input and the last one. */
import { traceable } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add } from '../numpy/arithmetic.js'
import * as create from '../numpy/create.js'
import { matmul } from '../numpy/matmul.js'
import { tanh } from '../numpy/trigonometric.js'
import { struct } from '../random/gen.js'
import type { Cell, CellOptions } from './cell.js'
import { cell, cellMeanings, cellSetup } from './cell.js'
import { checkSizes } from './fit.js'
import { gen } from './initializer.js'
import type { Layer } from './layer.js'
import type { RecurrentOptions, Sized } from './recurrent.js'
import { overTime } from './recurrent.js'

/** Weights of a recurrent cell. `k` is the number of its gates, whose columns lie side by side. */
export interface RecurrentParams {
  /** Of the input: `[inputs, k * hidden]`. */
  readonly wx: Tensor
  /** Of the hidden state: `[hidden, k * hidden]`. */
  readonly wh: Tensor
  /** `[k * hidden]`. */
  readonly b: Tensor
}

/** Options of `rnnCell`. */
export interface RnnCellOptions extends CellOptions {
  /** `tanh` by default; `nn.relu` is the other usual one. */
  readonly activation?: (x: Tensor) => Tensor
}

const rnnMeanings: Meanings<RnnCellOptions> = meaningsOf(cellMeanings, { activation: traceable })
const optionsOfCell = optionsOf<RnnCellOptions>(rnnMeanings)

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
export const rnnCell: Sized<RnnCellOptions, Cell<RecurrentParams, Tensor>> = (
  first: number,
  second?: number | RnnCellOptions,
  third?: RnnCellOptions,
): Cell<RecurrentParams, Tensor> => {
  const given = optionsOfCell('rnnCell', typeof second === 'number' ? third : second)
  return typeof second === 'number' ? rnnOf('rnnCell', first, second, given) : rnnOf('rnnCell', first, given, undefined)
}

const rnnOf = (
  name: string,
  first: number,
  second: number | RnnCellOptions | undefined,
  third: RnnCellOptions | undefined,
): Cell<RecurrentParams, Tensor> => {
  const { inputs, given, hidden, options } = cellSetup(name, first, second, third)
  const sizes = { wx: [given, hidden], wh: [hidden, hidden], b: [hidden] }
  const { wxInit, whInit, bInit, dtype, activation = tanh } = options
  return cell({
    name: 'rnn',
    gen: (inputShape) =>
      struct({
        wx: gen(wxInit, [inputs(inputShape), hidden], dtype),
        wh: gen(whInit, [hidden, hidden], dtype),
        b: gen(bInit, [hidden], dtype),
      }),
    initCarry: (batch = [], type = dtype) => create.zeros([...batch, hidden], { dtype: type }),
    project: (params) => {
      const { wx, b } = checkSizes('rnn', params, sizes)
      return (x) => add(matmul(x, wx), b)
    },
    step:
      ({ wh }) =>
      (h: Tensor, u) => {
        const next = activation(add(u, matmul(h, wh)))
        return [next, next]
      },
  })
}

/**
 * `rnnCell` along the time axis of a sequence. Its state is the hidden state: `recurrent` says how it is carried on.
 *
 * shapes: x[..., time, inputs] -> [..., time, hidden]
 *
 * @example
 * const model = nn.rnn(3, 4)
 * model.apply(model.init(random.key(0)))(np.ones([2, 5, 3])).shape   // [2, 5, 4]
 */
export const rnn: Sized<RnnCellOptions & RecurrentOptions, Layer<RecurrentParams, Tensor>> = /* @__PURE__ */ overTime(
  'rnn',
  rnnMeanings,
  rnnOf,
)
