/** Gradient transformations: what stands between a gradient and an update. They form a free monoid. */
import type { Eq as FpEq } from 'fp-ts/lib/Eq.js'
import type { Monoid as FpMonoid } from 'fp-ts/lib/Monoid.js'
import type { Meaning } from '../core/check.js'
import { callable, check } from '../core/check.js'
import { isRecord } from '../core/describe.js'
import { isFloat } from '../core/dtype.js'
import { DTypeError, fail, TreeError } from '../core/errors.js'
import { isTensor } from '../core/tensor.js'
import { add } from '../numpy/arithmetic.js'
import { astype } from '../numpy/create.js'
import { mapLeavesOf } from './leaves.js'

/** One stage of an optimizer. Its state is a tree of tensors whose type only the stage knows: hence `unknown` out, `never` in. */
export interface Step {
  /** The stage as the user wrote it, `scaleByAdam`. */
  readonly name: string
  /** The state before the first update of `params`. */
  readonly init: (params: unknown) => unknown
  /** New updates and new state from updates, state and the parameters that they are for. */
  readonly update: <P>(updates: P, state: never, params: P) => readonly [P, unknown]
}

/** State of a transformation: one tree per step, in order; prints and saves by path, `0/mu/l1/w`. */
export type State = readonly unknown[]

/** A list of steps, with the two functions that run it. */
export interface GradientTransformation {
  readonly steps: readonly Step[]
  /** The state before the first update. */
  readonly init: (params: unknown) => State
  /** Updates (to be added to the parameters) and the next state. Pure: call it under `jit`, `grad`, `vmap`, `scan`. */
  readonly update: <P>(grads: P, state: State, params: P) => readonly [P, State]
}

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
    `optim: the state has ${Array.isArray(state) ? `${state.length} entries` : 'no list'} for ${steps.length} steps: ${steps.map((s) => s.name).join(', ')}`,
    {
      fix: 'the state of this very optimizer: optimizer.init(params), or what its last update returned',
    },
  )
}

/** The transformation that runs `steps` in order. */
export const fromSteps = (steps: readonly Step[]): GradientTransformation => ({
  steps,
  init: (params) => {
    check('init', 'params', trees, params)
    return steps.map((step) => step.init(params))
  },
  update: <P>(grads: P, state: State, params: P): readonly [P, State] => {
    check('update', 'grads', trees, grads)
    check('update', 'params', trees, params)
    checkState(steps, state)
    return steps.reduce<readonly [P, State]>(
      ([updates, done], step, i) => {
        const [next, after] = step.update(updates, state[i] as never, params)
        return [next, [...done, after]]
      },
      [grads, []],
    )
  },
})

/** A transformation of one step. */
export const fromStep = (step: Step): GradientTransformation => fromSteps([step])

/** A step without state: a function of the updates and the parameters. */
export const stateless = (name: string, f: <P>(updates: P, params: P) => P): GradientTransformation => {
  check('stateless', 'f', callable, f)
  return fromStep({ name, init: () => [], update: (updates, state, params) => [f(updates, params), state] })
}

/** The transformation that changes nothing and keeps nothing. */
export const identity: GradientTransformation = fromSteps([])

/**
 * Transformations one after the other, from left to right. The list of steps is the whole meaning of the result,
 * so `chain` is strictly associative and `identity` is strictly its unit, states included.
 *
 * @example
 * optim.chain(optim.clipByGlobalNorm(1), optim.adam(1e-3))
 */
export const chain = (...transformations: readonly GradientTransformation[]): GradientTransformation =>
  fromSteps(transformations.flatMap((t, i) => check('chain', `argument ${i}`, transformation, t).steps))

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
      if (isFloat(u.dtype) && !isFloat(p.dtype))
        fail(DTypeError, `applyUpdates: '${path()}' is ${p.dtype}, which an update of ${u.dtype} would cut to whole numbers`, {
          args: { param: p, update: u },
          fix: 'train floats only; keep integers out of the parameters, or tree.partition them',
        })
    },
  )
