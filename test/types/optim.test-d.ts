/** The states of optimizers are typed exactly, and typing them costs their users nothing. */
import { jit, np, optim, scan, tree } from 'adjoint'
import type { Tensor } from 'adjoint'
import { concatAll } from 'fp-ts/lib/Monoid.js'
import { describe, expectTypeOf, it } from 'vitest'

interface Params {
  readonly l0: { readonly w: Tensor; readonly b: Tensor }
  readonly rest: readonly [Tensor, null]
}
declare const p: Params
declare const rate: optim.LearningRate
const schedule: optim.Schedule = optim.constantSchedule(0.1)

describe('the state of an optimizer', () => {
  it('has the trees of its parameters', () => {
    const state = optim.adam(1e-3).init(p)
    expectTypeOf(state).toEqualTypeOf<readonly [optim.AdamState<Params>, optim.EmptyState]>()
    expectTypeOf(state[0].mu.l0.w).toEqualTypeOf<Tensor>()
    expectTypeOf(state[0].nu.rest).toEqualTypeOf<readonly [Tensor, null]>()
    expectTypeOf(optim.scaleByAmsgrad().init(p)[0].nuMax).toEqualTypeOf<Params>()
    expectTypeOf(optim.scaleByLbfgs().init(p)[0].steps).toEqualTypeOf<Params>()
    // @ts-expect-error -- Adam keeps no trace
    void state[0].trace
  })
  it('is what update takes and returns', () => {
    const optimizer = optim.chain(optim.clipByGlobalNorm(1), optim.adamw(1e-3))
    type State = ReturnType<typeof optimizer.init<Params>>
    expectTypeOf<State>().toEqualTypeOf<readonly [optim.EmptyState, optim.AdamState<Params>, optim.EmptyState, optim.EmptyState]>()
    const state = optimizer.init(p)
    expectTypeOf(state).toEqualTypeOf<State>()
    expectTypeOf(optimizer.update(p, state, p)).toEqualTypeOf<readonly [Params, State]>()
    // @ts-expect-error -- the state of another optimizer
    optimizer.update(p, optim.adam(1e-3).init(p), p)
    // @ts-expect-error -- no state at all
    optimizer.update(p, {}, p)
  })
  it('of any parameters is a type too', () => {
    const optimizer = optim.adam(1e-3)
    type State = ReturnType<typeof optimizer.init>
    expectTypeOf<State>().toEqualTypeOf<readonly [optim.AdamState<unknown>, optim.EmptyState]>()
    const step = jit((q: Params, s: State) => {
      const [updates, next] = optimizer.update(q, s, q)
      return [optim.applyUpdates(q, updates), next] as const
    })
    let [params, state]: readonly [Params, State] = [p, optimizer.init(p)]
    for (let i = 0; i < 2; i++) [params, state] = step(params, state)
    expectTypeOf(params).toEqualTypeOf<Params>()
  })
  it('goes through jit and scan', () => {
    const optimizer = optim.chain(optim.clip(1), optim.sgd(schedule, { momentum: 0.9 }))
    type State = ReturnType<typeof optimizer.init<Params>>
    const step = jit((q: Params, s: State) => optimizer.update(q, s, q))
    expectTypeOf(step(p, optimizer.init(p))).toExtend<readonly [Params, State]>()
    const body = ([q, s]: readonly [Params, State], g: Params) => [optimizer.update(g, s, q), null] as const
    const [[after, state]] = scan(body, [p, optimizer.init(p)] as const, p)
    expectTypeOf(after).toExtend<Params>()
    expectTypeOf(state).toExtend<State>()
  })
  it('follows the learning rate', () => {
    expectTypeOf(optim.sgd(0.1).init(p)).toEqualTypeOf<readonly [optim.EmptyState]>()
    expectTypeOf(optim.sgd(np.array(0.1)).init(p)).toEqualTypeOf<readonly [optim.EmptyState]>()
    expectTypeOf(optim.adagrad(schedule).init(p)).toEqualTypeOf<readonly [optim.RssState<Params>, optim.Counted]>()
    expectTypeOf(optim.adam(rate).init(p)).toEqualTypeOf<readonly [optim.AdamState<Params>, optim.EmptyState | optim.Counted]>()
    expectTypeOf(optim.adadelta().init(p)).toEqualTypeOf<readonly [optim.AdadeltaState<Params>, optim.EmptyState]>()
  })
  it('of sgd and rmsprop has a trace only where there may be momentum', () => {
    expectTypeOf(optim.sgd(0.1, { momentum: 0.9 }).init(p)).toEqualTypeOf<
      readonly [optim.EmptyState] | readonly [optim.TraceState<Params>, optim.EmptyState]
    >()
    expectTypeOf(optim.rmsprop(0.1).init(p)).toEqualTypeOf<readonly [optim.RmsState<Params>, optim.EmptyState]>()
    // @ts-expect-error -- an option that does not exist
    optim.sgd(0.1, { momentun: 0.9 })
  })
})

describe('transformations of transformations', () => {
  const adam = optim.adam(1e-3)
  type Adam = readonly [optim.AdamState, optim.EmptyState]
  it('have the state inside theirs', () => {
    expectTypeOf(optim.multiSteps(adam, 4)).toEqualTypeOf<optim.GradientTransformation<readonly [optim.MultiStepsState<Adam>]>>()
    expectTypeOf(optim.multiSteps(adam, 4).init(p)[0].inner[0].mu).toEqualTypeOf<Params>()
    expectTypeOf(optim.multiSteps(adam, 4).init(p)[0].accumulated).toEqualTypeOf<Params>()
    expectTypeOf(optim.applyIfFinite(adam, 4).init(p)[0].inner[0].nu.l0).toEqualTypeOf<Params['l0']>()
    expectTypeOf(optim.lookahead(adam).init(p)[0].slow).toEqualTypeOf<Params>()
    expectTypeOf(optim.lookahead(adam).init(p)[0].fast[0].mu).toEqualTypeOf<Params>()
  })
  it('of some leaves say nothing of the trees', () => {
    expectTypeOf(optim.masked(adam, () => true).init(p)[0].inner[0].mu).toEqualTypeOf<unknown>()
    const parts = optim.multiTransform({ slow: optim.sgd(0.1), fast: adam }, (path) => (path === 'a' ? 'slow' : 'fast'))
    expectTypeOf(parts.init(p)[0].fast[0].count).toEqualTypeOf<Tensor>()
    expectTypeOf(parts.init(p)[0].slow).toEqualTypeOf<readonly [optim.EmptyState]>()
    // @ts-expect-error -- no group is called so
    void parts.init(p)[0].quick
  })
  it('by hyperparameters know their names', () => {
    const optimizer = optim.injectHyperparams(({ learningRate }) => optim.adam(learningRate), { learningRate: 0.5 })
    const [{ hyperparams, inner }] = optimizer.init(p)
    expectTypeOf(hyperparams).toEqualTypeOf<Readonly<Record<'learningRate', Tensor>>>()
    expectTypeOf(inner[0].mu).toEqualTypeOf<Params>()
  })
})

describe('chains', () => {
  it('list the states of their parts', () => {
    expectTypeOf(optim.chain()).toEqualTypeOf<optim.GradientTransformation<readonly []>>()
    expectTypeOf(optim.chain(optim.identity, optim.trace({ decay: 0.9 }), optim.chain(optim.clip(1), optim.scale(2)))).toEqualTypeOf<
      optim.GradientTransformation<readonly [optim.TraceState, optim.EmptyState, optim.EmptyState]>
    >()
    const [a, b, c] = [optim.scaleByAdam(), optim.ema(0.9), optim.scaleByLion()]
    expectTypeOf(optim.chain(optim.chain(a, b), c)).toEqualTypeOf(optim.chain(a, optim.chain(b, c)))
    expectTypeOf(optim.chain(a, optim.identity)).toEqualTypeOf(a)
    expectTypeOf(optim.chain(...([a, b] as optim.GradientTransformation[]))).toEqualTypeOf<optim.GradientTransformation>()
  })
  it('of parts that may be left out', () => {
    const clipping = (bound: number | null) => optim.chain(bound === null ? optim.identity : optim.clip(bound), optim.scaleByAdam())
    expectTypeOf(clipping(1).init(p)).toEqualTypeOf<
      readonly [optim.AdamState<Params>] | readonly [optim.EmptyState, optim.AdamState<Params>]
    >()
  })
  it('form a monoid of plain transformations', () => {
    expectTypeOf(concatAll(optim.Monoid)([optim.scaleByAdam(), optim.scale(-1)])).toEqualTypeOf<optim.GradientTransformation>()
  })
})

describe('a plain GradientTransformation', () => {
  it('is any of them', () => {
    const any: readonly optim.GradientTransformation[] = [
      optim.adam(rate),
      optim.identity,
      optim.adafactor(),
      optim.sgd(0.1, { momentum: 0.9 }),
      optim.lookahead(optim.adam(0.1)),
      optim.multiTransform({ a: optim.sgd(0.1) }, () => 'a'),
      optim.lars(0.1),
    ]
    const train = <P>(optimizer: optim.GradientTransformation, params: P): P => {
      const [updates, state] = optimizer.update(params, optimizer.init(params), params)
      expectTypeOf(state).toEqualTypeOf<optim.State>()
      return optimizer.update(updates, state, params)[0]
    }
    expectTypeOf(any.map((o) => train(o, p))).toEqualTypeOf<Params[]>()
  })
  it('may be passed on by a function that is generic in the state', () => {
    const clipped = <S extends optim.State>(inner: optim.GradientTransformation<S>) => optim.chain(optim.clip(1), inner)
    expectTypeOf(clipped(optim.scaleByAdam()).init(p)).toEqualTypeOf<readonly [optim.EmptyState, optim.AdamState<Params>]>()
  })
})

describe('a step of one’s own', () => {
  it('types its state by what it starts with', () => {
    const counting = optim.fromStep({
      name: 'counting',
      init: (params) => ({ count: np.array(0), last: params }),
      update: (updates, state) => [tree.map((x: Tensor) => x, updates) as never, { count: np.add(state.count, 1), last: updates }],
    })
    expectTypeOf(counting.init(p)).toEqualTypeOf<readonly [{ readonly count: Tensor; readonly last: Params }]>()
  })
  it('may say nothing of it', () => {
    const old: optim.Step = { name: 'old', init: () => [], update: (updates, state) => [updates, state] }
    expectTypeOf(optim.fromSteps([old]).init(p)).toEqualTypeOf<readonly [unknown]>()
    expectTypeOf(optim.fromSteps([old] as optim.Step[])).toEqualTypeOf<optim.GradientTransformation>()
    expectTypeOf(optim.stateless('halved', (u) => u).init(p)).toEqualTypeOf<readonly [optim.EmptyState]>()
  })
})
