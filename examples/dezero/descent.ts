/** The loop of the steps 43 to 46: full-batch descent on a noisy sine. */
import type { Tensor } from 'adjoint'
import { data, jit, np, optim, tree, valueAndGrad } from 'adjoint'
import { rand } from './drawn.js'

/** 100 points of a noisy sine, and the generator after them. */
export const wave = () => {
  const generator = data.randomState(0)
  const x = rand(generator, [100, 1])
  const y = np.add(np.sin(np.mul(2 * Math.PI, x)), rand(generator, [100, 1]))
  return { x, y, generator }
}

const wide = (x: Tensor): Tensor => np.astype(x, 'float64')

/**
 * The losses before the steps 0, 1000, 2000, ... All is computed in float64; parameters are kept in their own dtype, as NumPy's `-=`
 * keeps DeZero's, which are float32 from step 44 on: after thousands of steps it shows.
 */
export const descend = <P>(
  loss: (params: P) => Tensor,
  start: P,
  short: boolean,
  optimizer: optim.GradientTransformation = optim.sgd(0.2),
): readonly string[] => {
  const step = jit((params: P, state: optim.State) => {
    const exact = tree.map((p) => wide(p as Tensor), params)
    const [value, grads] = valueAndGrad(loss)(exact)
    const [updates, next] = optimizer.update(grads as P, state, exact)
    const moved = tree.map((p, u) => np.astype(np.add(wide(p as Tensor), u as Tensor), (p as Tensor).dtype), params, updates)
    return { params: moved, state: next, value }
  })
  const seen: string[] = []
  let params = start
  let state = optimizer.init(start)
  for (let i = 0; i < (short ? 2001 : 10_000); i++) {
    const { value, ...next } = step(params, state)
    if (i % 1000 === 0) seen.push(`${i}: ${Number(value).toFixed(8)}`)
    params = next.params as P
    state = next.state
  }
  return seen
}
