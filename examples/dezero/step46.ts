/**
 * DeZero: an Optimizer is set up with a model, which it then changes; momentum is kept under the `id` of each Parameter.
 * Here an optimizer is a pair of pure functions, its state a tree like the parameters; hooks are the parts of a `chain`, in the order written.
 */
import { losses, models, nn, optim, tree } from 'adjoint'
import { descend, wave } from './descent.js'
import { affine } from './drawn.js'
import type { Step } from './step.js'

export const step46: Step = {
  title: 'Optimizers',
  run: ({ short }) => {
    const { x, y, generator } = wave()
    const model = models.mlp([1, 10, 1], { activation: nn.sigmoid })
    const start: ReturnType<typeof model.init> = [affine(generator, 1, 10), null, affine(generator, 10, 1)]
    const loss = (params: typeof start) => losses.meanSquaredErrorPerRow(model.apply(params)(x), y)
    const momentum = optim.chain(optim.clipByGlobalNorm(100), optim.sgd(0.2, { momentum: 0.9 }))
    const sgd = optim.chain(optim.clipByGlobalNorm(100), optim.sgd(0.2))
    return [tree.paths(momentum.init(start)).join(' '), ...descend(loss, start, short, sgd)]
  },
}
