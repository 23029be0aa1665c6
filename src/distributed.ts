/** `adjoint/distributed`: functions that several members run at once, and speak across. */
export type { SpmdOptions } from './distributed/spmd.js'
export { spmd } from './distributed/spmd.js'
