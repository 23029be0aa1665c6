/** `cumsum`, `cumprod`, `cummax`, `cummin`: reductions that keep every intermediate result along an axis. */
import { dtypes } from '../../core/dtype.js'
import type { Combine } from '../../kernel/loop.js'
import { foldingOf } from './combine.js'
import type { HostRoutine } from './kernel.js'
import { flag, integer } from './params.js'

const cumulative =
  (combine: Combine): HostRoutine =>
  (site) => {
    const { shape, dtype, size } = site.ins[0]!
    const axis = integer(site, 'axis')
    const n = shape[axis]!
    const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1)
    const backwards = flag(site, 'reverse')
    const { identity, row } = foldingOf(combine, dtype)
    const make = dtypes[dtype].make
    const acc = new Float64Array(inner)
    return (inputs) => {
      const a = inputs[0]!
      const o = make(size)
      for (let base = 0; base < size; base += n * inner) {
        acc.fill(identity)
        for (let i = 0; i < n; i++) {
          const at = base + (backwards ? n - 1 - i : i) * inner
          row(acc, a, at, inner, 1)
          for (let j = 0; j < inner; j++) o[at + j] = acc[j]!
        }
      }
      return [o]
    }
  }

/** By name. */
export const cumulativeRoutines: Readonly<Record<string, HostRoutine>> = {
  cumsum: cumulative('add'),
  cumprod: cumulative('mul'),
  cummax: cumulative('max'),
  cummin: cumulative('min'),
}
