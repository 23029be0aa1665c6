/** Symbolic zeros made real, where a rule needs an array. */
import type { Aval } from '../core/aval.js'
import { scalar, type Tensor } from '../core/tensor.js'
import type { Maybe } from '../ir/linear.js'
import { broadcast } from '../prim/structure.js'

/** A constant tensor of an aval. */
export const filled = (a: Aval, value: number): Tensor => {
  const x = scalar(value, a.dtype, a.weak)
  return a.shape.length === 0 ? x : broadcast(x, a.shape, [])
}

/** Zeros of an aval. */
export const zeros = (a: Aval): Tensor => filled(a, 0)

/** The tangent itself, or zeros in place of the symbolic zero. */
export const instantiate = (t: Maybe, a: Aval): Tensor => t ?? zeros(a)
