/** Plain JavaScript: typed arrays and loops, no library. */
import type { Values } from '../inputs.js'
import type { Adapter } from './adapter.js'

/** Results are there when the call returns. */
export const loops = (): Adapter<Values> => ({
  version: process.version,
  program: (w, inputs) => w.programs.loops?.(null, inputs),
  tensor: (values) => values,
  read: (t) => t,
  run: (call) => call(),
  finish: null,
  hold: (t) => t,
})
