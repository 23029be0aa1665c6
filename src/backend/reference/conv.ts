/** `conv`: convolution in any number of spatial dimensions, as a matrix product with the patches of every image. */
import type { TypedArray } from '../../core/dtype.js'
import { dtypes, isReal } from '../../core/dtype.js'
import { range, sizeOf, stridesOf } from '../../core/shape.js'
import { multiply, packedLength, packLeft } from './gemm.js'
import type { HostRoutine } from './kernel.js'
import { integer, integers, pairs } from './params.js'
import { offsets } from './strided.js'

/** For one axis, `[output position * kernel size + tap]` is the input position, or -1 in the padding and between dilated elements. */
const axisTable = (
  input: number,
  output: number,
  kernel: number,
  stride: number,
  low: number,
  dilation: number,
  spread: number,
): Int32Array => {
  const t = new Int32Array(output * kernel)
  for (let o = 0; o < output; o++)
    for (let k = 0; k < kernel; k++) {
      const p = o * stride + k * spread - low
      t[o * kernel + k] = p >= 0 && p % dilation === 0 && p / dilation < input ? p / dilation : -1
    }
  return t
}

/** Row-major multi-index of every position of `shape`. */
const positions = (shape: readonly number[]): readonly Int32Array[] => {
  const strides = stridesOf(shape)
  return shape.map((size, axis) => Int32Array.from({ length: sizeOf(shape) }, (_, p) => Math.floor(p / strides[axis]!) % size))
}

/** x `[N, C, spatial...]`, w `[O, C / groups, spatial...]` to `[N, O, out...]`. */
export const convKernel: HostRoutine = (site) => {
  const [x, w] = [site.ins[0]!, site.ins[1]!]
  const out = site.outs[0]!
  const groups = integer(site, 'groups')
  const [strides, padding] = [integers(site, 'strides'), pairs(site, 'padding')]
  const [lhs, rhs] = [integers(site, 'lhsDilation'), integers(site, 'rhsDilation')]
  const spatial = x.shape.slice(2)
  const taps = w.shape.slice(2)
  const places = out.shape.slice(2)
  const images = x.shape[0]!
  const channels = w.shape[1]!
  const filters = w.shape[0]! / groups
  const pixels = sizeOf(spatial)
  const window = sizeOf(taps)
  const area = sizeOf(places)
  const depth = channels * window

  const tables = range(spatial.length).map((a) =>
    axisTable(spatial[a]!, places[a]!, taps[a]!, strides[a]!, padding[a]![0], lhs[a]!, rhs[a]!),
  )
  const inputStrides = stridesOf(spatial)
  const placeIndex = positions(places)
  const tapIndex = positions(taps)

  /** Offset into one channel of what tap `t` reads for output position `p`, or -1. */
  const source = (p: number, t: number): number => {
    let at = 0
    for (let a = 0; a < tables.length; a++) {
      const i = tables[a]![placeIndex[a]![p]! * taps[a]! + tapIndex[a]![t]!]!
      if (i < 0) return -1
      at += i * inputStrides[a]!
    }
    return at
  }
  const make = dtypes[out.dtype].make
  const rows = offsets({ sizes: [filters], strides: [depth], offset: 0 })
  const columns = offsets({ sizes: [depth], strides: [1], offset: 0 })

  const forFloats = (o: TypedArray, xs: TypedArray, ws: TypedArray): void => {
    const left = new Float64Array(packedLength(filters, depth))
    const panel = new Float64Array(4 * depth)
    for (let g = 0; g < groups; g++) {
      packLeft(left, ws, g * filters * depth, rows, columns)
      for (let image = 0; image < images; image++) {
        const base = (image * groups + g) * channels * pixels
        const to = (image * groups + g) * filters * area
        multiply(o, to, filters, area, depth, left, panel, (packed, p) => {
          for (let j = 0; j < 4; j++)
            for (let t = 0; t < window; t++) {
              const at = p + j < area ? source(p + j, t) : -1
              for (let c = 0, q = t * 4 + j; c < channels; c++, q += 4 * window) packed[q] = at < 0 ? 0 : xs[base + c * pixels + at]!
            }
        })
      }
    }
  }
  const forIntegers = (o: TypedArray, xs: TypedArray, ws: TypedArray): void => {
    let to = 0
    for (let image = 0; image < images; image++)
      for (let f = 0; f < filters * groups; f++)
        for (let p = 0; p < area; p++) {
          const base = (image * groups + Math.floor(f / filters)) * channels * pixels
          let sum = 0
          for (let t = 0; t < window; t++) {
            const at = source(p, t)
            if (at < 0) continue
            for (let c = 0; c < channels; c++) sum = (sum + Math.imul(xs[base + c * pixels + at]!, ws[f * depth + c * window + t]!)) | 0
          }
          o[to++] = sum
        }
  }
  const run = isReal(out.dtype) ? forFloats : forIntegers
  return (inputs) => {
    const o = make(out.size)
    run(o, inputs[0]!, inputs[1]!)
    return [o]
  }
}
