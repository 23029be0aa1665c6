import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { jit, np, optim } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

const at = (schedule: optim.Schedule, counts: readonly number[]): number[] =>
  counts.map((c) => Number(schedule(np.array(c, { dtype: 'float64' }))))

const close = (got: readonly number[], expected: readonly number[]): void => {
  expectClose(got, expected, { atol: 5e-13 })
}

describe('schedules', () => {
  it('constant', () => {
    close(at(optim.constantSchedule(0.3), [0, 7]), [0.3, 0.3])
  })
  it('linear and polynomial', () => {
    close(
      at(optim.linearSchedule({ initValue: 1, endValue: 0.5, transitionSteps: 10, transitionBegin: 2 }), [0, 2, 7, 12, 99]),
      [1, 1, 0.75, 0.5, 0.5],
    )
    close(
      at(optim.polynomialSchedule({ initValue: 1, endValue: 0, power: 2, transitionSteps: 4 }), [0, 1, 2, 4, 5]),
      [1, 0.5625, 0.25, 0, 0],
    )
  })
  it('cosine', () => {
    close(at(optim.cosineDecaySchedule({ initValue: 2, decaySteps: 8, alpha: 0.1 }), [0, 4, 8, 20]), [2, 1.1, 0.2, 0.2])
  })
  it('exponential, smooth and in stairs, bounded', () => {
    close(at(optim.exponentialDecay({ initValue: 1, decayRate: 0.25, transitionSteps: 2 }), [0, 1, 2, 4]), [1, 0.5, 0.25, 0.0625])
    close(
      at(
        optim.exponentialDecay({ initValue: 1, decayRate: 0.5, transitionSteps: 3, staircase: true, transitionBegin: 1 }),
        [0, 3, 4, 6, 7],
      ),
      [1, 1, 0.5, 0.5, 0.25],
    )
    close(at(optim.exponentialDecay({ initValue: 1, decayRate: 0.5, transitionSteps: 1, endValue: 0.2 }), [1, 9]), [0.5, 0.2])
  })
  it('warm-up', () => {
    close(at(optim.warmupConstantSchedule({ peakValue: 0.4, warmupSteps: 4 }), [0, 1, 4, 9]), [0, 0.1, 0.4, 0.4])
    const s = optim.warmupCosineDecaySchedule({ peakValue: 1, warmupSteps: 2, decaySteps: 10, endValue: 0.5 })
    close(at(s, [0, 1, 2, 6, 10, 50]), [0, 0.5, 1, 0.75, 0.5, 0.5])
  })
  it('piecewise and joined', () => {
    close(at(optim.piecewiseConstantSchedule(0.1, { 3: 0.5, 5: 0.1 }), [0, 2, 3, 4, 5]), [0.1, 0.1, 0.05, 0.05, 0.005])
    expect(() => optim.joinSchedules([optim.constantSchedule(1)], [3])).toThrow(/1 schedules need 0 boundaries/)
  })
  it('multiply as a monoid', () => {
    const s = optim.ScheduleMonoid.concat(
      optim.constantSchedule(2),
      optim.linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 2 }),
    )
    close(at(s, [0, 1, 2]), [0, 1, 2])
    close(at(optim.ScheduleMonoid.concat(s, optim.ScheduleMonoid.empty), [1]), [1])
  })
  it('take numbers, and trace', () => {
    const s = optim.warmupCosineDecaySchedule({ peakValue: 1, warmupSteps: 2, decaySteps: 10 })
    expect(Number(s(1))).toBeCloseTo(0.5, 6)
    expect(Number(jit((c: Tensor) => np.add(s(c), 0))(np.array(6)))).toBeCloseTo(0.5, 6)
  })
  it('are counted from 0, one more at every update', () => {
    const t = optim.scaleBySchedule((count) => np.add(count, 1))
    const p = { w: np.array([1]) }
    const [u1, s1] = t.update(p, t.init(p), p)
    const [u2] = t.update(p, s1, p)
    expect([u1.w.toArray(), u2.w.toArray()]).toEqual([[1], [2]])
  })
  it('reject what has no length', () => {
    expect(() => optim.cosineDecaySchedule({ initValue: 1, decaySteps: 0 })).toThrow(/decaySteps must be a number above 0/)
  })
})
