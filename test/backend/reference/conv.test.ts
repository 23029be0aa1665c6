import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aval } from '../../../src/core/aval.js'
import type { DType } from '../../../src/core/dtype.js'
import { sizeOf, stridesOf } from '../../../src/core/shape.js'
import { routine, value } from './compute.js'

interface Axis {
  readonly input: number
  readonly kernel: number
  readonly stride: number
  readonly low: number
  readonly high: number
  readonly lhs: number
  readonly rhs: number
}

const spread = (n: number, dilation: number): number => (n === 0 ? 0 : (n - 1) * dilation + 1)
const outputs = (a: Axis): number =>
  Math.max(0, Math.floor((spread(a.input, a.lhs) + a.low + a.high - spread(a.kernel, a.rhs)) / a.stride) + 1)

const axes = fc.record({
  input: fc.integer({ min: 1, max: 7 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  low: fc.integer({ min: -2, max: 3 }),
  high: fc.integer({ min: -2, max: 3 }),
  lhs: fc.integer({ min: 1, max: 3 }),
  rhs: fc.integer({ min: 1, max: 2 }),
})

const check = (n: number, channels: number, filters: number, groups: number, spatial: readonly Axis[], dtype: DType): void => {
  const xShape = [n, channels * groups, ...spatial.map((a) => a.input)]
  const wShape = [filters * groups, channels, ...spatial.map((a) => a.kernel)]
  const oShape = [n, filters * groups, ...spatial.map(outputs)]
  const fill = (shape: readonly number[], seed: number) =>
    value(
      shape,
      Float64Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 31 + seed) % 13) - 6),
      dtype,
    )
  const [x, w] = [fill(xShape, 2), fill(wShape, 7)]
  const params = {
    strides: spatial.map((a) => a.stride),
    padding: spatial.map((a) => [a.low, a.high]),
    lhsDilation: spatial.map((a) => a.lhs),
    rhsDilation: spatial.map((a) => a.rhs),
    groups,
  }
  const got = routine('conv', [x, w], params, [aval(oShape, dtype)])[0]!

  const [sx, sw, so, taps] = [stridesOf(xShape), stridesOf(wShape), stridesOf(oShape), spatial.map((a) => a.kernel)]
  const st = stridesOf(taps)
  for (let p = 0; p < sizeOf(oShape); p++) {
    const at = so.map((s, k) => Math.floor(p / s) % oShape[k]!)
    let sum = 0
    for (let c = 0; c < channels; c++)
      for (let t = 0; t < sizeOf(taps); t++) {
        const tap = st.map((s, k) => Math.floor(t / s) % taps[k]!)
        const places = spatial.map((a, k) => at[k + 2]! * a.stride + tap[k]! * a.rhs - a.low)
        if (!places.every((q, k) => q >= 0 && q % spatial[k]!.lhs === 0 && q / spatial[k]!.lhs < spatial[k]!.input)) continue
        const from =
          at[0]! * sx[0]! +
          (Math.floor(at[1]! / filters) * channels + c) * sx[1]! +
          places.reduce((o, q, k) => o + (q / spatial[k]!.lhs) * sx[k + 2]!, 0)
        sum += x.data[from]! * w.data[at[1]! * sw[0]! + c * sw[1]! + t]!
      }
    expect(got[p]! + 0).toBe(sum + 0)
  }
}

describe('conv', () => {
  for (const dtype of ['float64', 'int32'] as const)
    it(`agrees with the definition in any number of dimensions, ${dtype}`, () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 2 }),
          fc.array(axes, { maxLength: 2 }),
          (n, channels, filters, groups, spatial) => {
            check(n, channels, filters, groups, spatial, dtype)
          },
        ),
        { numRuns: 150 },
      )
    })

  it('works in three dimensions', () => {
    const a: Axis = { input: 4, kernel: 2, stride: 1, low: 1, high: 0, lhs: 1, rhs: 1 }
    check(1, 2, 2, 1, [a, { ...a, input: 3 }, { ...a, stride: 2 }], 'float64')
  })
})
