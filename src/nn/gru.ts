/** The gated recurrent unit: two gates and no state beside the hidden one. */
import type { Tensor } from '../core/tensor.js'
import { add, mul, sub } from '../numpy/arithmetic.js'
import { split } from '../numpy/join.js'
import { matmul } from '../numpy/matmul.js'
import { tanh } from '../numpy/trigonometric.js'
import { sigmoid } from './activation.js'
import type { Cell, CellOptions } from './cell.js'
import { cellMeanings } from './cell.js'
import type { Gates, RecurrentParams } from './gates.js'
import { gatedCell, gatedLayer } from './gates.js'
import type { Layer } from './layer.js'
import type { RecurrentOptions, Sized } from './recurrent.js'

/** Parameters of a GRU: those of its three gates, and the bias that the reset gate acts on. */
export interface GruParams extends RecurrentParams {
  /** Of the candidate's hidden part: `[hidden]`. */
  readonly bn: Tensor
}

/** The three parts of a tensor along its last axis. */
const thirds = (x: Tensor): readonly [Tensor, Tensor, Tensor] => split(x, 3, { axis: -1 })

const gated: Gates<CellOptions, GruParams, Tensor> = {
  name: 'gru',
  gates: 3,
  meanings: cellMeanings,
  also: ['bn'],
  carry: (zeros) => zeros(),
  step:
    () =>
    ({ wh, bn }) =>
    (h, u) => {
      const [xr, xz, xn] = thirds(u)
      const [hr, hz, hn] = thirds(matmul(h, wh))
      const [r, z] = [sigmoid(add(xr, hr)), sigmoid(add(xz, hz))]
      const n = tanh(add(xn, mul(r, add(hn, bn))))
      const next = add(mul(sub(1, z), n), mul(z, h))
      return [next, next]
    },
}

/**
 * The GRU whose reset gate acts after the product, as in cuDNN, PyTorch, Keras and flax. With `[xr, xz, xn] = x wx + b` and
 * `[hr, hz, hn] = h wh`, cut into three along the last axis:
 *
 * `r = sigmoid(xr + hr)`, `z = sigmoid(xz + hz)`, `n = tanh(xn + r * (hn + bn))`, `h' = (1 - z) * n + z * h`; the output is `h'`.
 *
 * PyTorch's two biases of the gates `r` and `z` are one here: their sum. The carry is `h`.
 *
 * shapes: h[..., hidden], x[..., inputs] -> h', y[..., hidden]
 *
 * @see https://arxiv.org/abs/1406.1078 (Cho et al., 2014)
 * @throws ValueError for sizes that are not positive integers; ShapeError when the input size is neither given nor known
 * @example
 * const cell = nn.gruCell(3, 4)
 * const step = cell.apply(cell.init(random.key(0)))
 * const [h] = step(cell.initCarry([2]), np.ones([2, 3]))
 * h.shape   // [2, 4]
 */
export const gruCell: Sized<CellOptions, Cell<GruParams, Tensor>> = /* @__PURE__ */ gatedCell(gated)

/**
 * `gruCell` along the time axis of a sequence. Its state is the hidden state: `recurrent` says how it is carried on.
 *
 * shapes: x[..., time, inputs] -> [..., time, hidden]
 *
 * @example
 * const model = nn.gru(3, 4)
 * model.apply(model.init(random.key(0)))(np.ones([2, 5, 3])).shape   // [2, 5, 4]
 */
export const gru: Sized<CellOptions & RecurrentOptions, Layer<GruParams, Tensor>> = /* @__PURE__ */ gatedLayer(gated)
