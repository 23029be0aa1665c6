/** Movements of data, in adjoint pairs: every one's transpose is another of them. */
export { broadcast, broadcastP, full, iota, iotaP, like, reduceSum, reduceSumP, reduction, replicate } from './broadcast.js'
export { moveAxis, reshape, reshapeP, reverse, reverseP, transpose, transposeP } from './layout.js'
export { concat, concatP, pad, padAxis, padP, slice, sliceAxis, sliceP, type Padding } from './pad.js'
