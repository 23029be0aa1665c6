/** `sort`: operands sorted together along an axis, stably, by the first keys in turn. */
import type { TypedArray } from '../../core/dtype.js'
import { dtypes } from '../../core/dtype.js'
import type { HostRoutine } from './kernel.js'
import { integer } from './params.js'

/** True when `a` may stand before `b`: ascending, NaN last, -0 equal to 0. */
const inOrder = (a: number, b: number): boolean => a <= b || b !== b

/** Sorts `order` by `key[order[i]]` by merging runs of doubling length; equal keys keep their order. */
const mergeSort = (order: Int32Array, spare: Int32Array, key: Float64Array): Int32Array => {
  const n = order.length
  let from = order
  let to = spare
  for (let width = 1; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      const middle = Math.min(start + width, n)
      const end = Math.min(start + 2 * width, n)
      let i = start
      let j = middle
      for (let k = start; k < end; k++)
        to[k] = i < middle && (j >= end || inOrder(key[from[i]!]!, key[from[j]!]!)) ? from[i++]! : from[j++]!
    }
    const swap = from
    from = to
    to = swap
  }
  return from
}

/** All operands have one shape; the last key is sorted by first, so that earlier keys decide. */
export const sortKernel: HostRoutine = (site) => {
  const axis = integer(site, 'axis')
  const keys = integer(site, 'keys')
  const shape = site.ins[0]!.shape
  const n = shape[axis]!
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1)
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1)
  return (inputs) => {
    const outs: readonly TypedArray[] = site.outs.map((a) => dtypes[a.dtype].make(a.size))
    const key = new Float64Array(n)
    let spare: Int32Array = new Int32Array(n)
    let order: Int32Array = new Int32Array(n)
    for (let lane = 0; lane < outer * inner; lane++) {
      const base = Math.floor(lane / inner) * n * inner + (lane % inner)
      for (let i = 0; i < n; i++) order[i] = i
      for (let k = keys - 1; k >= 0; k--) {
        const operand = inputs[k]!
        for (let i = 0; i < n; i++) key[i] = operand[base + i * inner]!
        const sorted = mergeSort(order, spare, key)
        if (sorted !== order) {
          spare = order
          order = sorted
        }
      }
      for (let k = 0; k < outs.length; k++) {
        const o = outs[k]!
        const operand = inputs[k]!
        for (let i = 0; i < n; i++) o[base + i * inner] = operand[base + order[i]! * inner]!
      }
    }
    return outs
  }
}
