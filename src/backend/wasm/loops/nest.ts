/** General loop nests as scalar code. */
import type { Aval } from '../../../core/aval.js'
import type { LoopNest } from '../../../kernel/loop.js'
import type { Caps, LoopCode } from '../kernel.js'
import type { ModuleBuilder } from '../module.js'

/** Writes the function of a nest. */
export const emitNest = (_m: ModuleBuilder, _prefix: string, _nest: LoopNest, _ins: readonly Aval[], _caps: Caps): LoopCode => ({ passes: [], scratch: 0 })
