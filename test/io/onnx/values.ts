/** Values of ONNX graphs as the standard describes them, in plain code: types, shapes, elements. */

/** Elements row-major. int64 are numbers: none here is beyond 2 ** 53 but the ends of slices. */
export interface Value {
  readonly type: string
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

export const size = (shape: readonly number[]): number => shape.reduce((n, k) => n * k, 1)

export const isFloat = (type: string): boolean => type === 'float32' || type === 'float64'

/** A number as the type holds it; integers wrap. */
export const fit = (type: string, x: number): number => {
  switch (type) {
    case 'float32':
      return Math.fround(x)
    case 'int32':
      return x | 0
    case 'uint32':
      return x >>> 0
    case 'int64':
      if (!Number.isInteger(x)) throw new Error(`${x} is no int64`)
      return x
    default:
      return x
  }
}

export const make = (type: string, shape: readonly number[], data: readonly number[]): Value => {
  if (data.length !== size(shape)) throw new Error(`${data.length} elements for [${shape.join()}]`)
  return { type, shape, data: data.map((x) => fit(type, x)) }
}

export const strides = (shape: readonly number[]): readonly number[] => shape.map((_, k) => size(shape.slice(k + 1)))

/** The places `0 .. n - 1` on every axis, row-major. */
export const places = (shape: readonly number[]): readonly (readonly number[])[] => {
  const step = strides(shape)
  return Array.from({ length: size(shape) }, (_, p) => shape.map((n, k) => Math.floor(p / step[k]!) % n))
}

/** The element at a place, which has to be inside. */
export const read = ({ shape, data }: Value, at: readonly number[]): number => {
  let p = 0
  if (at.length !== shape.length) throw new Error(`${at.length} places on ${shape.length} axes`)
  for (let k = 0; k < shape.length; k++) {
    if (!(at[k]! >= 0 && at[k]! < shape[k]!)) throw new Error(`place ${at[k]} on an axis of ${shape[k]}`)
    p = p * shape[k]! + at[k]!
  }
  return data[p]!
}

/** A value by its element at every place. */
export const by = (type: string, shape: readonly number[], f: (at: readonly number[]) => number): Value =>
  make(type, shape, places(shape).map(f))

export const broadcastShape = (shapes: readonly (readonly number[])[]): readonly number[] => {
  const n = Math.max(0, ...shapes.map((s) => s.length))
  return Array.from({ length: n }, (_, k) => {
    const sizes = shapes.map((s) => s[s.length - n + k] ?? 1)
    const own = sizes.find((m) => m !== 1) ?? 1
    if (sizes.some((m) => m !== 1 && m !== own)) throw new Error(`no broadcast of ${JSON.stringify(shapes)}`)
    return own
  })
}

/** Repeated along axes of size 1 and new ones before. */
export const spread = (x: Value, shape: readonly number[]): Value => {
  if (x.shape.length === shape.length && x.shape.every((n, k) => n === shape[k])) return x
  if (x.data.length === 1) return { type: x.type, shape, data: new Array<number>(size(shape)).fill(x.data[0]!) }
  const first = shape.length - x.shape.length
  const own = strides(x.shape)
  const steps = shape.map((_, k) => (k < first || x.shape[k - first] === 1 ? 0 : own[k - first]!))
  const data: number[] = []
  const visit = (axis: number, p: number): void => {
    if (axis === shape.length) data.push(x.data[p]!)
    else for (let i = 0; i < shape[axis]!; i++) visit(axis + 1, p + i * steps[axis]!)
  }
  visit(0, 0)
  return make(x.type, shape, data)
}

/** `f` of the elements of values of one shape after broadcasting. */
export const zip = (type: string, xs: readonly Value[], f: (...x: number[]) => number): Value => {
  const shape = broadcastShape(xs.map((x) => x.shape))
  const whole = xs.map((x) => spread(x, shape).data)
  return make(
    type,
    shape,
    Array.from({ length: size(shape) }, (_, i) => f(...whole.map((d) => d[i]!))),
  )
}

/** An axis counted from the end where it is negative. */
export const axisOf = (axis: number, n: number): number => (axis < 0 ? axis + n : axis)
