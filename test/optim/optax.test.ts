/** Optimizers and schedules against values computed with optax in float64: see the `source` of optax.json. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { jit, np, optim } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

interface Leaves {
  readonly b: readonly number[]
  readonly w: readonly (readonly number[])[]
}
interface Frozen {
  readonly params: Leaves
  readonly grads: readonly Leaves[]
  readonly parametersAfterEachUpdate: Readonly<Record<string, readonly { readonly b: readonly number[]; readonly w: readonly number[] }[]>>
  readonly counts: readonly number[]
  readonly schedules: Readonly<Record<string, readonly number[]>>
}
const frozen = JSON.parse(readFileSync(new URL('optax.json', import.meta.url), 'utf8')) as Frozen
const tensors = ({ b, w }: Leaves): { b: Tensor; w: Tensor } => ({
  b: np.array(b, { dtype: 'float64' }),
  w: np.array(w, { dtype: 'float64' }),
})
const isW = (path: string): boolean => path === 'w'

const optimizers: Readonly<Record<string, optim.GradientTransformation>> = {
  nesterov: optim.nesterov(0.1),
  adam: optim.adam(0.1),
  adamEpsRoot: optim.adam(0.1, { eps: 1e-3, epsRoot: 1e-2 }),
  nadam: optim.nadam(0.1),
  nadamw: optim.nadamw(0.1, { weightDecay: 0.2 }),
  amsgrad: optim.amsgrad(0.1),
  adamax: optim.adamax(0.1),
  radam: optim.radam(0.1),
  radamB: optim.radam(0.1, { b2: 0.7 }),
  adabelief: optim.adabelief(0.1),
  yogi: optim.yogi(0.1),
  lamb: optim.lamb(0.1, { weightDecay: 0.1 }),
  lars: optim.lars(0.5, { weightDecay: 0.1, trustCoefficient: 0.1 }),
  lion: optim.lion(0.1, { weightDecay: 0.1 }),
  signSgd: optim.signSgd(0.1),
  adafactor: optim.adafactor(0.1),
  adafactorFactored: optim.adafactor(0.1, { minDimSizeToFactor: 2, momentum: 0.5, weightDecayRate: 0.01 }),
  adafactorPlain: optim.adafactor(0.1, { multiplyByParameterScale: false, clippingThreshold: null, minDimSizeToFactor: 2 }),
  multiSteps: optim.multiSteps(optim.adam(0.1), 3),
  ema: optim.chain(optim.ema(0.5), optim.scale(-0.1)),
  emaBiased: optim.chain(optim.ema(0.5, { debias: false }), optim.scale(-0.1)),
  masked: optim.chain(optim.masked(optim.adam(0.1), isW), optim.scale(0.5)),
  multiTransform: optim.multiTransform({ a: optim.adam(0.1), z: optim.sgd(0.5) }, (path) => (isW(path) ? 'a' : 'z')),
  clipByBlockRms: optim.chain(optim.clipByBlockRms(0.5), optim.sgd(0.1)),
  adaptiveGradClip: optim.chain(optim.adaptiveGradClip(0.3), optim.sgd(0.1)),
  inject: optim.injectHyperparams(({ learningRate, momentum }) => optim.sgd(learningRate, { momentum }), {
    learningRate: optim.exponentialDecay({ initValue: 0.5, decayRate: 0.5, transitionSteps: 1 }),
    momentum: 0.5,
  }),
  lbfgs: optim.chain(optim.scaleByLbfgs({ memorySize: 3 }), optim.scale(-0.05)),
  centralize: optim.chain(optim.centralize({ axis: -1 }), optim.sgd(0.1)),
  lookahead: optim.lookahead(optim.sgd(0.1, { momentum: 0.5 }), { syncPeriod: 2, slowStepSize: 0.25 }),
}

/** Of numbers that optax computes in float32 whatever the parameters are. */
const digits: Readonly<Record<string, number>> = { adafactor: 6, adafactorFactored: 6, adafactorPlain: 6, inject: 7 }

describe('six updates are those of optax', () => {
  it('every frozen run is compared', () => {
    expect(Object.keys(optimizers).sort()).toEqual(Object.keys(frozen.parametersAfterEachUpdate).sort())
  })
  for (const [name, optimizer] of Object.entries(optimizers))
    it(name, () => {
      const step = jit(
        (g: Leaves, s: optim.State, p: Leaves) => {
          const [u, next] = optimizer.update(g, s, p)
          return [optim.applyUpdates(p, u), next] as const
        },
        { donate: [1, 2] },
      ) as never as (g: unknown, s: unknown, p: unknown) => readonly [{ b: Tensor; w: Tensor }, optim.State]
      let [params, state] = [tensors(frozen.params), optimizer.init(tensors(frozen.params))]
      expect(frozen.grads.length).toBe(frozen.parametersAfterEachUpdate[name]!.length)
      frozen.grads.forEach((g, i) => {
        ;[params, state] = step(tensors(g), state, params)
        const expected = frozen.parametersAfterEachUpdate[name]![i]!
        for (const leaf of ['b', 'w'] as const)
          expectClose(params[leaf], expected[leaf], { atol: 10 ** -(digits[name] ?? 10) / 2, what: `${leaf} after update ${i + 1}` })
      })
    })
})

describe('schedules are those of optax', () => {
  const schedules: Readonly<Record<string, optim.Schedule>> = {
    onecycleCosine: optim.cosineOnecycleSchedule({ transitionSteps: 20, peakValue: 0.5 }),
    onecycleLinear: optim.linearOnecycleSchedule({ transitionSteps: 20, peakValue: 0.5 }),
    interpolate: optim.piecewiseInterpolateSchedule('linear', 1, { 4: 0.1, 8: 0.01 }),
    interpolateCosine: optim.piecewiseInterpolateSchedule('cosine', 1, { 4: 0.1, 8: 0.5 }),
    sgdr: optim.sgdrSchedule([
      { peakValue: 1, warmupSteps: 2, decaySteps: 8 },
      { initValue: 0.1, peakValue: 0.5, warmupSteps: 1, decaySteps: 10, endValue: 0.05 },
    ]),
    warmupExponential: optim.warmupExponentialDecaySchedule({
      peakValue: 1,
      warmupSteps: 4,
      transitionSteps: 3,
      decayRate: 0.5,
      staircase: true,
      endValue: 0.1,
    }),
  }
  it('every frozen schedule is compared', () => {
    expect(Object.keys(schedules).sort()).toEqual(Object.keys(frozen.schedules).sort())
  })
  for (const [name, schedule] of Object.entries(schedules))
    it(name, () => {
      const rates = frozen.counts.map((count) => Number(schedule(np.array(count, { dtype: 'float64' }))))
      expectClose(rates, frozen.schedules[name]!, { atol: 5e-11 })
    })
  it('steps and the inverse root', () => {
    const at = (s: optim.Schedule, counts: readonly number[]): number[] => counts.map((c) => Number(s(np.array(c, { dtype: 'float64' }))))
    expect(at(optim.stepSchedule({ initValue: 8, decayRate: 0.5, steps: 10 }), [0, 9, 10, 25])).toEqual([8, 8, 4, 2])
    expect(at(optim.stepSchedule({ initValue: 8, decayRate: 0.5, steps: [10, 30] }), [9, 10, 29, 30])).toEqual([8, 4, 4, 2])
    const rsqrt = at(optim.warmupRsqrtSchedule({ peakValue: 2, warmupSteps: 4 }), [0, 2, 4, 16])
    ;[0.5, 1, 2, 1].forEach((v, i) => {
      expect(rsqrt[i]).toBeCloseTo(v, 12)
    })
  })
  it('say what they cannot do', () => {
    expect(() => optim.cosineOnecycleSchedule({ transitionSteps: 0, peakValue: 1 })).toThrow(/transitionSteps must be a number above 0/)
    expect(() => optim.sgdrSchedule([])).toThrow(/there is no cycle/)
    expect(() => optim.piecewiseInterpolateSchedule('linear', 1, { 0: 1 })).toThrow(/a boundary must be a number above 0/)
    expect(() => optim.warmupRsqrtSchedule({ peakValue: 1, warmupSteps: 0 })).toThrow(/warmupSteps must be a number above 0/)
  })
})
