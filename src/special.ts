/** `adjoint/special`: special functions, with SciPy's names. */
export type { Binary, Unary } from './numpy/dual.js'
export * from './numpy/special.js'
