/** The laws of optimizers: transformations are a monoid, strictly, and keep the shape of what they update. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { optim } from '../src/index.js'
import { jit, optim as optimizers, tree } from '../src/index.js'
import { arbitrary, check, checkAll, transformation as aTransformation } from './check.js'
import type { LawOptions } from './law.js'
import { broken, forAll, lawOptions } from './law.js'
import { expectSame, showTree } from './same.js'

type Transformation = optim.GradientTransformation

/** Parameters, and gradients for several steps; trees of one structure. */
export interface Training {
  readonly params: unknown
  readonly grads: readonly unknown[]
}

/** All updates and states of a run: what two transformations must have in common to be equal. */
const run = (t: Transformation, { params, grads }: Training): unknown => {
  let state = t.init(params)
  const seen: unknown[] = [state]
  for (const g of grads) {
    const [updates, next] = t.update(g, state, params)
    seen.push(updates, next)
    state = next
  }
  return seen
}

const show = ({ training }: { readonly training: Training }): string => `parameters ${showTree(training.params)}`

/**
 * Law: `chain` is associative and the identity is its unit, strictly: every update and every state, leaf by leaf and bit by bit.
 */
export const monoid = (transformations: Arbitrary<Transformation>, trainings: Arbitrary<Training>, options?: LawOptions): void => {
  checkAll('monoid', { transformations: [arbitrary, transformations], trainings: [arbitrary, trainings] })
  const given = lawOptions('monoid', options)
  const { Monoid } = optimizers
  forAll(
    'optimizers are a monoid',
    fc.record({ a: transformations, b: transformations, c: transformations, training: trainings }),
    show,
    ({ a, b, c, training }) => {
      const result = (t: Transformation): unknown => run(t, training)
      expectSame('(a b) c', result(Monoid.concat(Monoid.concat(a, b), c)), result(Monoid.concat(a, Monoid.concat(b, c))))
      expectSame('identity a', result(Monoid.concat(Monoid.empty, a)), result(a))
      expectSame('a identity', result(Monoid.concat(a, Monoid.empty)), result(a))
    },
    { numRuns: 30, ...given },
  )
}

/**
 * Law: an optimizer is pure and keeps shapes: updates are like the parameters, every state is like the first one, the same
 * step gives the same result again, and compiled it gives the same bits.
 */
export const optimizer = (transformation: Transformation, trainings: Arbitrary<Training>, options?: LawOptions): void => {
  check('optimizer', 'transformation', aTransformation, transformation)
  check('optimizer', 'trainings', arbitrary, trainings)
  const given = lawOptions('optimizer', options)
  forAll(
    'an optimizer keeps shapes and is pure',
    trainings,
    (training) => show({ training }),
    (training) => {
      const { params, grads } = training
      const first = transformation.init(params)
      const avals = (t: unknown): readonly unknown[] =>
        tree.leaves(t).map((x) => (typeof x === 'object' ? `${x.dtype}[${x.shape.join(',')}]` : typeof x))
      const like = (what: string, a: unknown, b: unknown): void => {
        if (!tree.sameStructure(a, b) || String(avals(a)) !== String(avals(b)))
          broken(`${what}:\n${showTree(a)}\nexpected one like\n${showTree(b)}`)
      }
      const compiled = jit((g: unknown, s: optim.State, p: unknown) => transformation.update(g, s, p))
      let state = first
      for (const g of grads) {
        const [updates, next] = transformation.update(g, state, params)
        like('updates', updates, params)
        like('the state', next, first)
        expectSame('the same step again', transformation.update(g, state, params), [updates, next])
        expectSame('the step under jit', compiled(g, state, params), [updates, next], { ulp: 4 })
        like('parameters after applyUpdates', optimizers.applyUpdates(params, updates), params)
        state = next
      }
      expectSame('a run from the start', run(transformation, training), run(transformation, training))
    },
    { numRuns: 20, ...given },
  )
}
