/**
 * DeZero: a network of two layers by hand, four parameters cleared and updated one by one.
 * Here the parameters are one tree, and so is their gradient: `tree.map` updates all of them.
 */
import type { Tensor } from 'adjoint'
import { data, jit, losses, nn, np, tree, valueAndGrad } from 'adjoint'
import { rand, randn } from './drawn.js'
import type { Step } from './step.js'

/** 100 points of a noisy sine, and the generator after them. */
export const wave = () => {
  const generator = data.randomState(0)
  const x = rand(generator, [100, 1])
  const y = np.add(np.sin(np.mul(2 * Math.PI, x)), rand(generator, [100, 1]))
  return { x, y, generator }
}

/** Gradient descent: the losses before the steps 0, 1000, 2000, ... */
export const descend = <P>(loss: (params: P) => Tensor, start: P, steps: number): readonly string[] => {
  const update = jit((params: P) => {
    const [value, grads] = valueAndGrad(loss)(params)
    return { params: tree.map((p: Tensor, d: Tensor) => np.sub(p, np.mul(0.2, d)), params as never, grads as never), value }
  })
  const seen: string[] = []
  let params = start
  for (let i = 0; i < steps; i++) {
    const next = update(params)
    if (i % 1000 === 0) seen.push(`${i}: ${Number(next.value).toFixed(8)}`)
    params = next.params
  }
  return seen
}

export const step43: Step = {
  title: 'A neural network',
  run: ({ short }) => {
    const { x, y, generator } = wave()
    const zeros = (n: number): Tensor => np.zeros([n], { dtype: 'float64' })
    const start = [
      { w: randn(generator, [1, 10], 0.01), b: zeros(10) },
      { w: randn(generator, [10, 1], 0.01), b: zeros(1) },
    ] as const
    const loss = ([one, two]: typeof start): Tensor => losses.meanSquaredErrorPerRow(nn.linear(two, nn.sigmoid(nn.linear(one, x))), y)
    return descend(loss, start, short ? 2001 : 10_000)
  },
}
