/** Slices from and padding at positions that are operands. */
import { dtypes, type TypedArray } from '../../core/dtype.js'
import { stridesOf } from '../../core/shape.js'
import { identityView, sliceView } from '../../kernel/view.js'
import type { HostRoutine } from './kernel.js'
import { copier, extent } from './strided.js'

/** The element that positions name. */
const elementAt = (positions: TypedArray, strides: readonly number[]): number => {
  let at = 0
  for (let k = 0; k < strides.length; k++) at += positions[k]! * strides[k]!
  return at
}

/** `sliceFrom`: the copy of the slice at the beginning, of what begins at the position. */
export const sliceFromKernel: HostRoutine = ({ ins: [x], outs: [y], params }) => {
  const { sizes, step } = params as { readonly sizes: readonly number[]; readonly step: readonly number[] }
  const strides = stridesOf(x!.shape)
  const view = sliceView(
    identityView(x!.shape),
    sizes.map(() => 0),
    sizes,
    step,
  )
  const walk = { sizes, strides: view.strides, offset: 0 }
  const length = extent(walk)[1] + 1
  const copy = copier(walk, length)
  const { make } = dtypes[y!.dtype]
  const size = y!.size
  return ([a, positions]) => {
    const out = make(size)
    if (size === 0) return [out]
    const from = elementAt(positions!, strides)
    if (size === 1) out[0] = a![from]!
    else copy(out, from === 0 && a!.length === length ? a! : a!.subarray(from, from + length))
    return [out]
  }
}

/** `padFrom`: the rows of `x` over the value. */
export const padFromKernel: HostRoutine = ({ ins: [x], outs: [y] }) => {
  const strides = stridesOf(y!.shape)
  const rank = strides.length
  // A row ends where x is narrower than the result.
  let axis = Math.max(rank - 1, 0)
  while (axis > 0 && x!.shape[axis] === y!.shape[axis]) axis--
  const row = x!.shape.slice(axis).reduce((n, m) => n * m, 1)
  const rows = x!.size === 0 ? 0 : x!.size / row
  const { make } = dtypes[y!.dtype]
  const index = new Int32Array(axis)
  return ([a, value, positions]) => {
    const out = make(y!.size)
    if (value![0] !== 0 || Object.is(value![0], -0)) out.fill(value![0]!)
    let to = elementAt(positions!, strides)
    index.fill(0)
    for (let r = 0; r < rows; r++) {
      if (row >= 64) out.set(a!.subarray(r * row, (r + 1) * row), to)
      else for (let c = 0, from = r * row; c < row; c++) out[to + c] = a![from + c]!
      for (let k = axis - 1; k >= 0; k--) {
        to += strides[k]!
        if (++index[k]! < x!.shape[k]!) break
        to -= x!.shape[k]! * strides[k]!
        index[k] = 0
      }
    }
    return [out]
  }
}
