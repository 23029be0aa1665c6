/** Whether fused multiply-add can be tested here: relaxed SIMD, which Node 20 has behind a flag, that rounds once. */
import v8 from 'node:v8'
import { f32x4, v128 } from '../../../src/backend/wasm/instructions.js'
import { moduleBuilder } from '../../../src/backend/wasm/module.js'

const probe = (): boolean => {
  const m = moduleBuilder(false)
  m.func('probe', ['i32'], null, (b, at) => {
    const x = b.let(v128.load(at))
    b.run(v128.store(at, f32x4.relaxedMadd(x, x, f32x4.const(-1))))
  })
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 })
  const bytes = m.finish() as BufferSource
  if (!WebAssembly.validate(bytes)) v8.setFlagsFromString('--experimental-wasm-relaxed-simd')
  if (!WebAssembly.validate(bytes)) return false
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory, own: 0 } })
  const x = new Float32Array(memory.buffer, 0, 4).fill(1 + 2 ** -12)
  ;(exports['probe'] as (at: number) => void)(0)
  return x[0] === 2 ** -11 + 2 ** -24
}

/** What `fma` may be in tests here. */
export const fmaModes: readonly boolean[] = probe() ? [false, true] : [false]
