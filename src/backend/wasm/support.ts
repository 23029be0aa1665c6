/** Whether the engine has what modules are made of. */
import { f32, f32x4, i32, memory, v128 } from './instructions.js'
import { moduleBuilder } from './module.js'

/** A module with an instruction of each proposal that kernels rely on: vectors, saturating conversions, copies of memory. */
export const probe = (): Uint8Array => {
  const m = moduleBuilder(false)
  m.func('probe', ['i32'], null, (b, x) => {
    b.run(v128.store(x, f32x4.splat(f32.const(0))))
    b.run(memory.copy(x, x, i32.truncSatF32(f32.load(x))))
  })
  return m.finish()
}

let supported: boolean | null = null
/** True where the engine has WebAssembly with 128-bit SIMD, and what came before it. */
export const isSupported = (): boolean =>
  (supported ??= typeof WebAssembly !== 'undefined' && WebAssembly.validate(probe() as BufferSource))
