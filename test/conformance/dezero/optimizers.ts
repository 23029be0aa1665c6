/** Optimizers and what DeZero calls hooks: the chain's earlier steps. */
import type { Tensor } from '../../../src/index.js'
import { grad, losses, np, optim } from '../../../src/index.js'
import type { Entry } from '../dezero.js'

type Optimizer = optim.GradientTransformation

/** An optimizer, from the attributes of its case. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- attributes come from a file; each entry knows its own
type Make = (attrs: any) => Optimizer

/** The parameter after each of a list of gradients. */

const steps =
  (make: Make): Entry =>
  ({ inputs: { w0, grads }, attrs }) => {
    const optimizer = make(attrs)
    let params: Tensor = w0
    let state = optimizer.init(params)
    const seen = (grads as Tensor[]).map((g) => {
      const [updates, next] = optimizer.update(g, state, params)
      state = next
      return (params = optim.applyUpdates(params, updates))
    })
    return { w_after_each_step: seen }
  }

/** Families `opt.*` and `hook.*`. */
export const optimizers: Readonly<Record<string, Entry>> = {
  'opt.SGD': steps(({ lr }) => optim.sgd(lr)),
  'opt.SGD.b': steps(({ lr }) => optim.sgd(lr)),
  // DeZero keeps v = momentum * v - lr * g, which at a constant rate is the same as -lr times the running sum.
  'opt.MomentumSGD': steps(({ lr, momentum }) => optim.sgd(lr, { momentum })),
  'opt.AdaGrad': steps(({ lr, eps }) => optim.adagrad(lr, { eps, initialValue: 0 })),
  'opt.AdaDelta': steps(({ rho, eps }) => optim.adadelta(1, { rho, eps })),
  'opt.Adam': steps(({ alpha, beta1, beta2, eps }) => optim.adam(alpha, { b1: beta1, b2: beta2, eps, epsHat: true })),
  'hook.weight_decay': steps(({ lr, rate }) => optim.chain(optim.addDecayedWeights(rate), optim.sgd(lr))),
  'hook.clip_grad': steps(({ lr, max_norm: maxNorm }) => optim.chain(optim.clipByGlobalNorm(maxNorm, { eps: 1e-6 }), optim.sgd(lr))),
  'hook.weight_decay.equiv': ({ inputs: { x, lr, rate } }) => {
    const labels = np.zeros([10], { dtype: 'int32' })
    const loss = (w: Tensor): Tensor => losses.softmaxCrossEntropy(np.matmul(x, w), labels)
    const optimizer = optim.chain(optim.addDecayedWeights(rate), optim.sgd(lr))
    const w0 = np.ones([2, 3], { dtype: 'float64' })
    const [updates] = optimizer.update(grad(loss)(w0), optimizer.init(w0), w0)
    return { W1: optim.applyUpdates(w0, updates) }
  },
}
