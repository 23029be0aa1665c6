/** Movements of data: views become strided copies. */
import type { Aval } from '../../core/aval.js'
import { dtypes } from '../../core/dtype.js'
import type { View } from '../../kernel/view.js'
import { isContiguous } from '../../kernel/view.js'
import type { HostKernel } from './kernel.js'
import { copier } from './strided.js'

/** The kernel that copies a view of `input`; the whole of the input in order is the input itself. */
export const viewKernel = (view: View, input: Aval, out: Aval): HostKernel => {
  if (view.offset === 0 && out.size === input.size && isContiguous(view)) return (ins) => [ins[0]!]
  const make = dtypes[out.dtype].make
  const size = out.size
  if (size === 0) return () => [make(0)]
  if (view.strides.every((s) => s === 0)) {
    const at = view.offset
    return (ins) => [make(size).fill(ins[0]![at]!)]
  }
  const copy = copier({ sizes: view.shape, strides: view.strides, offset: view.offset }, input.size)
  return (ins) => {
    const o = make(size)
    copy(o, ins[0]!)
    return [o]
  }
}
