import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { peek } from '../../src/core/tensor.js'
import { all } from '../../src/data/dataset.js'
import { spiral } from '../../src/data/spiral.js'

const sha256 = (bytes: ArrayBufferView): string =>
  createHash('sha256')
    .update(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    .digest('hex')

/** Hashes of the little-endian bytes of DeZero's `get_spiral`. */
const published = {
  train: {
    x: '88bd60f50aa8d2294fb118b1b49a1769e0caff879960a632850f27aa2fd4d188',
    y: 'b9386463e5610f43c7ac4ba9343eee26fb4664a686ff3c6e619b09bd4a99810b',
  },
  test: {
    x: 'd8bae35c102d4c0620fee1b64b5d3f578d6bf7922ee2c742a08d8cfa75cb9b66',
    y: 'f64dbf0c8a0bc0cab8c05c5cca2af9be162d2ad370af8cc890fa2e78d1e12225',
  },
} as const

describe('spiral is the published data set, bit for bit', () => {
  for (const which of ['train', 'test'] as const)
    it(which, () => {
      const points = spiral({ train: which === 'train' })
      const { x, y } = all(points)
      expect(points.length).toBe(300)
      expect([x.shape, x.dtype, y.shape, y.dtype]).toEqual([[300, 2], 'float32', [300], 'int32'])
      expect(sha256(peek(x))).toBe(published[which].x)
      expect(sha256(peek(y))).toBe(published[which].y)
    })

  it('starts as the book prints it', () => {
    const { x, y } = spiral({ train: true }).take([0])
    expect([...peek(x)].map((v) => v.toFixed(8))).toEqual(['-0.13981389', '-0.00721657'])
    expect([...peek(y)]).toEqual([1])
  })
})
