import { describe, expect, it } from 'vitest'
import { metrics, np } from '../../src/index.js'

const f64 = (x: unknown) => np.array(x as number[], { dtype: 'float64' })
const score = (predictions: unknown, targets: unknown, outputs = 1): number => {
  const metric = metrics.r2({ outputs })
  return Number(metric.value(metric.summary({ predictions: f64(predictions), targets: f64(targets) })))
}

describe('r2', () => {
  it('of flat targets is 1 where they are met and 0 where not, whatever their offset', () => {
    for (const level of [0, 0.1, 1 / 3, 1e9]) {
      const flat = Array.from({ length: 7 }, () => level)
      expect(score(flat, flat)).toBe(1)
      expect(
        score(
          flat.map((v) => v + 0.5),
          flat,
        ),
      ).toBe(0)
    }
  })
  it('of several outputs is the mean of theirs, flat ones included', () => {
    expect(
      score(
        [
          [1, 5],
          [2, 5],
          [3, 5],
        ],
        [
          [1, 5],
          [2, 5],
          [3, 5],
        ],
        2,
      ),
    ).toBe(1)
    expect(
      score(
        [
          [1, 5],
          [2, 5],
          [3, 6],
        ],
        [
          [1, 5],
          [2, 5],
          [3, 5],
        ],
        2,
      ),
    ).toBe(0.5)
  })
})
