/** Operators of ONNX that move elements, or find places of them. */
import { axisOf, by, fit, make, places, read, size, spread, strides, type Value } from './values.js'

type Attributes = Readonly<Record<string, unknown>>
type Operator = (inputs: readonly (Value | undefined)[], attributes: Attributes) => Value

const replace = (at: readonly number[], axis: number, i: number): number[] => at.map((p, k) => (k === axis ? i : p))
const listed = (x: Value | undefined): readonly number[] => {
  if (x?.type !== 'int64' || x.shape.length !== 1) throw new Error('a list of int64 was expected')
  return x.data
}
const integer = (attributes: Attributes, name: string, otherwise: number): number => (attributes[name] as number | undefined) ?? otherwise

const reshape: Operator = ([x, to], { allowzero }) => {
  const shape = listed(to).map((n, k) => (n === 0 && allowzero !== 1 ? x!.shape[k]! : n))
  const known = size(shape.filter((n) => n !== -1))
  return make(
    x!.type,
    shape.map((n) => (n === -1 ? size(x!.shape) / known : n)),
    x!.data,
  )
}

const slice: Operator = ([x, starts, ends, axes, steps]) => {
  const from = x!.shape.map(() => 0)
  const count = x!.shape.slice()
  const step = x!.shape.map(() => 1)
  listed(axes).forEach((a, i) => {
    const n = x!.shape[a]!
    const by = steps === undefined ? 1 : listed(steps)[i]!
    const inside = (v: number, low: number, high: number): number => Math.min(Math.max(v < 0 ? v + n : v, low), high)
    const [start, end] = by > 0 ? [inside(listed(starts)[i]!, 0, n), inside(listed(ends)[i]!, 0, n)] : [inside(listed(starts)[i]!, 0, n - 1), inside(listed(ends)[i]!, -1, n - 1)] // prettier-ignore
    from[a] = start
    step[a] = by
    count[a] = Math.max(0, Math.ceil((end - start) / by))
  })
  return by(x!.type, count, (at) =>
    read(
      x!,
      at.map((i, k) => from[k]! + i * step[k]!),
    ),
  )
}

const pad: Operator = ([x, widths, value, axes]) => {
  const [low, high] = [x!.shape.map(() => 0), x!.shape.map(() => 0)]
  const along = axes === undefined ? x!.shape.map((_, k) => k) : listed(axes)
  const w = listed(widths)
  along.forEach((a, i) => {
    low[a] = w[i]!
    high[a] = w[along.length + i]!
  })
  if (value!.type !== x!.type || value!.data.length !== 1) throw new Error('Pad with a value of another type')
  const shape = x!.shape.map((n, k) => low[k]! + n + high[k]!)
  return by(x!.type, shape, (at) => {
    const inner = at.map((i, k) => i - low[k]!)
    return inner.every((i, k) => i >= 0 && i < x!.shape[k]!) ? read(x!, inner) : value!.data[0]!
  })
}

const concat: Operator = (xs, attributes) => {
  const axis = integer(attributes, 'axis', 0)
  const shape = xs[0]!.shape.map((n, k) => (k === axis ? xs.reduce((m, x) => m + x!.shape[axis]!, 0) : n))
  for (const x of xs)
    if (x!.type !== xs[0]!.type || x!.shape.some((n, k) => k !== axis && n !== shape[k])) throw new Error('Concat of unlike values')
  return by(xs[0]!.type, shape, (at) => {
    let i = at[axis]!
    for (const x of xs) {
      if (i < x!.shape[axis]!) return read(x!, replace(at, axis, i))
      i -= x!.shape[axis]!
    }
    throw new Error('beyond the parts')
  })
}

const gather: Operator = ([x, at], attributes) => {
  const axis = integer(attributes, 'axis', 0)
  const n = at!.shape.length
  return by(x!.type, [...x!.shape.slice(0, axis), ...at!.shape, ...x!.shape.slice(axis + 1)], (p) =>
    read(x!, [...p.slice(0, axis), axisOf(read(at!, p.slice(axis, axis + n)), x!.shape[axis]!), ...p.slice(axis + n)]),
  )
}

const gatherND: Operator = ([x, at], attributes) => {
  const batch = integer(attributes, 'batch_dims', 0)
  const [lead, depth] = [at!.shape.slice(0, -1), at!.shape.at(-1)!]
  return by(x!.type, [...lead, ...x!.shape.slice(batch + depth)], (p) => {
    const row = Array.from({ length: depth }, (_, k) => read(at!, [...p.slice(0, lead.length), k]))
    return read(x!, [...p.slice(0, batch), ...row, ...p.slice(lead.length)])
  })
}

const gatherElements: Operator = ([x, at], attributes) => {
  const axis = integer(attributes, 'axis', 0)
  return by(x!.type, at!.shape, (p) => read(x!, replace(p, axis, axisOf(read(at!, p), x!.shape[axis]!))))
}

const combine: Readonly<Record<string, (type: string) => (a: number, b: number) => number>> = {
  none: () => (_, b) => b,
  add: () => (a, b) => a + b,
  mul: (type) => (type === 'int32' || type === 'uint32' ? Math.imul : (a, b) => a * b),
  max: () => Math.max,
  min: () => Math.min,
}

const scatterElements: Operator = ([x, at, updates], attributes) => {
  const axis = integer(attributes, 'axis', 0)
  const f = combine[(attributes['reduction'] as string | undefined) ?? 'none']!(x!.type)
  if (updates!.type !== x!.type) throw new Error('ScatterElements of another type')
  const data = x!.data.slice()
  const step = strides(x!.shape)
  for (const p of places(at!.shape)) {
    const to = replace(p, axis, read(at!, p))
    read(x!, to) // inside
    const k = to.reduce((n, i, a) => n + i * step[a]!, 0)
    data[k] = fit(x!.type, f(data[k]!, read(updates!, p)))
  }
  return make(x!.type, x!.shape, data)
}

const range: Operator = ([from, to, by]) =>
  make(
    from!.type,
    [Math.max(0, Math.ceil((to!.data[0]! - from!.data[0]!) / by!.data[0]!))],
    Array.from(
      { length: Math.max(0, Math.ceil((to!.data[0]! - from!.data[0]!) / by!.data[0]!)) },
      (_, k) => from!.data[0]! + k * by!.data[0]!,
    ),
  )

const unsqueeze: Operator = ([x, axes]) => {
  const n = x!.shape.length + axes!.data.length
  const added = listed(axes).map((a) => axisOf(a, n))
  let k = 0
  return make(x!.type, Array.from({ length: n }, (_, a) => (added.includes(a) ? 1 : x!.shape[k++]!)), x!.data) // prettier-ignore
}

const squeeze: Operator = ([x, axes]) => {
  const gone = listed(axes).map((a) => axisOf(a, x!.shape.length))
  if (gone.some((a) => x!.shape[a] !== 1)) throw new Error('Squeeze of an axis that is not of size 1')
  return make(x!.type, x!.shape.filter((_, k) => !gone.includes(k)), x!.data) // prettier-ignore
}

/** By name. */
export const movements: Readonly<Record<string, Operator>> = {
  Identity: ([x]) => x!,
  Reshape: reshape,
  Transpose: ([x], { perm }) => {
    const to = perm as readonly number[]
    return by(x!.type, to.map((p) => x!.shape[p]!), (at) => read(x!, x!.shape.map((_, k) => at[to.indexOf(k)]!))) // prettier-ignore
  },
  Slice: slice,
  Pad: pad,
  Concat: concat,
  Expand: ([x, to]) => spread(x!, listed(to)),
  Unsqueeze: unsqueeze,
  Squeeze: squeeze,
  Shape: ([x], { start, end }) => {
    const own = x!.shape.slice(start as number | undefined, end as number | undefined)
    return make('int64', [own.length], own)
  },
  Range: range,
  Gather: gather,
  GatherND: gatherND,
  GatherElements: gatherElements,
  ScatterElements: scatterElements,
}
