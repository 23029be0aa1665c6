/** `scatter`: updates written into, or combined with, the places that indices name. */
import type { TypedArray } from '../../core/dtype.js'
import { dtypes, isReal } from '../../core/dtype.js'
import { DeviceError, fail } from '../../core/errors.js'
import { dropAxes, otherAxes, sizeOf, stridesOf } from '../../core/shape.js'
import type { HostRoutine } from './kernel.js'
import { integer, integers, text } from './params.js'
import { offsets } from './strided.js'

type Update = (o: TypedArray, at: number, x: number) => void

const floatUpdates: Readonly<Record<string, Update>> = {
  set: (o, at, x) => {
    o[at] = x
  },
  add: (o, at, x) => {
    o[at]! += x
  },
  mul: (o, at, x) => {
    o[at]! *= x
  },
  max: (o, at, x) => {
    o[at] = Math.max(o[at]!, x)
  },
  min: (o, at, x) => {
    o[at] = Math.min(o[at]!, x)
  },
}
const integerUpdates: Readonly<Record<string, Update>> = {
  ...floatUpdates,
  mul: (o, at, x) => {
    o[at] = Math.imul(o[at]!, x)
  },
}
const boolUpdates: Readonly<Record<string, Update>> = {
  ...floatUpdates,
  add: (o, at, x) => {
    o[at]! |= x
  },
}

/** x `[B..., dims...]`, indices `[B..., I..., K]`, updates `[B..., I..., dims without the indexed ones]`; updates out of range are dropped. */
export const scatterKernel: HostRoutine = (site) => {
  const [x, indices] = [site.ins[0]!, site.ins[1]!]
  const axes = integers(site, 'axes')
  const batch = integer(site, 'batch')
  const op = text(site, 'op')
  const update = (isReal(x.dtype) ? floatUpdates : x.dtype === 'bool' ? boolUpdates : integerUpdates)[op]
  if (update === undefined) return fail(DeviceError, `scatter: no operation ${op}`)

  const strides = stridesOf(x.shape)
  const leading = x.shape.slice(0, batch)
  const rest = otherAxes(x.shape.length, [...leading.keys(), ...axes])
  const window = offsets({ sizes: rest.map((a) => x.shape[a]!), strides: rest.map((a) => strides[a]!), offset: 0 })
  const batches = offsets({ sizes: leading, strides: strides.slice(0, batch), offset: 0 })
  const count = axes.length
  const perBatch = sizeOf(dropAxes(indices.shape.slice(batch), [indices.shape.length - 1 - batch]))
  const { from } = dtypes[x.dtype]
  // Sums and products of float32 are kept in float64 until the end: they round once.
  const wide = x.dtype === 'float32' && (op === 'add' || op === 'mul')
  return (inputs) => {
    const [source, index, updates] = [inputs[0]!, inputs[1]!, inputs[2]!]
    const o = wide ? Float64Array.from(source) : source.slice()
    let u = 0
    let p = 0
    for (let b = 0; b < batches.length; b++)
      for (let i = 0; i < perBatch; i++) {
        let at = batches[b]!
        let inside = true
        for (let k = 0; k < count; k++, p++) {
          const v = index[p]!
          if (v < 0 || v >= x.shape[axes[k]!]!) inside = false
          at += v * strides[axes[k]!]!
        }
        if (inside) for (let r = 0; r < window.length; r++) update(o, at + window[r]!, updates[u + r]!)
        u += window.length
      }
    return [wide ? from(o) : o]
  }
}
