import { afterEach, describe, expect, it, vi } from 'vitest'
import { aval } from '../../src/core/aval.js'
import { hostTensor } from '../../src/core/tensor.js'
import { configure, devices, liveBuffers, probe } from '../../src/device/select.js'
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
const log: AnyPrimitive = { ...neg, name: 'log', lower: { kind: 'scalar', body: ([x]) => s.log(x!) } }
const zeros = (n: number) => hostTensor(aval([n], 'float32'), new Float32Array(n))

afterEach(() => {
  configure({ backend: 'wasm', trackBuffers: false, debugNans: false })
})

describe('selection', () => {
  it('starts with the wasm backend and says why', async () => {
    // Another copy of the package, with state of its own: nothing was chosen there.
    const root = globalThis as unknown as Record<symbol, unknown>
    const key = Symbol.for('adjoint/shared/1')
    const own = root[key]
    root[key] = undefined
    vi.resetModules()
    try {
      const fresh = await import('../../src/device/select.js')
      expect(fresh.device()).not.toBe(devices.wasm)
      expect(fresh.device()).toBe(fresh.devices['wasm'])
      expect(fresh.probe()).toBe('wasm is active: Programs compiled to WebAssembly SIMD, the default')
    } finally {
      root[key] = own
    }
  })

  it('changes it when told, and says so', () => {
    configure({ backend: { ...devices.reference!, name: 'mine' } })
    expect(probe()).toBe('mine is active: it was chosen by configure')
  })

  it('refuses names it does not know', () => {
    expect(() => {
      configure({ backend: 'abacus' })
    }).toThrow(/no backend is called abacus[^]*try: 'reference' or 'wasm'/)
  })

  it('watches for NaN from when it is told to until it is told not to', () => {
    const make = () => bind(log, [hostTensor(aval([1], 'float32'), Float32Array.of(-1))], none).toArray()
    configure({ debugNans: true })
    expect(make).toThrow('log: made a NaN')
    configure({ debugNans: false })
    expect(make()).toEqual([NaN])
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
