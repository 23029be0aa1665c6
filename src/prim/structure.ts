/** Movements of data, in adjoint pairs: every one's transpose is another of them. */
export { broadcast, full, iota, like, reduceSum, replicate } from './broadcast.js'
export { moveAxis, reshape, reverse, transpose } from './layout.js'
export { concat, parts } from './concat.js'
export { pad, padAxis, slice, sliceAxis, type PadParams } from './pad.js'
