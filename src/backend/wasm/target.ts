/** What the wasm backend computes: everything but a multiply-add of float64 in one rounding, which plain SIMD lacks. */
import type { Target } from '../../compile/target.js'
import { processorFusion, processorMemory } from '../../compile/target.js'
import { line } from './places.js'
import { fmaDouble } from '../../kernel/expand/fma.js'
import { routineOf } from './routines/index.js'

/** The machine that WebAssembly with SIMD is. */
export const target: Target = {
  name: 'wasm',
  definitions: { fma: (x, y, z) => (x.dtype === 'float64' ? fmaDouble(x, y, z) : undefined) },
  fusion: processorFusion,
  hasRoutine: (e) => routineOf(e) !== null,
  ...processorMemory,
  align: line,
}
