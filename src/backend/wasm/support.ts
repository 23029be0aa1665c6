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

/** Compiling is tried, not asked about: content policies and edge runtimes let engines validate what they do not let them compile. */
const find = (): string | null => {
  if (typeof WebAssembly === 'undefined') return 'this engine has no WebAssembly'
  try {
    const code = probe() as BufferSource
    if (!WebAssembly.validate(code)) return 'this engine has no WebAssembly SIMD'
    return new WebAssembly.Module(code) instanceof WebAssembly.Module ? null : 'this engine does not compile WebAssembly'
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return /content security policy|\bCSP\b|unsafe-eval/i.test(text)
      ? "the page's content policy does not let WebAssembly be compiled: script-src lacks 'wasm-unsafe-eval'"
      : `WebAssembly cannot be compiled here: ${text.split('\n')[0]!}`
  }
}

let found: string | null | undefined
/** Why nothing can be compiled here; `null` where the engine has WebAssembly with 128-bit SIMD and lets it be used. */
export const unsupported = (): string | null => (found === undefined ? (found = find()) : found)

/** True where the backend runs. */
export const isSupported = (): boolean => unsupported() === null
