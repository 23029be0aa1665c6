import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, losses, nn, np, vmap } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

const f64 = (data: readonly (number | readonly number[])[]): Tensor => np.array(data, { dtype: 'float64' })
const int = (data: readonly number[]): Tensor => np.array(data, { dtype: 'int32' })
const flat = (t: Tensor): number[] => [...t.toTypedArray()]
const close = (got: readonly number[], expected: readonly number[]): void => {
  expectClose(got, expected, { atol: 5e-14 })
}

describe('softmaxCrossEntropy', () => {
  const x = f64([
    [-1, 0, 1, 2],
    [2, 0, 1, -1],
  ])
  it('is the mean of -log softmax at the labels, with its slope', () => {
    expect(Number(losses.softmaxCrossEntropy(x, int([3, 0])))).toBeCloseTo(0.4401896985611953, 14)
    close(
      flat(grad((v: Tensor) => losses.softmaxCrossEntropy(v, int([3, 0])))(x)),
      [
        0.01602930164004249, 0.04357215937101628, 0.11844140904495508, -0.17804287005601382, -0.17804287005601382, 0.043572159371016286,
        0.1184414090449551, 0.016029301640042494,
      ],
    )
  })
  it('a random guess among K classes costs log K', () => {
    for (const k of [2, 3, 10])
      expect(Number(losses.softmaxCrossEntropy(np.zeros([4, k], { dtype: 'float64' }), int([0, 1, 1, 0])))).toBeCloseTo(Math.log(k), 14)
  })
  it('takes probabilities as well as class numbers', () => {
    const same = losses.softmaxCrossEntropy(x, nn.oneHot(int([3, 0]), 4, { dtype: 'float64' }))
    expect(Number(same)).toBeCloseTo(0.4401896985611953, 14)
    const soft = losses.softmaxCrossEntropy(f64([[0, Math.log(3)]]), f64([[0.5, 0.5]]))
    expect(Number(soft)).toBeCloseTo(-0.5 * (Math.log(0.25) + Math.log(0.75)), 14)
  })
  it('is exact for logits far apart', () => {
    expect(Number(losses.softmaxCrossEntropy(f64([[800, -800]]), int([1])))).toBe(1600)
    expect(Number(losses.softmaxCrossEntropy(f64([[800, -800]]), int([0])))).toBe(0)
    expect(flat(grad((v: Tensor) => losses.softmaxCrossEntropy(v, int([1])))(f64([[800, -800]])))).toEqual([1, -1])
  })
  it('reduces as asked', () => {
    const each = flat(losses.softmaxCrossEntropy(x, int([3, 0]), { reduction: 'none' }))
    expect(each.length).toBe(2)
    expect(Number(losses.softmaxCrossEntropy(x, int([3, 0]), { reduction: 'sum' }))).toBeCloseTo(each[0]! + each[1]!, 14)
  })
  it('keeps float32, works per example under vmap(grad)', () => {
    const loss = (v: Tensor, t: Tensor) => losses.softmaxCrossEntropy(v, t)
    const slopes = vmap(grad(loss))(np.zeros([2, 4]), int([1, 2]))
    expect([slopes.dtype, slopes.toArray()]).toEqual([
      'float32',
      [
        [0.25, -0.75, 0.25, 0.25],
        [0.25, 0.25, -0.75, 0.25],
      ],
    ])
  })
  it('says what labels it wants', () => {
    expect(() => losses.softmaxCrossEntropy(x, int([3]))).toThrow(/labels of shape \[1\] do not fit[\s\S]*try: class numbers int32\[2\]/)
    expect(() => losses.softmaxCrossEntropy(x, f64([1, 2]))).toThrow(/do not fit/)
  })
})

describe('sigmoidCrossEntropy', () => {
  it('agrees with the published case', () => {
    const [x, t] = [f64([-1, 0.5, 2]), int([0, 1, 1])]
    expect(Number(losses.sigmoidCrossEntropy(x, t))).toBeCloseTo(0.3047555609137673, 14)
    close(
      flat(grad((v: Tensor) => losses.sigmoidCrossEntropy(v, t))(x)),
      [0.08964714045666503, -0.12584688959938178, -0.039734307340705856],
    )
  })
  it('is exact at 100 and at 800, both signs, both labels', () => {
    const at = (x: number, t: number) => Number(losses.sigmoidCrossEntropy(f64([x]), f64([t])))
    const slope = (x: number, t: number) => flat(grad((v: Tensor) => losses.sigmoidCrossEntropy(v, f64([t])))(f64([x])))[0]!
    expect([at(800, 0), at(-800, 1), at(800, 1), at(-800, 0)]).toEqual([800, 800, 0, 0])
    expect(at(100, 1) / Math.exp(-100)).toBeCloseTo(1, 12)
    expect([slope(800, 0), slope(-800, 1), slope(800, 1), slope(-800, 0)].map((v) => v + 0)).toEqual([1, -1, 0, 0])
    expect(slope(40, 1) / -Math.exp(-40)).toBeCloseTo(1, 12)
  })
})

describe('meanSquaredError', () => {
  const [x, t] = [
    f64([
      [0, 1],
      [2, 4],
    ]),
    f64([
      [1, 1],
      [0, 1],
    ]),
  ]
  it('divides by the number of elements, or of rows', () => {
    expect([Number(losses.meanSquaredError(x, t)), Number(losses.meanSquaredErrorPerRow(x, t))]).toEqual([3.5, 7])
    expect(Number(losses.meanSquaredErrorPerRow(f64([0, 1, 2]), f64([0.5, -1, 2])))).toBeCloseTo(1.4166666666666667, 14)
  })
  it('never broadcasts', () => {
    expect(() => losses.meanSquaredError(np.zeros([3, 1]), np.zeros([3]))).toThrow(/would compare every pair/)
  })
})

describe('accuracy', () => {
  it('is the fraction of right guesses', () => {
    expect(
      Number(
        losses.accuracy(
          f64([
            [0.1, 0.9, 0],
            [0.5, 0.2, 0.3],
            [0.2, 0.2, 0.6],
          ]),
          int([1, 0, 1]),
        ),
      ),
    ).toBeCloseTo(2 / 3, 6)
  })
})
