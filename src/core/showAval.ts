/** Avals as errors print them. */
import type { Aval } from './aval.js'

/** `float32[32,784]`; a weak aval is marked `float32*[]`. */
export const showAval = (a: Aval): string => `${a.dtype}${a.weak ? '*' : ''}[${a.shape.join(',')}]`
