/**
 * DeZero: an Optimizer is set up with a model, which it then changes; momentum is kept under the `id` of each Parameter.
 * Here an optimizer is a pair of pure functions, its state a tree like the parameters; hooks are the parts of a `chain`, in the order written.
 */
import type { Tensor } from 'adjoint'
import { jit, losses, models, nn, optim, valueAndGrad } from 'adjoint'
import { affine } from './drawn.js'
import { wave } from './step43.js'
import type { Step } from './step.js'

export const step46: Step = {
  title: 'Optimizers',
  run: ({ short }) => {
    const { x, y, generator } = wave()
    const model = models.mlp([1, 10, 1], { activation: nn.sigmoid })
    type Params = ReturnType<typeof model.init>
    const optimizer = optim.chain(optim.clipByGlobalNorm(100), optim.sgd(0.2))
    const step = jit((params: Params, state: optim.State) => {
      const [value, grads] = valueAndGrad((p: Params): Tensor => losses.meanSquaredErrorPerRow(model.apply(p)(x), y))(params)
      const [updates, next] = optimizer.update(grads, state, params)
      return [optim.applyUpdates(params, updates), next, value] as const
    })
    let params: Params = [affine(generator, 1, 10), null, affine(generator, 10, 1)]
    let state = optimizer.init(params)
    const seen: string[] = []
    for (let i = 0; i < (short ? 2001 : 10_000); i++) {
      const [p, s, value] = step(params, state)
      if (i % 1000 === 0) seen.push(`${i}: ${Number(value).toFixed(8)}`)
      params = p
      state = s
    }
    return seen
  },
}
