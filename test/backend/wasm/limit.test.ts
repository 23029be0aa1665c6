/** The limit on memory holds for values and scratch together, also where the memory had grown beyond it before. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Tensor } from '../../../src/index.js'
import { configure, DeviceError, explain, jit, nn, np } from '../../../src/index.js'
import { engine } from '../../../src/backend/wasm/engine.js'
import { wasm } from '../../../src/wasm.js'

const mebi = 2 ** 20
/** Kernels' tables and the places of small values, which are there before anything is computed. */
const standing = 4 * mebi

const vector = (): Tensor => np.array(Float32Array.from({ length: 2 ** 22 }, (_, i) => (i * 7919) % 65537))
const square = (): Tensor => np.reshape(np.index(vector(), { stop: 1500 * 1500 }), [1500, 1500])
const images = (): Tensor => np.reshape(np.index(vector(), { stop: 7 * 18 * 128 * 128 }), [7, 18, 128, 128])

const subjects: Readonly<Record<string, readonly [() => Tensor, (x: Tensor) => Tensor]>> = {
  sort: [vector, (x) => np.sort(x)],
  argsort: [vector, (x) => np.argsort(x)],
  cumsum: [vector, (x) => np.cumsum(x)],
  cumprod: [() => np.reshape(vector(), [2 ** 8, 2 ** 14]), (x) => np.cumprod(x, { axis: 0 })],
  gemm: [square, (x) => np.matmul(x, x)],
  conv: [images, (x) => nn.conv(x, np.ones([32, 18, 3, 3]))],
  elementwise: [vector, (x) => np.sin(x)],
}

const bytesOf = (x: Tensor): Uint8Array => {
  const a = x.toTypedArray()
  return new Uint8Array(a.buffer, a.byteOffset, a.byteLength)
}
const same = (a: Tensor, b: Tensor): boolean => Buffer.compare(bytesOf(a), bytesOf(b)) === 0

describe('the limit on memory', () => {
  beforeAll(() => {
    configure({ backend: wasm, memory: 2 ** 32 })
    // what has been reserved is used once, so that pages are no limit any more
    for (const [make, f] of Object.values(subjects)) f(make())
  })
  afterAll(() => {
    configure({ memory: 2 ** 32 })
  })
  for (const [name, [make, f]] of Object.entries(subjects))
    for (const [how, run] of [
      ['evaluated', f],
      ['compiled', jit(f)],
    ] as const)
      it(`holds for ${name}, ${how}`, () => {
        const x = make()
        const expected = run(x)
        const peak = Math.ceil(explain(f, x).peak)
        expect(peak).toBeGreaterThan(16 * mebi + 2 ** 16)
        configure({ memory: peak - 2 ** 16 })
        expect(() => run(x)).toThrow(DeviceError)
        expect(() => run(x)).toThrow(/memory is full/)
        configure({ memory: peak + standing })
        expect(same(run(x), expected)).toBe(true)
        expect(engine().heap.used()).toBeLessThanOrEqual(peak + standing)
        configure({ memory: 2 ** 32 })
      })
  it('moves results of earlier calls out, which stay readable', () => {
    configure({ memory: 32 * mebi })
    const kept = Array.from({ length: 12 }, (_, i) => np.add(np.ones([mebi]), i))
    expect(engine().heap.used()).toBeLessThanOrEqual(32 * mebi)
    expect(kept.map((x) => np.max(x).item())).toEqual(Array.from({ length: 12 }, (_, i) => 1 + i))
  })
})
