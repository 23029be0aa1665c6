import { expect, it } from 'vitest'
import { DTypeError } from '../../src/core/errors.js'
import type { Tensor } from '../../src/core/tensor.js'
import { threefry2x32 } from '../../src/prim/random.js'
import { expectBatching, tensor, values } from './subject.js'

const word = (v: number): Tensor => tensor([1], [v], 'uint32')
const block = (...v: number[]): number[] => threefry2x32(word(v[0]!), word(v[1]!), word(v[2]!), word(v[3]!)).map((t) => values(t)[0]!)

it('threefry2x32 agrees with the known answers of Random123, 20 rounds', () => {
  expect(block(0, 0, 0, 0)).toEqual([0x6b200159, 0x99ba4efe])
  expect(block(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff)).toEqual([0x1cb996fc, 0xbb002be7])
  expect(block(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toEqual([0xc4923a9c, 0x483df7a0])
})

it('threefry2x32 batches and takes only uint32', () => {
  expectBatching(
    (a, b, c, d) => threefry2x32(a, b, c, d),
    [1, 2, 3, 4].map(word),
    (k, shape) =>
      tensor(
        shape,
        Array.from({ length: shape[0]! }, (_, i) => i + k),
        'uint32',
      ),
    [3],
  )
  const x = tensor([1], [1], 'int32')
  expect(() => threefry2x32(x, x, x, x)).toThrow(DTypeError)
})
