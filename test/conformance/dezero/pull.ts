/** The common form of DeZero's cases: inputs by name and a cotangent `gy`; outputs `y` and `grads` by name. */
import type { Tensor } from '../../../src/index.js'
import { vjp } from '../../../src/index.js'
import type { Entry } from '../dezero.js'

/** Tensors by name. */
export type Named = Readonly<Record<string, Tensor>>

/** The value of `f` and the cotangents of its inputs for `gy`. */
export const pulled = (f: (inputs: Named) => Tensor, inputs: Named, gy: Tensor): { readonly y: Tensor; readonly grads: Named } => {
  const [y, pull] = vjp(f, inputs)
  return { y, grads: pull(gy)[0] }
}

/** An operation of named inputs, with the attributes of its case. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- attributes come from a file; each entry knows its own
export type Operation = (inputs: Named, attrs: any) => Tensor

/** The entry of an operation of named inputs. */
export const op =
  (f: Operation): Entry =>
  ({ inputs: { gy, ...inputs }, attrs }) =>
    pulled((xs) => f(xs, attrs), inputs, gy)
