/** Small training runs for the laws of optimizers: parameters, and gradients for three steps. */
import fc from 'fast-check'
import { eighths, list, tensorOf } from '../../laws/index.js'

const tree = list(eighths(-1, 1), 5).map((v) => ({
  dense: { w: tensorOf(v.slice(0, 4), [2, 2], 'float32'), b: [tensorOf(v.slice(4), [], 'float32')] },
}))

/** Random parameters and gradients of one structure. */
export const parameters = fc.record({ params: tree, grads: fc.tuple(tree, tree, tree) })
