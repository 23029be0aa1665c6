/**
 * Constants of Programs (constant folding): evaluated by the reference, whatever the device, so that compiling asks no device for anything.
 * Exact operations give what the device would give; the others what is right to within its documented bounds.
 */
import type { TypedArray } from '../core/dtype.js'
import { hostTensor, peek } from '../core/tensor.js'
import { reference } from '../backend/reference/index.js'
import type { Executor } from '../ir/bind.js'
import { inline } from '../ir/passes/inline.js'
import { oneEquation } from './execute.js'

/** Evaluates a primitive on host tensors, on the host. */
export const evaluateConstant: Executor = (prim, inputs, params) => {
  const ins = inputs.map((x) => x.aval)
  const outs = prim.shape(ins, params)
  const run = reference.compile(inline(oneEquation(prim, ins, outs, params)), { donate: [] })
  return run(inputs.map(peek)).map((data, k) => hostTensor(outs[k]!, data as TypedArray))
}
