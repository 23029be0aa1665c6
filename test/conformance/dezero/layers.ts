/** Activations, losses, convolution, pooling, and what DeZero's examples make of them. */
import type { Tensor } from '../../../src/index.js'
import { evalShape, grad, losses, nn, np, shapeDtype, valueAndGrad } from '../../../src/index.js'
import type { Entry } from '../dezero.js'
import { op, pulled } from './pull.js'

/** The value of a loss of `x` and integer labels, and its slope. */
const lossOf =
  (loss: (x: Tensor, t: Tensor) => Tensor): Entry =>
  ({ inputs: { x, t } }) => {
    const [y, dx] = valueAndGrad((v: Tensor) => loss(v, t))(x)
    return { y, dx }
  }
const crossEntropy = lossOf((x, t) => losses.softmaxCrossEntropy(x, t))
const meanSquared = op(({ x0, x1 }) => losses.meanSquaredErrorPerRow(x0!, x1!))

const perChannel = (b: Tensor): Tensor => np.reshape(b, [1, -1, 1, 1])
const conv2d = (x: Tensor, w: Tensor, stride: number, pad: number): Tensor => nn.conv(x, w, { strides: stride, padding: pad })
const withBias = (y: Tensor, b: Tensor | undefined): Tensor => (b === undefined ? y : np.add(y, perChannel(b)))

const deconv2d = (x: Tensor, w: Tensor, stride: number, pad: number): Tensor => nn.convTranspose(x, w, { strides: stride, padding: pad })

interface Window {
  readonly kernel: number
  readonly stride: number
  readonly pad: number
}
const pooling = ({ stride, pad }: Window) => ({ strides: stride, padding: pad })
const maxPool = (x: Tensor, w: Window): Tensor => nn.maxPool(x, w.kernel, pooling(w))
const im2col = (x: Tensor, w: Window): Tensor => nn.im2col(x, w.kernel, pooling(w))
const col2im = (columns: Tensor, shape: readonly number[], w: Window): Tensor => nn.col2im(columns, shape, w.kernel, pooling(w))

const blog57: Entry = () => {
  const x = np.reshape(np.arange(1, 97, 1, { dtype: 'float64' }), [2, 3, 4, 4])
  const w = np.stack([0.1, 0.2, 0.3].map((v) => np.full([3, 2, 2], v, { dtype: 'float64' })))
  const columns = np.transpose(im2col(x, { kernel: 2, stride: 1, pad: 0 }))
  const matrix = np.reshape(w, [3, -1])
  const product = np.matmul(matrix, columns)
  const y = np.transpose(np.reshape(np.transpose(product), [2, 3, 3, 3]), [0, 3, 1, 2])
  return {
    'W.shape': w.shape,
    'col_transposed.shape': columns.shape,
    'W_matrix.shape': matrix.shape,
    'matrix_product.shape': product.shape,
    y,
    col_transposed_row0: np.index(columns, 0),
    col_transposed_row11: np.index(columns, 11),
  }
}

/** Two derivatives of a convolution, one of the other. */
const convDouble: Entry = ({ inputs: { x, W } }) => {
  const y = (a: Tensor, w: Tensor): Tensor => np.sum(np.square(conv2d(a, w, 1, 0)))
  const gW = grad(y, { argnums: 1 })
  const z = (a: Tensor, w: Tensor): Tensor => np.sum(np.square(gW(a, w)))
  const [value, [dx, dW]] = valueAndGrad(z, { argnums: [0, 1] })(x, W)
  return { y: y(x, W), gW: gW(x, W), z: value, 'dz/dx': dx, 'dz/dW': dW }
}

const gradCam: Entry = ({ inputs: { x, W1, Wf } }) => {
  const features = (v: Tensor): Tensor => nn.relu(conv2d(v, W1, 1, 1))
  const scores = (a: Tensor): Tensor => {
    const pooled = maxPool(a, { kernel: 2, stride: 2, pad: 0 })
    return np.reshape(np.matmul(np.reshape(pooled, [1, -1]), Wf), [-1])
  }
  const a = features(x)
  const k = np.argmax(scores(a))
  const slopes = grad((v: Tensor) => np.take(scores(v), k))(a)
  const weights = np.mean(slopes, { axis: [0, 2, 3] })
  const heat = nn.relu(np.mean(np.mul(a, perChannel(weights)), { axis: [0, 1] }))
  return { class: k, pooled_grads: weights, heatmap: np.div(heat, np.max(heat)) }
}

/** Sizes of images `n` wide under kernels of `k`, for stride `s` and padding `p`. */
const sizes =
  (f: (x: Tensor, w: Tensor, stride: number, pad: number) => Tensor): Entry =>
  ({ inputs }) => ({
    O: (inputs['I,K,S,P'] as readonly (readonly [number, number, number, number])[]).map(
      ([n, k, s, p]) => evalShape((x: Tensor, w: Tensor) => f(x, w, s, p), shapeDtype([1, 1, n, n]), shapeDtype([1, 1, k, k])).shape[2],
    ),
  })

/** Training by the batch's statistics, its gradients and the running statistics after it; then evaluation by those before it. */
const batchNorm: Entry = ({ inputs: { x, gamma, beta, mean, var: variance, gy }, attrs }) => {
  const layer = nn.batchNorm({ momentum: attrs.decay, epsilon: attrs.eps, dtype: 'float64' })
  const state = { mean, var: variance }
  const run = (input: Tensor, params: nn.ScaleAndBias, train: boolean) => layer.applyWithState(params, { state, train })(input)
  const train = pulled((i) => run(i.x!, { scale: i.gamma!, bias: i.beta! }, true)[0], { x, gamma, beta }, gy)
  const params = { scale: gamma, bias: beta }
  const next = run(x, params, true)[1]
  return {
    'train.y': train.y,
    'train.grads': train.grads,
    'train.new_mean': next.mean,
    'train.new_var': next.var,
    'test.y': run(x, params, false)[0],
  }
}

/** Families `act.*`, `softmax`, losses, `linear`, `conv*`, pooling, `im2col`, `ex.*`. */
export const layers: Readonly<Record<string, Entry>> = {
  linear: op(({ x, W, b }) => np.add(np.matmul(x!, W!), b!)),
  'act.cos': op(({ x }) => np.cos(x!)),
  'act.tanh': op(({ x }) => np.tanh(x!)),
  'act.sigmoid': op(({ x }) => nn.sigmoid(x!)),
  'act.relu': op(({ x }) => nn.relu(x!)),
  'act.relu.test': op(({ x }) => nn.relu(x!)),
  'act.log': op(({ x }) => np.log(x!)),
  'act.pow3': op(({ x }, { c }) => np.pow(x!, c)),
  'softmax.test': op(({ x }, { axis }) => nn.softmax(x!, { axis })),
  'log_softmax.test': op(({ x }, { axis }) => nn.logSoftmax(x!, { axis })),
  'xent.test': crossEntropy,
  'xent.random_guess.K2': crossEntropy,
  'xent.random_guess.K3': crossEntropy,
  'xent.random_guess.K10': crossEntropy,
  'mse.vector': meanSquared,
  'mse.matrix': meanSquared,
  sigmoid_xent: lossOf((x, t) => losses.sigmoidCrossEntropy(x, np.astype(t, x.dtype))),
  binary_xent: lossOf((p, t) => {
    const y = np.astype(t, p.dtype)
    return np.neg(np.mean(np.add(np.mul(y, np.log(p)), np.mul(np.sub(1, y), np.log1p(np.neg(p))))))
  }),
  accuracy: ({ inputs: { y, t } }) => ({ acc: np.mean(np.astype(np.equal(np.argmax(y, { axis: 1 }), t), 'float64')) }),
  embed: op(({ W }, { ids }) => nn.embedding(W!.shape[0]!, W!.shape[1]!).apply({ table: W! })(np.array(ids, { dtype: 'int32' }))),
  'shape.conv_outsize': sizes(conv2d),
  'shape.deconv_outsize': sizes(deconv2d),
  'conv.blog57': blog57,
  'conv2d.k3s2p1': op(({ x, W, b }, { stride, pad }) => withBias(conv2d(x!, W!, stride, pad), b)),
  'conv2d.k2': op(({ x, W, b }, { stride, pad }) => withBias(conv2d(x!, W!, stride, pad), b)),
  'conv2d.k1': op(({ x, W, b }, { stride, pad }) => withBias(conv2d(x!, W!, stride, pad), b)),
  'conv2d.double': convDouble,
  'deconv2d.k4s2p1': op(({ x, W, b }, { stride, pad }) => withBias(deconv2d(x!, W!, stride, pad), b)),
  'im2col.test': op(({ x }, attrs) => im2col(x!, attrs)),
  'im2col.matrix': op(({ x }, attrs) => im2col(x!, attrs)),
  col2im: op(({ x }, attrs) => col2im(x!, attrs.input_shape, attrs)),
  'max_pool.k2s2': op(({ x }, attrs) => maxPool(x!, attrs)),
  'max_pool.odd': op(({ x }, attrs) => maxPool(x!, attrs)),
  'avg_pool.k2s2': op(({ x }, attrs) => nn.avgPool(x!, attrs.kernel, pooling(attrs))),
  'avg_pool.global': op(({ x }) => nn.globalAvgPool(x!)),
  'dropout.mask': op(({ x }, { mask, ratio }) => nn.dropWhere(x!, mask, ratio)),
  'batchnorm.2d': batchNorm,
  'batchnorm.4d': batchNorm,
  'ex.gram': op(({ x }) => {
    const [n, c] = x!.shape as unknown as [number, number]
    const rows = np.reshape(x!, [n, c, -1])
    return np.einsum('ncp,ndp->ncd', rows, rows)
  }),
  'ex.tv': op(({ x }) => {
    const [here, below, right] = [np.index(x!, '...', ':-1', ':-1'), np.index(x!, '...', '1:', ':-1'), np.index(x!, '...', ':-1', '1:')]
    return np.sum(np.add(np.square(np.sub(here, below)), np.square(np.sub(here, right))))
  }),
  'ex.vae_kl': op(({ z_mean: m, z_log_var: v }) =>
    np.div(np.mul(-0.5, np.sum(np.sub(np.sub(np.add(1, v!), np.square(m!)), np.exp(v!)))), m!.shape[0]!),
  ),
  'ex.gradcam': gradCam,
}
