/** `adjoint/io`: formats, and the files they come from. */
export type { Capabilities } from './data/capabilities.js'
export { memoryFiles, nodeFiles } from './data/capabilities.js'
export { gunzip, isGzip } from './data/gunzip.js'
export type { Idx } from './data/idx.js'
export { parseIdx } from './data/idx.js'
