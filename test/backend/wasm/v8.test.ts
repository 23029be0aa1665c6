/** V8's options are used where they are asked for, change last bits only, reach all threads, and are set back. */
import { afterAll, describe, expect, it } from 'vitest'
import { configure, grad, jit, np, random, type Tensor } from '../../../src/index.js'
import { f32x4, v128 } from '../../../src/backend/wasm/instructions.js'
import { moduleBuilder } from '../../../src/backend/wasm/module.js'
import { createHeap } from '../../../src/backend/wasm/heap.js'
import { unsafe } from '../../../src/backend/wasm/v8.js'

/** A module that only validates where relaxed SIMD is on. */
const relaxed = (): boolean => {
  const m = moduleBuilder(false)
  m.func('f', ['i32'], null, (b, at) => b.run(v128.store(at, f32x4.relaxedMadd(v128.load(at), v128.load(at), v128.load(at)))))
  return WebAssembly.validate(m.finish() as BufferSource)
}

describe('unsafeV8Flags', () => {
  afterAll(() => {
    configure({ unsafeV8Flags: false })
  })
  const x = random.normal(random.key(2), [260, 130])
  const f = jit(grad((w: Tensor) => np.sum(np.tanh(np.matmul(np.transpose(w), np.exp(w))))))
  const bits = (y: Tensor): Uint8Array => new Uint8Array(y.toTypedArray().buffer)

  it('proves itself on the engines that have the options', () => {
    const plain = { fma: false, ordered: false, wide: false, shared: true }
    const wide = Number(process.versions.v8.split('.')[0]) >= 13
    expect(unsafe(createHeap(true), plain)?.caps).toEqual({ fma: true, ordered: wide, wide, shared: true })
  })
  it('gives the same numbers up to last bits, on any number of threads, and leaves no option behind', async () => {
    const before = relaxed()
    configure({ unsafeV8Flags: false, threads: 1 })
    const plain = f(x)
    configure({ unsafeV8Flags: true })
    const fast = f(x)
    const far = np.max(np.div(np.abs(np.sub(fast, plain)), np.add(1, np.abs(plain)))).item()
    expect(far).toBeLessThan(1e-4)
    configure({ threads: 3 })
    for (let k = 0; k < 30; k++) f(x)
    await new Promise((resolve) => setTimeout(resolve, 300))
    for (let k = 0; k < 5; k++) expect(bits(f(x))).toEqual(bits(fast))
    expect(relaxed()).toBe(before)
    configure({ unsafeV8Flags: false })
    expect(bits(f(x))).toEqual(bits(plain))
  })
})
