/** A whole training as one program: the gradient, the optimizer, and a scan over steps. */
import type { Tensor } from '../../src/index.js'
import { optim, scan, valueAndGrad } from '../../src/index.js'

/** `loss` made small, one step for each entry of `xs`: the last parameters, and the loss before every step. */
export const descend = <P, X>(
  loss: (params: P, x: X) => Tensor,
  optimizer: optim.GradientTransformation,
  params: P,
  xs: X,
): readonly [P, Tensor] => {
  const step = ([p, state]: readonly [P, optim.State], x: X) => {
    const [value, grads] = valueAndGrad(loss)(p, x)
    const [updates, next] = optimizer.update(grads as P, state, p)
    return [[optim.applyUpdates(p, updates), next], value] as const
  }
  const [[trained], losses] = scan(step, [params, optimizer.init(params)] as const, xs)
  return [trained, losses]
}
