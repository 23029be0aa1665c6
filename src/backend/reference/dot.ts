/** `dotGeneral`: every contraction, as batched matrix products over tables of offsets. */
import type { TypedArray } from '../../core/dtype.js'
import { dtypes, isReal } from '../../core/dtype.js'
import { otherAxes, stridesOf, type Shape } from '../../core/shape.js'
import { multiply, packedLength, packLeft, packPanel } from './gemm.js'
import type { HostRoutine } from './kernel.js'
import { integers } from './params.js'
import { offsets } from './strided.js'

/** Products of fewer multiplications than this do without packing. */
const small = 2048

interface Tables {
  readonly xb: Int32Array
  readonly xm: Int32Array
  readonly xk: Int32Array
  readonly yb: Int32Array
  readonly yk: Int32Array
  readonly yn: Int32Array
}

type Product = (o: TypedArray, x: TypedArray, y: TypedArray) => void

const plainFloat =
  ({ xb, xm, xk, yb, yk, yn }: Tables): Product =>
  (o, x, y) => {
    let to = 0
    for (let b = 0; b < xb.length; b++)
      for (let i = 0; i < xm.length; i++) {
        const from = xb[b]! + xm[i]!
        for (let j = 0; j < yn.length; j++) {
          const against = yb[b]! + yn[j]!
          let sum = 0
          for (let k = 0; k < xk.length; k++) sum += x[from + xk[k]!]! * y[against + yk[k]!]!
          o[to++] = sum
        }
      }
  }

/** Few rows: a row of sums, each row of `y` read once and in order. */
const byRows = ({ xb, xm, xk, yb, yk, yn }: Tables): Product => {
  const acc = new Float64Array(yn.length)
  return (o, x, y) => {
    let to = 0
    for (let b = 0; b < xb.length; b++)
      for (let i = 0; i < xm.length; i++) {
        const from = xb[b]! + xm[i]!
        acc.fill(0)
        for (let k = 0; k < xk.length; k++) {
          const factor = x[from + xk[k]!]!
          const row = yb[b]! + yk[k]!
          for (let j = 0; j < acc.length; j++) acc[j]! += factor * y[row + yn[j]!]!
        }
        for (let j = 0; j < acc.length; j++) o[to++] = acc[j]!
      }
  }
}

const blocked =
  ({ xb, xm, xk, yb, yk, yn }: Tables): Product =>
  (o, x, y) => {
    const left = new Float64Array(packedLength(xm.length, xk.length))
    const panel = new Float64Array(4 * xk.length)
    for (let b = 0; b < xb.length; b++) {
      packLeft(left, x, xb[b]!, xm, xk)
      multiply(o, b * xm.length * yn.length, xm.length, yn.length, xk.length, left, panel, (p, j) => {
        packPanel(p, y, yb[b]!, yk, yn, j)
      })
    }
  }

/** Integers wrap modulo 2^32 at every step; in bool, and distributes over or. */
const integral =
  ({ xb, xm, xk, yb, yk, yn }: Tables, bool: boolean): Product =>
  (o, x, y) => {
    let to = 0
    for (let b = 0; b < xb.length; b++)
      for (let i = 0; i < xm.length; i++)
        for (let j = 0; j < yn.length; j++) {
          let sum = 0
          for (let k = 0; k < xk.length; k++) sum = (sum + Math.imul(x[xb[b]! + xm[i]! + xk[k]!]!, y[yb[b]! + yk[k]! + yn[j]!]!)) | 0
          o[to++] = bool ? (sum !== 0 ? 1 : 0) : sum
        }
  }

const unit = (t: Int32Array): boolean => t.length < 2 || t[1]! - t[0]! === 1

const productOf = (t: Tables): Product => {
  const m = t.xm.length
  const n = t.yn.length
  const depth = t.xk.length
  if (m * n * depth <= small) return plainFloat(t)
  if (m < 2 && n > 1 && unit(t.yn)) return byRows(t)
  return m < 2 || n < 3 ? plainFloat(t) : blocked(t)
}

/** Offsets of all positions of the axes `axes` of a row-major array. */
const table = (shape: Shape, axes: readonly number[]): Int32Array => {
  const strides = stridesOf(shape)
  return offsets({ sizes: axes.map((a) => shape[a]!), strides: axes.map((a) => strides[a]!), offset: 0 })
}

/** `[batch..., x free..., y free...]`. */
export const dotKernel: HostRoutine = (site) => {
  const [x, y] = [site.ins[0]!, site.ins[1]!]
  const [xk, yk] = [integers(site, 'lhsContract'), integers(site, 'rhsContract')]
  const [xb, yb] = [integers(site, 'lhsBatch'), integers(site, 'rhsBatch')]
  const t: Tables = {
    xb: table(x.shape, xb),
    xm: table(x.shape, otherAxes(x.shape.length, [...xb, ...xk])),
    xk: table(x.shape, xk),
    yb: table(y.shape, yb),
    yk: table(y.shape, yk),
    yn: table(y.shape, otherAxes(y.shape.length, [...yb, ...yk])),
  }
  const out = site.outs[0]!
  const product = isReal(out.dtype) ? productOf(t) : integral(t, out.dtype === 'bool')
  const make = dtypes[out.dtype].make
  return (inputs) => {
    const o = make(out.size)
    product(o, inputs[0]!, inputs[1]!)
    return [o]
  }
}
