import { describe, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { np, optim } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

const f64 = (x: readonly number[]): Tensor => np.array(x, { dtype: 'float64' })

describe('incrementalUpdate', () => {
  it('moves the old leaf by a share of the difference, in its dtype', () => {
    const { a, b } = optim.incrementalUpdate({ a: f64([1, 6]), b: f64([3]) }, { a: f64([5, 2]), b: np.array([1]) }, 0.25)
    expectClose(a, [4, 3], { atol: 0, dtype: 'float64' })
    expectClose(b, [1.5], { atol: 0, dtype: 'float32' })
  })
})

describe('ema', () => {
  const run = (t: optim.GradientTransformation): Tensor => {
    const params = f64([0])
    let [state, last] = [t.init(params), params]
    for (const g of [4, 0, 8]) [last, state] = t.update(f64([g]), state, params)
    return last
  }
  it('is the decayed mean of the updates, its start corrected or not', () => {
    // m: 1, 0.75, 2.5625
    expectClose(run(optim.ema(0.75, { debias: false })), [2.5625], { rtol: 1e-15 })
    expectClose(run(optim.ema(0.75)), [2.5625 / (1 - 0.75 ** 3)], { rtol: 1e-15 })
  })
})
