/**
 * DeZero: the graphs of the derivatives of tanh grow: 4, 9, 21, 51, 129, 339, 921 and 2571 functions for the orders 1 to 8.
 * Here common parts are computed once: the Program of the eighth derivative has a third of that.
 */
import { np, trace } from 'adjoint'
import { optimizeProgram } from 'adjoint/extend'
import { drawn } from './step26.js'
import { derivatives } from './step34.js'
import type { Step } from './step.js'
import { float64 } from './step.js'

export const step35: Step = {
  title: 'Derivatives of tanh',
  run: async (options) => {
    const x = float64(1)
    const rows = derivatives(np.tanh, 8)
      .slice(1)
      .map((f) => ({ value: Number(f(x).item()), program: optimizeProgram(trace(f, x).program) }))
    const picture = await drawn(rows[1]!.program, 'tanh2.svg', options)
    return [...rows.map(({ value, program }, k) => `${k + 1}: ${value.toFixed(5)}, ${program.equations.length} operations`), ...picture]
  },
}
