/** Fused multiply-add: a product and a sum that are rounded together. */
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import { none } from '../ir/primitive.js'
import { s } from '../kernel/scalar.js'
import { elementwise, reads } from './define.js'

/** x * y + z, rounded once (float64: but for the rare double rounding). */
export const fmaP = elementwise('fma', {
  scalar: (x, y, z) => s.fma(x, y, z),
  partials: [reads([1], (y) => y), reads([0], (x) => x), 1],
})
export const fma = (x: Tensor, y: Tensor, z: Tensor): Tensor => bind(fmaP, [x, y, z], none)
