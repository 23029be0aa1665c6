/** Every optimizer under every transform. What `optim` exports and has no entry here fails. */
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, jit, np, optim, random, scan, valueAndGrad, vmap } from '../../src/index.js'
import { checkGrads, expectSame } from '../../laws/index.js'

const f64 = (values: readonly number[] | readonly (readonly number[])[]): Tensor => np.array(values, { dtype: 'float64' })
const rate = 0.05
/** Where the root is steep a difference has no digits to compare, and at 0 it has no slope: an epsilon inside the root. */
const inside = { epsRoot: 0.1 }

const transformations = {
  adabelief: optim.adabelief(rate, inside),
  adadelta: optim.adadelta(rate, { eps: 1e-3 }),
  adafactor: optim.adafactor(rate, { minDimSizeToFactor: 1, eps: 1e-3 }),
  adagrad: optim.adagrad(rate),
  adam: optim.adam(rate, inside),
  adamax: optim.adamax(rate),
  adamw: optim.adamw(rate, inside),
  adaptiveGradClip: optim.chain(optim.adaptiveGradClip(0.3), optim.sgd(rate)),
  addDecayedWeights: optim.chain(optim.addDecayedWeights(0.1), optim.sgd(rate)),
  addNoise: optim.chain(optim.addNoise({ eta: 0.1, gamma: 0.5, key: random.key(1) }), optim.sgd(rate)),
  amsgrad: optim.amsgrad(rate, inside),
  applyIfFinite: optim.applyIfFinite(optim.adam(rate, inside), 2),
  centralize: optim.chain(optim.centralize(), optim.sgd(rate)),
  chain: optim.chain(optim.clipByGlobalNorm(1), optim.adam(rate, inside)),
  clip: optim.chain(optim.clip(0.4), optim.sgd(rate)),
  clipByBlockRms: optim.chain(optim.clipByBlockRms(0.3), optim.sgd(rate)),
  clipByGlobalNorm: optim.chain(optim.clipByGlobalNorm(0.5), optim.sgd(rate)),
  clipByNorm: optim.chain(optim.clipByNorm(0.5), optim.sgd(rate)),
  ema: optim.chain(optim.ema(0.5), optim.sgd(rate)),
  freeze: optim.chain(
    optim.sgd(rate),
    optim.freeze((path) => path === 'b'),
  ),
  fromStep: optim.fromStep(optim.sgd(rate).steps[0]!),
  fromSteps: optim.fromSteps(optim.momentum(rate).steps),
  identity: optim.chain(optim.identity, optim.sgd(rate)),
  injectHyperparams: optim.injectHyperparams(({ lr }) => optim.momentum(lr), { lr: rate }),
  lamb: optim.lamb(rate, inside),
  lars: optim.lars(rate),
  lion: optim.lion(rate),
  lookahead: optim.lookahead(optim.sgd(rate), { syncPeriod: 2 }),
  masked: optim.masked(optim.adam(rate, inside), (path) => path === 'w'),
  momentum: optim.momentum(rate),
  multiSteps: optim.multiSteps(optim.momentum(rate), 2),
  multiTransform: optim.multiTransform({ fast: optim.sgd(rate), slow: optim.adam(rate / 2, inside) }, (path) =>
    path === 'w' ? 'fast' : 'slow',
  ),
  nadam: optim.nadam(rate, inside),
  nadamw: optim.nadamw(rate, inside),
  nesterov: optim.nesterov(rate),
  radam: optim.radam(rate, { ...inside, b2: 0.7 }),
  rmsprop: optim.rmsprop(rate, { eps: 0.1 }),
  scale: optim.scale(-rate),
  scaleByAdadelta: optim.chain(optim.scaleByAdadelta({ eps: 1e-3 }), optim.scale(-rate)),
  scaleByAdam: optim.chain(optim.scaleByAdam(inside), optim.scale(-rate)),
  scaleByAdamax: optim.chain(optim.scaleByAdamax(), optim.scale(-rate)),
  scaleByAmsgrad: optim.chain(optim.scaleByAmsgrad(inside), optim.scale(-rate)),
  scaleByBelief: optim.chain(optim.scaleByBelief(inside), optim.scale(-rate)),
  scaleByFactoredRms: optim.chain(optim.scaleByFactoredRms({ minDimSizeToFactor: 1, eps: 1e-3 }), optim.scale(-rate)),
  scaleByLbfgs: optim.chain(optim.scaleByLbfgs({ memorySize: 2 }), optim.scale(-rate)),
  scaleByLearningRate: optim.scaleByLearningRate(rate),
  scaleByLion: optim.chain(optim.scaleByLion(), optim.scale(-rate)),
  scaleByParamBlockRms: optim.chain(optim.scaleByParamBlockRms(), optim.scale(-rate)),
  scaleByRadam: optim.chain(optim.scaleByRadam({ ...inside, b2: 0.7 }), optim.scale(-rate)),
  scaleByRms: optim.chain(optim.scaleByRms({ eps: 0.1 }), optim.scale(-rate)),
  scaleByRss: optim.chain(optim.scaleByRss(), optim.scale(-rate)),
  scaleBySchedule: optim.scaleBySchedule((count) => np.div(-rate, np.add(1, count))),
  scaleBySign: optim.chain(optim.scaleBySign(), optim.scale(-rate)),
  scaleByTrustRatio: optim.chain(optim.scaleByTrustRatio(), optim.scale(-rate)),
  scaleByYogi: optim.chain(optim.scaleByYogi(inside), optim.scale(-rate)),
  setToZero: optim.setToZero(),
  sgd: optim.sgd(rate),
  signSgd: optim.signSgd(rate),
  stateless: optim.chain(
    optim.stateless('nothing', (updates) => updates),
    optim.sgd(rate),
  ),
  trace: optim.chain(optim.trace({ decay: 0.5, nesterov: true }), optim.scale(-rate)),
  yogi: optim.yogi(rate, inside),
  zeroNans: optim.chain(optim.zeroNans(), optim.sgd(rate)),
} as const satisfies Readonly<Record<string, optim.GradientTransformation>>

/** A schedule is an optimizer's learning rate: it is followed inside the program. */
const schedules = {
  constantSchedule: optim.constantSchedule(rate),
  cosineDecaySchedule: optim.cosineDecaySchedule({ initValue: rate, decaySteps: 3 }),
  cosineOnecycleSchedule: optim.cosineOnecycleSchedule({ transitionSteps: 4, peakValue: rate }),
  exponentialDecay: optim.exponentialDecay({ initValue: rate, decayRate: 0.5, transitionSteps: 2 }),
  joinSchedules: optim.joinSchedules([optim.constantSchedule(rate), optim.constantSchedule(rate / 2)], [1]),
  linearOnecycleSchedule: optim.linearOnecycleSchedule({ transitionSteps: 4, peakValue: rate }),
  linearSchedule: optim.linearSchedule({ initValue: rate, endValue: 0, transitionSteps: 3 }),
  piecewiseConstantSchedule: optim.piecewiseConstantSchedule(rate, { 1: 0.5 }),
  piecewiseInterpolateSchedule: optim.piecewiseInterpolateSchedule('linear', rate, { 2: 0.5 }),
  polynomialSchedule: optim.polynomialSchedule({ initValue: rate, endValue: 0, power: 2, transitionSteps: 3 }),
  ScheduleMonoid: optim.ScheduleMonoid.concat(optim.constantSchedule(rate), optim.constantSchedule(0.5)),
  sgdrSchedule: optim.sgdrSchedule([{ initValue: 0, peakValue: rate, warmupSteps: 1, decaySteps: 3, endValue: 0 }]),
  stepSchedule: optim.stepSchedule({ initValue: rate, decayRate: 0.5, steps: 2 }),
  warmupConstantSchedule: optim.warmupConstantSchedule({ initValue: 0, peakValue: rate, warmupSteps: 2 }),
  warmupCosineDecaySchedule: optim.warmupCosineDecaySchedule({ initValue: 0, peakValue: rate, warmupSteps: 1, decaySteps: 3 }),
  warmupExponentialDecaySchedule: optim.warmupExponentialDecaySchedule({
    initValue: 0,
    peakValue: rate,
    warmupSteps: 1,
    transitionSteps: 2,
    decayRate: 0.5,
  }),
  warmupRsqrtSchedule: optim.warmupRsqrtSchedule({ peakValue: rate, warmupSteps: 2 }),
} as const satisfies Readonly<Record<string, optim.Schedule>>

/** Used by all of the tests, or no transformations: they have tests of their own. */
const others = ['Eq', 'Monoid', 'applyUpdates', 'globalNorm', 'incrementalUpdate', 'lbfgs', 'minimize', 'wolfeSearch'] as const

interface Params {
  readonly w: Tensor
  readonly b: Tensor
}
const params: Params = { w: f64([[0.5, -1.25], [1.5, 0.75]]), b: f64([0.3, -0.6]) } // prettier-ignore
const xs = f64([[1, 0.5], [-0.75, 1.25], [0.25, -1], [1.5, 0.125]]) // prettier-ignore
const loss = ({ w, b }: Params, x: Tensor): Tensor => np.sum(np.square(np.sub(np.sin(np.add(np.matmul(x, w), b)), 0.3)))

type Carry = readonly [Params, optim.State]
const trainer = (optimizer: optim.GradientTransformation) => {
  const step = ([p, s]: Carry, x: Tensor): readonly [Carry, Tensor] => {
    const [value, grads] = valueAndGrad(loss)(p, x)
    const [updates, next] = optimizer.update(grads, s, p)
    return [[optim.applyUpdates(p, updates), next], value]
  }
  const start = (p: Params): Carry => [p, optimizer.init(p)]
  const loop = (p: Params, all: Tensor): readonly [Carry, Tensor] => {
    let carry = start(p)
    const values: Tensor[] = []
    for (const x of np.unstack(all)) {
      const [next, value] = step(carry, x)
      carry = next
      values.push(value)
    }
    return [carry, np.stack(values)]
  }
  return { loop, epoch: (p: Params, all: Tensor) => scan(step, start(p), all) }
}

const close = (what: string, actual: unknown, expected: unknown): void => {
  expectSame(what, actual, expected, { bound: 1e-11, weak: false })
}

const check = (name: string, optimizer: optim.GradientTransformation): void => {
  describe(name, () => {
    const { loop, epoch } = trainer(optimizer)
    it('an epoch as a scan, compiled or not, is a loop', () => {
      const byHand = loop(params, xs)
      close('scan', epoch(params, xs), byHand)
      close('compiled', jit(loop)(params, xs), byHand)
    })
    it('can be differentiated through, in either mode', () => {
      const judged = (p: Params): Tensor => loss(loop(p, np.index(xs, ':2'))[0][0], np.index(xs, 2))
      checkGrads(judged, [params], { order: 1 })
      close(
        'through a scan',
        grad((p: Params) => loss(epoch(p, xs)[0][0], np.index(xs, 0)))(params),
        grad((p: Params) => loss(loop(p, xs)[0][0], np.index(xs, 0)))(params),
      )
    })
    it('an ensemble by vmap is every member by itself', () => {
      const members = [0, 1, 2].map((i) => ({ w: np.add(params.w, 0.2 * i), b: np.sub(params.b, 0.1 * i) }))
      const all = { w: np.stack(members.map(({ w }) => w)), b: np.stack(members.map(({ b }) => b)) }
      const [[together], values] = vmap(epoch, { inAxes: [0, null] })(all, xs)
      members.forEach((p, i) => {
        const [[alone], value] = loop(p, xs)
        close(`member ${i}`, [np.index(together.w, i), np.index(together.b, i), np.index(values, i)], [alone.w, alone.b, value])
      })
    })
  })
}

it('everything exported has an entry', () => {
  const all = [...Object.keys(transformations), ...Object.keys(schedules), ...others]
  expect(all.sort()).toEqual(Object.keys(optim).sort())
})
for (const [name, transformation] of Object.entries<optim.GradientTransformation>(transformations)) check(name, transformation)
for (const [name, schedule] of Object.entries<optim.Schedule>(schedules)) check(name, optim.momentum(schedule))
