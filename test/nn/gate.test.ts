import { describe, it } from 'vitest'
import { nn, np } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

const f64 = (x: readonly number[]) => np.array(x, { dtype: 'float64' })

describe('squareplus', () => {
  it('is (x + sqrt(x^2 + b)) / 2, b 4 unless told', () => {
    expectClose(nn.squareplus(f64([0, 1.5, -1.5])), [1, 2, 0.5], { rtol: 1e-15 })
    expectClose(nn.squareplus(f64([0, 4, -4]), { b: 9 }), [1.5, 4.5, 0.5], { rtol: 1e-15 })
  })
})
