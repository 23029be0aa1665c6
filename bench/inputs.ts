/** Seeded inputs: the same numbers in every library, in every run. */

/** Elements of an input. */
export type Values = Float32Array | Float64Array | Int32Array

/** An input: its shape, its elements' type, and how they are drawn. */
export interface Input {
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'float64' | 'int32'
  readonly draw: (random: () => number) => number
}

/** Elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Mulberry32: uniform numbers in [0, 1). */
const uniformFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Normal numbers (the sum of three uniform ones: bounded, nearly normal, quick) times `scale`. */
export const normal = (shape: readonly number[], scale = 1, dtype: 'float32' | 'float64' = 'float32'): Input => ({
  shape,
  dtype,
  draw: (random) => scale * 2 * (random() + random() + random() - 1.5),
})

/** Uniform numbers between `low` and `high`. */
export const uniform = (shape: readonly number[], low: number, high: number): Input => ({
  shape,
  dtype: 'float32',
  draw: (random) => low + (high - low) * random(),
})

/** Whole numbers from 0 to `below` - 1. */
export const integers = (shape: readonly number[], below: number): Input => ({
  shape,
  dtype: 'int32',
  draw: (random) => Math.floor(below * random()),
})

/** All elements alike. */
export const constant = (shape: readonly number[], value: number): Input => ({ shape, dtype: 'float32', draw: () => value })

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array }

/** The elements of an input; `name` is the seed. */
export const valuesOf = (name: string, { shape, dtype, draw }: Input): Values => {
  const random = uniformFrom([...name].reduce((h, c) => Math.imul(h, 31) + c.charCodeAt(0), 17))
  const values = new arrays[dtype](sizeOf(shape))
  for (let i = 0; i < values.length; i++) values[i] = draw(random)
  return values
}

/** Elements as float64, for oracles. */
export const widened = (values: Values): Values => (values instanceof Float32Array ? Float64Array.from(values) : values)

/** Elements of a type, from the bytes of a file. */
export const valuesFrom = (bytes: Uint8Array, dtype: Input['dtype']): Values => new arrays[dtype](new Uint8Array(bytes).buffer)
