import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { np, optim } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

const f64 = (x: readonly number[]): Tensor => np.array(x, { dtype: 'float64' })

describe('multiSteps', () => {
  it('updates by the mean of so many gradients, and not before', () => {
    const optimizer = optim.multiSteps(optim.sgd(1), 3)
    const params = { w: f64([0, 0]) }
    let state = optimizer.init(params)
    const seen: Tensor[] = []
    for (const g of [
      [3, 1],
      [6, -5],
      [-3, 1],
      [1, 1],
      [2, 2],
      [9, -6],
    ]) {
      const [u, next] = optimizer.update({ w: f64(g) }, state, params)
      seen.push(u.w)
      state = next
    }
    expect(seen.length).toBe(6)
    expectClose(
      np.stack(seen),
      [
        [0, 0],
        [0, 0],
        [-2, 1],
        [0, 0],
        [0, 0],
        [-4, 1],
      ],
      { atol: 1e-15 },
    )
  })
})
