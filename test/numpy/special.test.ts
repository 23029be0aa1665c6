import { describe, it } from 'vitest'
import { np, special } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

const f64 = (x: readonly number[]) => np.array(x, { dtype: 'float64' })

describe('ndtr', () => {
  it('is the normal distribution, exact in the tail: values to 16 digits by its series in 400', () => {
    expectClose(
      special.ndtr(f64([-10, -3, -1, 0, 0.5, 2, 9])),
      [7.619853024160527e-24, 1.3498980316300946e-3, 0.15865525393145707, 0.5, 0.6914624612740131, 0.9772498680518208, 1],
      { rtol: 2e-14 },
    )
  })
})
