/** Operators of ONNX that combine elements: reductions, running sums, orders, products, windows. */
import { axisOf, by, make, places, read, size, type Value } from './values.js'

type Attributes = Readonly<Record<string, unknown>>
type Operator = (inputs: readonly (Value | undefined)[], attributes: Attributes) => readonly Value[]

const replace = (at: readonly number[], axis: number, i: number): number[] => at.map((p, k) => (k === axis ? i : p))
const count = (n: number): readonly number[] => Array.from({ length: n }, (_, k) => k)
const listOf = (attributes: Attributes, name: string): readonly number[] => attributes[name] as readonly number[]

/** The values of `x` along some axes at every place of the others. */
const along = (x: Value, axes: readonly number[], f: (xs: readonly number[]) => number, type = x.type): Value => {
  const rest = x.shape.map((_, k) => k).filter((k) => !axes.includes(k))
  const inner = places(axes.map((a) => x.shape[a]!))
  return by(type, rest.map((k) => x.shape[k]!), (at) => f(inner.map((own) => read(x, x.shape.map((_, k) => (axes.includes(k) ? own[axes.indexOf(k)]! : at[rest.indexOf(k)]!)))))) // prettier-ignore
}

const least: Readonly<Record<string, number>> = { int32: -(2 ** 31), uint32: 0, int64: -(2 ** 53), bool: 0 }
const most: Readonly<Record<string, number>> = { int32: 2 ** 31 - 1, uint32: 2 ** 32 - 1, int64: 2 ** 53, bool: 1 }
const maximum =
  (type: string) =>
  (xs: readonly number[]): number =>
    xs.reduce((a, b) => Math.max(a, b), least[type] ?? -Infinity)
const minimum =
  (type: string) =>
  (xs: readonly number[]): number =>
    xs.reduce((a, b) => Math.min(a, b), most[type] ?? Infinity)
const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0)
const logSumExp = (xs: readonly number[]): number => {
  const top = maximum('float64')(xs)
  return Number.isFinite(top) ? top + Math.log(sum(xs.map((x) => Math.exp(x - top)))) : top
}

/** onnxruntime saturates sums and products of int32, and has none of uint32: they are not to be asked for. */
const reduce =
  (f: (type: string) => (xs: readonly number[]) => number, types: readonly string[]): Operator =>
  ([x, axes], { keepdims }) => {
    if (keepdims !== 0 || !types.includes(x!.type)) throw new Error(`a reduction of ${x!.type}`)
    return [along(x!, axes!.data, f(x!.type))]
  }

const extreme =
  (f: (type: string) => (xs: readonly number[]) => number): Operator =>
  ([x], { axis }) => [along(x!, [axis as number], (xs) => Math.max(0, xs.indexOf(f(x!.type)(xs))), 'int64')]

const cumSum: Operator = ([x, axis], { reverse, exclusive }) => {
  if (x!.type === 'uint32' || exclusive !== undefined) throw new Error('CumSum')
  const a = axis!.data[0]!
  const n = x!.shape[a]!
  return [by(x!.type, x!.shape, (at) => sum(count(n).filter((i) => (reverse === 1 ? i >= at[a]! : i <= at[a]!)).map((i) => read(x!, replace(at, a, i)))))] // prettier-ignore
}

const topK: Operator = ([x, k], { axis, largest, sorted }) => {
  if (largest !== 0 || sorted !== 1 || !['float32', 'float64', 'int32', 'int64'].includes(x!.type)) throw new Error('TopK')
  const a = axis as number
  const order = new Map<string, readonly number[]>()
  const orderAt = (at: readonly number[]): readonly number[] => {
    const key = replace(at, a, 0).join()
    const xs = count(x!.shape[a]!).map((i) => read(x!, replace(at, a, i)))
    if (xs.some(Number.isNaN)) throw new Error('TopK of a NaN')
    const found = order.get(key) ?? [...count(xs.length)].sort((i, j) => xs[i]! - xs[j]! || i - j)
    order.set(key, found)
    return found
  }
  const shape = replace(x!.shape, a, k!.data[0]!)
  return [by(x!.type, shape, (at) => read(x!, replace(at, a, orderAt(at)[at[a]!]!))), by('int64', shape, (at) => orderAt(at)[at[a]!]!)]
}

const softmax =
  (log: boolean): Operator =>
  ([x], { axis }) => {
    const a = axisOf(axis as number, x!.shape.length)
    const tops = along(x!, [a], maximum('float64'), 'float64')
    const sums = along(x!, [a], (xs) => sum(xs.map((v) => Math.exp(v - maximum('float64')(xs)))), 'float64')
    return [
      by(x!.type, x!.shape, (at) => {
        const row = at.filter((_, k) => k !== a)
        const below = read(x!, at) - read(tops, row)
        return log ? below - Math.log(read(sums, row)) : Math.exp(below) / read(sums, row)
      }),
    ]
  }

const matMul: Operator = ([x, y]) => {
  if (x!.type !== y!.type || x!.type === 'bool') throw new Error(`MatMul of ${x!.type} and ${y!.type}`)
  const [m, k] = x!.shape.slice(-2) as [number, number]
  const n = y!.shape.at(-1)!
  const lead = x!.shape.slice(0, -2)
  const other = y!.shape.slice(0, -2)
  if (y!.shape.at(-2) !== k || x!.shape.length < 2 || (other.length > 0 && other.join() !== lead.join())) throw new Error('MatMul')
  const data: number[] = []
  for (let b = 0; b < size(lead); b++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let total = 0
        const [p, q] = [(b * m + i) * k, other.length > 0 ? b * k * n + j : j]
        for (let t = 0; t < k; t++) {
          const [u, v] = [x!.data[p + t]!, y!.data[q + t * n]!]
          total = x!.type === 'int32' || x!.type === 'uint32' ? (total + Math.imul(u, v)) | 0 : total + u * v
        }
        data.push(total)
      }
  return [make(x!.type, [...lead, m, n], data)]
}

interface Window {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  readonly low: readonly number[]
  readonly high: readonly number[]
}
const windowOf = (attributes: Attributes): Window => {
  const kernel = listOf(attributes, 'kernel_shape')
  const pads = listOf(attributes, 'pads')
  return {
    kernel,
    strides: listOf(attributes, 'strides'),
    dilations: (attributes['dilations'] as readonly number[] | undefined) ?? kernel.map(() => 1),
    low: pads.slice(0, kernel.length),
    high: pads.slice(kernel.length),
  }
}
const countOf = (w: Window, spatial: readonly number[]): readonly number[] =>
  spatial.map((n, k) => Math.floor((n + w.low[k]! + w.high[k]! - (w.kernel[k]! - 1) * w.dilations[k]! - 1) / w.strides[k]!) + 1)

/** The elements of every window of one channel; undefined in the padding. */
const pool =
  (f: (xs: readonly (number | undefined)[]) => number, wide: boolean): Operator =>
  ([x], attributes) => {
    const w = windowOf(attributes)
    if (x!.type !== 'float32' || (w.low.some((n, k) => n >= w.kernel[k]!) && !wide)) throw new Error('pooling')
    const cells = places(w.kernel)
    const inside = (at: readonly number[]): boolean => at.every((i, k) => i >= 0 && i < x!.shape[k + 2]!)
    return [by(x!.type, [...x!.shape.slice(0, 2), ...countOf(w, x!.shape.slice(2))], (at) => f(cells.map((c) => {
      const from = c.map((i, k) => at[k + 2]! * w.strides[k]! - w.low[k]! + i * w.dilations[k]!)
      return inside(from) ? read(x!, [...at.slice(0, 2), ...from]) : undefined
    })))] // prettier-ignore
  }

const flat = (shape: readonly number[], at: readonly number[]): number =>
  at.reduce((p, i, k) => (i < 0 || i >= shape[k]! ? NaN : p * shape[k]! + i), 0)

/** `visit(output, cell, input)`: the places in space that a cell of the kernel joins, as offsets. */
const joined = (w: Window, outer: readonly number[], inner: readonly number[], visit: (o: number, c: number, i: number) => void): void => {
  const cells = places(w.kernel)
  places(outer).forEach((at, o) => {
    cells.forEach((cell, c) => {
      const i = flat(inner, at.map((p, k) => p * w.strides[k]! - w.low[k]! + cell[k]! * w.dilations[k]!)) // prettier-ignore
      if (!Number.isNaN(i)) visit(o, c, i)
    })
  })
}

const conv: Operator = ([x, w], attributes) => {
  const window = windowOf(attributes)
  const groups = attributes['group'] as number
  const [n, c, ...inner] = x!.shape as [number, number, ...number[]]
  const outer = countOf(window, inner)
  const [f, own] = [w!.shape[0]!, c / groups]
  const [cells, pixels, points] = [size(window.kernel), size(inner), size(outer)]
  const data = new Array<number>(n * f * points).fill(0)
  joined(window, outer, inner, (o, k, i) => {
    for (let b = 0; b < n; b++)
      for (let q = 0; q < f; q++) {
        const first = Math.floor(q / (f / groups)) * own
        for (let p = 0; p < own; p++) data[(b * f + q) * points + o]! += x!.data[(b * c + first + p) * pixels + i]! * w!.data[(q * own + p) * cells + k]! // prettier-ignore
      }
  })
  return [make(x!.type, [n, f, ...outer], data)]
}

const convTranspose: Operator = ([x, w], attributes) => {
  const window = windowOf(attributes)
  const groups = attributes['group'] as number
  const [n, c, ...inner] = x!.shape as [number, number, ...number[]]
  const outer = inner.map((m, k) => (m - 1) * window.strides[k]! + (window.kernel[k]! - 1) * window.dilations[k]! + 1 - window.low[k]! - window.high[k]!) // prettier-ignore
  const [own, each] = [c / groups, w!.shape[1]!]
  const [cells, pixels, points] = [size(window.kernel), size(inner), size(outer)]
  const data = new Array<number>(n * groups * each * points).fill(0)
  joined(window, inner, outer, (i, k, o) => {
    for (let b = 0; b < n; b++)
      for (let p = 0; p < c; p++)
        for (let q = 0; q < each; q++) data[(b * groups * each + Math.floor(p / own) * each + q) * points + o]! += x!.data[(b * c + p) * pixels + i]! * w!.data[(p * each + q) * cells + k]! // prettier-ignore
  })
  return [make(x!.type, [n, groups * each, ...outer], data)]
}

const floats = ['float32', 'float64']

/** By name. */
export const reductions: Readonly<Record<string, Operator>> = {
  ReduceSum: reduce(() => sum, [...floats, 'int64']),
  ReduceProd: reduce(() => (xs) => xs.reduce((a, b) => a * b, 1), floats),
  ReduceMax: reduce(maximum, [...floats, 'int32']),
  ReduceMin: reduce(minimum, [...floats, 'int32']),
  ReduceLogSumExp: reduce(() => logSumExp, floats),
  ArgMax: extreme(maximum),
  ArgMin: extreme(minimum),
  CumSum: cumSum,
  TopK: topK,
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
  MatMul: matMul,
  MaxPool: pool((xs) => xs.reduce<number>((a, b) => (b === undefined ? a : Math.max(a, b)), -Infinity), false),
  AveragePool: pool((xs) => sum(xs.map((v) => v ?? 0)) / xs.length, false),
  Conv: conv,
  ConvTranspose: convTranspose,
}
