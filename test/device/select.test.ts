import { afterEach, describe, expect, it } from 'vitest'
import { aval } from '../../src/core/aval.js'
import { hostTensor } from '../../src/core/tensor.js'
import { configure, device, devices, liveBuffers, probe } from '../../src/device/select.js'
import { bind } from '../../src/ir/bind.js'
import type { AnyPrimitive } from '../../src/ir/primitive.js'
import { none } from '../../src/ir/primitive.js'
import { s } from '../../src/kernel/scalar.js'

const neg: AnyPrimitive = {
  name: 'neg',
  shape: (ins) => [ins[0]!],
  linear: { kind: 'zero' },
  batch: 'elementwise',
  lower: { kind: 'scalar', body: ([x]) => s.neg(x!) },
}
const zeros = (n: number) => hostTensor(aval([n], 'float32'), new Float32Array(n))

afterEach(() => {
  configure({ backend: 'wasm', trackBuffers: false })
})

describe('selection', () => {
  it('starts with the wasm backend and says why', () => {
    expect(device()).toBe(devices.wasm)
    expect(probe()).toBe('wasm is active: Programs compiled to WebAssembly SIMD, the default')
    configure({ backend: { ...devices.reference!, name: 'mine' } })
    expect(probe()).toBe('mine is active: it was chosen by configure')
  })

  it('refuses names it does not know', () => {
    expect(() => {
      configure({ backend: 'abacus' })
    }).toThrow(/no backend is called abacus[^]*try: 'reference' or 'wasm'/)
  })

  it('counts every buffer that evaluation makes, while asked to', () => {
    bind(neg, [zeros(3)], none)
    const before = liveBuffers()
    configure({ trackBuffers: true })
    const x = zeros(4)
    const y = bind(neg, [x], none)
    bind(neg, [x], none)
    bind(neg, [y], none)
    const after = liveBuffers()
    expect([after.count - before.count, after.bytes - before.bytes]).toEqual([3, 48])
  })

  it.runIf(typeof globalThis.gc === 'function')('forgets buffers that are collected', async () => {
    configure({ trackBuffers: true })
    const before = liveBuffers().count
    for (let k = 0; k < 100; k++) bind(neg, [zeros(1000)], none)
    expect(liveBuffers().count).toBeGreaterThanOrEqual(before + 100)
    for (let k = 0; k < 20 && liveBuffers().count > before; k++) {
      globalThis.gc!()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(liveBuffers().count).toBeLessThanOrEqual(before)
  })
})
