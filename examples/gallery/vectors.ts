/** Trees of tensors as vectors. */
import type { Tensor } from '../../src/index.js'
import { np, tree } from '../../src/index.js'

const zip = <T>(f: (a: Tensor, b: Tensor) => Tensor, x: T, y: T): T => tree.map(f as never, x, y as never)

/** `x + s y`. */
export const axpy = <T>(x: T, s: number | Tensor, y: T): T => zip((a, b) => np.add(a, np.mul(s, b)), x, y)

/** `<x, y>`, the sum over all leaves. */
export const dot = <T>(x: T, y: T): Tensor =>
  (tree.leaves(zip((a, b) => np.sum(np.mul(a, b)), x, y)) as readonly Tensor[]).reduce((a, b) => np.add(a, b))

/** The largest difference of any two elements at the same place. */
export const farthest = <T>(x: T, y: T): number =>
  Math.max(...(tree.leaves(zip((a, b) => np.max(np.abs(np.sub(a, b))), x, y)) as readonly Tensor[]).map(Number))
