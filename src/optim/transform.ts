/** Gradient transformations: what stands between a gradient and an update. They form a free monoid. */
import type { Eq as FpEq } from 'fp-ts/lib/Eq.js'
import type { Monoid as FpMonoid } from 'fp-ts/lib/Monoid.js'
import type { Meaning } from '../core/check.js'
import { callable, check, text } from '../core/check.js'
import { isRecord } from '../core/describe.js'
import { isInexact } from '../core/dtype.js'
import { DTypeError, fail, TreeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor } from '../core/tensor.js'
import { add } from '../numpy/arithmetic.js'
import { astype } from '../numpy/create.js'
import { checkSame } from '../tree/tree.js'
import { mapLeavesOf, structureOf } from './leaves.js'

declare const like: unique symbol

/**
 * Stands for the parameters in the types of steps and of their states: a step is written for any tree, and `init` and `update` put
 * the type of the caller's tree in its place, `AdamState<Params>`. No value has this type.
 */
export interface ParamsTree {
  readonly [like]: never
}

/** The state `S` of parameters of type `P`: `P` wherever `S` says `ParamsTree`. */
export type StateFor<S, P> = S extends ParamsTree ? P : S extends Tensor ? S : S extends object ? StatesFor<S, P> : S

/** `StateFor` of every entry. */
export type StatesFor<S, P> = { readonly [K in keyof S]: StateFor<S[K], P> }

/**
 * One stage of an optimizer. What it does not look into, it need not name: `update` is a method, so that a stage with a state of its
 * own is a `Step` of any.
 */
export interface Step<S = unknown> {
  /** The stage as the user wrote it, `scaleByAdam`. */
  readonly name: string
  /** The state before the first update of `params`. */
  readonly init: (params: ParamsTree) => S
  /** New updates and new state from updates, state and the parameters that they are for. */
  update(updates: ParamsTree, state: S, params: ParamsTree): readonly [ParamsTree, S]
}

/** State of a transformation: one tree per step, in order; prints and saves by path, `0/mu/l1/w`. */
export type State = readonly unknown[]

/** State of a step that keeps nothing. */
export type EmptyState = readonly []

/**
 * A list of steps, with the two functions that run it. `S` lists the states of the steps: `readonly [AdamState, EmptyState]`. Where they
 * do not matter, `GradientTransformation` alone takes any.
 *
 * @example
 * const optimizer = optim.adam(1e-3)
 * const state = optimizer.init(params)
 * state[0].mu.l1.b   // [0, 0]
 */
export interface GradientTransformation<S extends State = State> {
  readonly steps: readonly Step[]
  /** The state before the first update. `ReturnType<typeof optimizer.init<Params>>` is its type, without `<Params>` that of any parameters. */
  readonly init: <P>(params: P) => StatesFor<S, P>
  /** Updates (to be added to the parameters) and the next state. Pure: call it under `jit`, `grad`, `vmap`, `scan`. */
  update<P>(grads: P, state: StatesFor<S, unknown>, params: P): readonly [P, StatesFor<S, P>]
}

/** The states of transformations one after the other. */
export type Chained<T extends readonly GradientTransformation[]> = T extends readonly [
  GradientTransformation<infer S>,
  ...infer Rest extends readonly GradientTransformation[],
]
  ? readonly [...S, ...Chained<Rest>]
  : T extends readonly []
    ? readonly []
    : State

/** A gradient transformation. */
export const transformation: Meaning = {
  says: 'a gradient transformation',
  fix: 'optim.adam(1e-3); optim.chain(...) of several',
  accepts: (x) => {
    if (typeof x !== 'object' || x === null) return false
    const { steps, init, update } = x as Partial<GradientTransformation>
    return Array.isArray(steps) && typeof init === 'function' && typeof update === 'function'
  },
}

const trees: Meaning = {
  says: 'a tree of tensors',
  fix: 'the parameters: model.init(key)',
  accepts: (x) => x === null || typeof x === 'number' || typeof x === 'boolean' || isTensor(x) || Array.isArray(x) || isRecord(x),
}

const checkState = (steps: readonly Step[], state: State): void => {
  if (Array.isArray(state) && state.length === steps.length) return
  fail(
    TreeError,
    `update: the state has ${Array.isArray(state) ? `${state.length} entries` : 'no list'} for ${steps.length} steps: ${steps.map((s) => s.name).join(', ')}`,
    {
      fix: 'the state of this very optimizer: optimizer.init(params), or what its last update returned',
    },
  )
}

/** The transformation that runs `steps` in order. */
export const fromSteps = <const T extends readonly Step[]>(
  steps: T,
): GradientTransformation<{ readonly [K in keyof T]: ReturnType<T[K]['init']> }> => running(steps)

/** The transformation of steps whose states are `S`. */
const running = <S extends State>(steps: readonly Step[]): GradientTransformation<S> => {
  const all: GradientTransformation = {
    steps,
    init: (params) => {
      check('init', 'params', trees, params)
      return steps.map((step) => step.init(params as ParamsTree))
    },
    update: <P>(grads: P, state: State, params: P): readonly [P, State] => {
      check('update', 'grads', trees, grads)
      check('update', 'params', trees, params)
      checkState(steps, state)
      checkSame('update', structureOf(grads), structureOf(params), 'grads and params')
      return steps.reduce<readonly [ParamsTree, State]>(
        ([updates, done], step, i) => {
          const [next, after] = step.update(updates, state[i], params as ParamsTree)
          return [next, [...done, after]]
        },
        [grads as ParamsTree, []],
      ) as readonly [unknown, State] as readonly [P, State]
    },
  }
  return all as GradientTransformation<never>
}

/** A transformation of one step. */
export const fromStep = <S>(step: Step<S>): GradientTransformation<readonly [S]> => running([step])

/** A step without state: a function of the updates and the parameters. */
export const stateless = (name: string, f: <P>(updates: P, params: P) => P): GradientTransformation<readonly [EmptyState]> => {
  check('stateless', 'name', text, name)
  check('stateless', 'f', callable, f)
  return fromStep<EmptyState>({ name, init: () => [], update: (updates, state, params) => [f(updates, params), state] })
}

/** The transformation that changes nothing and keeps nothing. */
export const identity: GradientTransformation<readonly []> = running([])

/**
 * Transformations one after the other, from left to right. The list of steps is the whole meaning of the result,
 * so `chain` is strictly associative and `identity` is strictly its unit, states included.
 *
 * @example
 * optim.chain(optim.clipByGlobalNorm(1), optim.adam(1e-3))
 */
export const chain = <T extends readonly GradientTransformation[]>(...transformations: T): GradientTransformation<Chained<T>> =>
  running(transformations.flatMap((t, i) => check('chain', `argument ${i}`, transformation, t).steps))

/** Transformations under `chain`. @example concatAll(optim.Monoid)([optim.scaleByAdam(), optim.scale(-1e-3)]) */
export const Monoid: FpMonoid<GradientTransformation> = { empty: identity, concat: (x, y) => chain(x, y) }

/** Equality of transformations: the same steps in the same order. */
export const Eq: FpEq<GradientTransformation> = {
  equals: (x, y) => x === y || (x.steps.length === y.steps.length && x.steps.every((step, i) => step === y.steps[i])),
}

/**
 * Parameters plus updates, each leaf in the dtype of its parameter.
 *
 * @throws TreeError when the trees differ, ShapeError when an update has another shape than its parameter: nothing is broadcast;
 * DTypeError for updates of integers by fractions.
 */
export const applyUpdates = <P>(params: P, updates: P): P =>
  mapLeavesOf(
    'applyUpdates',
    'updates of these very parameters: optimizer.update(grads, state, params)',
    (p, u) => add(p, astype(u, p.dtype)),
    check('applyUpdates', 'params', trees, params),
    [check('applyUpdates', 'updates', trees, updates)],
    (p, u, path) => {
      if (isInexact(u.dtype) && !isInexact(p.dtype))
        fail(DTypeError, `applyUpdates: '${path()}' is ${p.dtype}, which an update of ${u.dtype} would cut to whole numbers`, {
          args: { param: p, update: u },
          fix: 'train floats only; keep integers out of the parameters, or tree.partition them',
        })
    },
  )
