/** Training parts of a tree: some leaves only, or each group by rules of its own. */
import { callable, check, record } from '../core/check.js'
import { fail, ValueError } from '../core/errors.js'
import { zerosLike } from '../numpy/create.js'
import type { Leaf } from '../tree/tree.js'
import { flattenTraced } from '../tree/tree.js'
import * as tree from '../tree/index.js'
import { mapLeaves, pathsOf, structureOf } from './leaves.js'
import type { EmptyState, GradientTransformation, ParamsTree, State, StatesFor } from './transform.js'
import { fromStep, stateless, transformation as aTransformation } from './transform.js'

/** Which leaves, by path: `(path) => path.startsWith('head/')`. */
export type Mask = (path: string) => boolean

/** The tree with the leaves that are not chosen replaced by empty subtrees. */
const pick = (t: unknown, chosen: readonly boolean[]): unknown => {
  const { leaves, structure } = flattenTraced(t)
  return tree.unflatten(
    structure,
    leaves.map((leaf, i) => (chosen[i] ? leaf : null)),
  )
}

/** `t` with its chosen leaves replaced by those of `part`. */
const put = <T>(t: T, part: unknown, chosen: readonly boolean[]): T => {
  const { leaves, structure } = flattenTraced(t)
  const inside = flattenTraced(part).leaves.values()
  return tree.unflatten(
    structure,
    leaves.map((leaf, i) => (chosen[i] ? (inside.next().value as Leaf) : leaf)),
  )
}

/** State of `masked`: the inner state, with nothing where a leaf is not chosen; so its trees are not typed. */
export interface MaskedState<S extends State = State> {
  readonly inner: StatesFor<S, unknown>
}

/**
 * Applies `transformation` to the leaves that `mask` chooses by path. The others pass unchanged and take no room in the state.
 *
 * @example
 * const decay = optim.masked(optim.addDecayedWeights(1e-4), (path) => path.endsWith('/w'))
 */
export const masked = <S extends State>(
  transformation: GradientTransformation<S>,
  mask: Mask,
): GradientTransformation<readonly [MaskedState<S>]> => maskedOf('masked', transformation, mask)

const maskedOf = <S extends State>(
  name: string,
  transformation: GradientTransformation<S>,
  mask: Mask,
): GradientTransformation<readonly [MaskedState<S>]> => {
  check(name, 'transformation', aTransformation, transformation)
  check(name, 'mask', callable, mask)
  return fromStep({
    name: 'masked',
    init: (params) => ({ inner: transformation.init(pick(params, pathsOf(params).map(mask))) }),
    update: (updates, state: MaskedState<S>, params) => {
      tree.checkSame('masked', structureOf(params), structureOf(updates))
      const chosen = pathsOf(params).map(mask)
      const [inside, inner] = transformation.update(pick(updates, chosen), state.inner, pick(params, chosen))
      return [put(updates, inside, chosen), { inner }]
    },
  })
}

/** Replaces every update by zero. */
export const setToZero = (): GradientTransformation<readonly [EmptyState]> =>
  stateless('setToZero', (updates) => mapLeaves((u) => zerosLike(u), updates))

/**
 * Freezes the leaves that `mask` chooses: their updates become zero. It goes last in a chain, after whatever would move them
 * (weight decay, momentum); to save their optimizer state too, use `multiTransform`.
 *
 * @example
 * const optimizer = optim.chain(optim.adam(1e-3), optim.freeze((path) => path.startsWith('l1/')))
 * const [updates] = optimizer.update(params, optimizer.init(params), params)
 * updates.l1.b   // [0, 0]
 */
export const freeze = (mask: Mask): GradientTransformation<readonly [MaskedState<readonly [EmptyState]>]> =>
  maskedOf('freeze', setToZero(), mask)

/** State of `multiTransform`: by name the state of each transformation, with nothing where a leaf is not its own. */
export type MultiTransformState<T extends Readonly<Record<string, GradientTransformation>>> = {
  readonly [L in keyof T]: T[L] extends GradientTransformation<infer S> ? StatesFor<S, unknown> : never
}

/**
 * Gives every leaf to the transformation whose name `label` returns for its path: learning rates per group, a frozen body
 * (`optim.setToZero()`) under a trained head. The state is a record by name, each part with its own leaves only.
 *
 * @throws ValueError when a label names no transformation.
 * @example
 * const optimizer = optim.multiTransform({ slow: optim.sgd(0.01), fast: optim.sgd(0.5) }, (path) => (path.startsWith('l2/') ? 'fast' : 'slow'))
 * const [updates] = optimizer.update(params, optimizer.init(params), params)
 * updates.l2.b   // [-0.5, -1]
 */
export const multiTransform = <T extends Readonly<Record<string, GradientTransformation>>>(
  transformations: T,
  label: (path: string) => NoInfer<keyof T & string>,
): GradientTransformation<readonly [MultiTransformState<T>]> => {
  const entries = Object.entries<GradientTransformation>(check('multiTransform', 'transformations', record, transformations) as never)
  entries.forEach(([name, t]) => check('multiTransform', `transformations.${name}`, aTransformation, t))
  check('multiTransform', 'label', callable, label)
  const labels = (params: unknown): readonly string[] =>
    pathsOf(params).map((path) => {
      const name = label(path)
      if (Object.hasOwn(transformations, name)) return name
      return fail(ValueError, `multiTransform: '${path}' is labelled '${String(name)}', which is none of the transformations`, {
        fix: `one of: ${Object.keys(transformations).join(', ')}`,
      })
    })
  const chosen = (all: readonly string[], name: string): readonly boolean[] => all.map((l) => l === name)
  type Parts = MultiTransformState<T>
  return fromStep<Parts>({
    name: 'multiTransform',
    init: (params) => {
      const all = labels(params)
      return Object.fromEntries(entries.map(([name, t]) => [name, t.init(pick(params, chosen(all, name)))])) as Parts
    },
    update: (updates, state, params) => {
      tree.checkSame('multiTransform', structureOf(params), structureOf(updates))
      const all = labels(params)
      return entries.reduce<readonly [ParamsTree, Parts]>(
        ([done, states], [name, t]) => {
          const mine = chosen(all, name)
          const [inside, next] = t.update(pick(updates, mine), state[name] as State, pick(params, mine))
          return [put(done, inside, mine), { ...states, [name]: next }]
        },
        [updates, {} as Parts],
      )
    },
  })
}
