/** What the reference backend computes: everything but a multiply-add of float64 in one rounding, which JavaScript lacks. */
import type { Target } from '../../compile/target.js'
import { processorFusion, processorMemory } from '../../compile/target.js'
import { fmaDouble } from '../../kernel/expand/fma.js'
import { hasRoutine } from './routines.js'

/** The machine that plain JavaScript is. */
export const target: Target = {
  name: 'reference',
  definitions: { fma: (x, y, z) => (x.dtype === 'float64' ? fmaDouble(x, y, z) : undefined) },
  fusion: processorFusion,
  hasRoutine: (e) => hasRoutine(e.prim.name),
  ...processorMemory,
}
