import { describe, expect, it } from 'vitest'
import { jit, np } from '../../src/index.js'
import { hostTensor } from '../../src/extend.js'
import type { Tensor } from '../../src/index.js'

const reads: Readonly<Record<string, (x: Tensor) => ArrayBufferView | Promise<ArrayBufferView>>> = {
  toTypedArray: (x) => x.toTypedArray(),
  read: (x) => x.read(),
}

const makes: Readonly<Record<string, (data: Float32Array) => Tensor>> = {
  'np.array': (data) => np.array(data),
  'np.asarray': (data) => np.asarray(data),
  'np.array of rows': (data) => np.reshape(np.array([data]), [-1]),
}

describe('data handed in is copied', () => {
  it.each(Object.entries(makes))('%s', (_, make) => {
    const data = Float32Array.of(1, 2, 3)
    const x = make(data)
    data.fill(9)
    expect(x.toArray()).toEqual([1, 2, 3])
  })
  it('a shape', () => {
    const shape = [2, 2]
    const x = np.zeros(shape)
    shape[0] = 7
    expect(x.shape).toEqual([2, 2])
  })
})

describe('data handed out is the caller’s', () => {
  it.each(Object.entries(reads))('%s', async (_, read) => {
    const x = np.array([1, 2, 3])
    const data = (await read(x)) as Float32Array
    data.fill(9)
    expect(x.toArray()).toEqual([1, 2, 3])
  })
  it('of a tensor that shares its elements with others', () => {
    const x = np.array([[1, 2, 3, 4]])
    for (const y of [np.reshape(x, [2, 2]), np.squeeze(x), jit((t: Tensor) => np.reshape(t, [4]))(x), np.add(x, 0)]) {
      y.toTypedArray().fill(9)
      ;(y.toArray() as number[]).fill(9)
      expect(y.toTypedArray()).toEqual(Float32Array.of(1, 2, 3, 4))
    }
    expect(x.toArray()).toEqual([[1, 2, 3, 4]])
  })
  it('a shape cannot be written', () => {
    expect(() => {
      ;(np.zeros([2]).shape as number[])[0] = 7
    }).toThrow(TypeError)
  })
})

it('hostTensor adopts, as it says', () => {
  const data = Float32Array.of(1)
  const x = hostTensor(np.zeros([1]).aval, data)
  data[0] = 2
  expect(x.toArray()).toEqual([2])
})
