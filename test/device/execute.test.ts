import { describe, expect, it } from 'vitest'
import { aval } from '../../src/core/aval.js'
import { hostTensor, Tensor } from '../../src/core/tensor.js'
import { add, mul } from '../../src/prim/arithmetic.js'
import { device } from '../../src/device/select.js'

const f32 = (shape: readonly number[], values: readonly number[]): Tensor => hostTensor(aval(shape, 'float32'), Float32Array.from(values))

describe('evaluation', () => {
  it('runs', () => {
    expect(device().name).toBe('reference')
    const x = f32([3], [1, 2, 3])
    expect(mul(add(x, x), x).toArray()).toEqual([2, 8, 18])
  })
})
