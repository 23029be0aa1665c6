/** `adjoint/lax`: operations below NumPy's, in the form that the primitives have. */
export type { Binary, Unary } from './numpy/dual.js'
export * from './numpy/lax.js'
