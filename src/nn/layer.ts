/**
 * A layer is data: how to draw its parameters, and the function that it is for given parameters. Nothing is registered
 * and nothing is remembered: parameters, state, keys and mode are arguments.
 */
import type { Meaning } from '../core/check.js'
import {
  anything,
  callable,
  check,
  count,
  either,
  flag,
  listOf,
  oneOf,
  record,
  tensor,
  tensorLike,
  text,
  traceable,
} from '../core/check.js'
import { describe, isRecord } from '../core/describe.js'
import { fail, scope, ValueError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import type { DType } from '../core/dtype.js'
import type { Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor } from '../core/tensor.js'
import type { Gen } from '../random/gen.js'
import { of, run as runGen } from '../random/gen.js'
import type { Key } from '../random/key.js'
import { checkKey } from '../random/key.js'

/** Where in a model a part is, and what it holds. */
export interface InitPlace {
  /** As in the tree of parameters: `2/body/0`. */
  readonly path: string
  /** The name of the layer. */
  readonly name: string
  readonly params: unknown
  readonly state: unknown
}

/** What a layer may need besides parameters and input. */
export interface Context<S = unknown> {
  /** Randomness, for layers such as dropout. */
  readonly key?: Key
  /** True while training; false by default. */
  readonly train?: boolean
  /** The layer's state, for layers such as batch normalisation. */
  readonly state?: S
  /** Which positions of sequences are real (true) and which are padding: bool `[batch, length]`, for layers such as attention. */
  readonly mask?: Tensor
  /**
   * Sees the output of every part of a model and says what goes on from there: the way to look at what is inside, and to
   * differentiate by it.
   */
  readonly tap?: (y: Tensor, at: InitPlace) => Tensor
}

const contexts = optionsOf<Context>({ key: tensor, train: flag, state: anything, mask: tensor, tap: callable })

/** A layer. */
export const layers: Meaning = {
  says: 'a layer',
  fix: 'nn.dense(2, 3), called with its sizes; nn.lift(f) of a function',
  accepts: (x) => typeof x === 'object' && x !== null && 'run' in x && typeof x.run === 'function' && 'init' in x,
}

/** What an input's shape may be. */
export const shapes = either(oneOf(undefined), { ...listOf(count), says: 'the shape of an input: a list of sizes' })
/** What parameters may be. */
export const anyParams: Meaning = {
  says: 'a tree of tensors',
  fix: 'the parameters of this very layer: layer.init(key)',
  accepts: (x) => x === null || typeof x === 'number' || isTensor(x) || Array.isArray(x) || isRecord(x),
}

/** What is not there: parameters of a plain function, state of a layer that remembers nothing. An empty tree. */
export type None = null

/** A layer with parameters `P` and state `S`, from tensors to tensors. */
export interface Layer<P, S = None> {
  /** The name that errors print: `dense`. */
  readonly name: string
  /** What the layer takes if not floats: `int32` for embeddings. */
  readonly takes?: DType
  /** Parameters as a random program. Layers of unknown input size need the shape of a whole input, batch axis included. */
  readonly gen: (inputShape?: Shape) => Gen<P>
  /** Parameters drawn with a key. */
  readonly init: (key: Key, inputShape?: Shape) => P
  /** The state before the first step. */
  readonly initState: (inputShape?: Shape) => S
  /** The layer as a function of its input. */
  readonly apply: (params: P, context?: Context<S>) => (x: Tensor) => Tensor
  /** As `apply`, with the state after it. */
  readonly applyWithState: (params: P, context?: Context<S>) => (x: Tensor) => readonly [Tensor, S]
  /** @internal As `applyWithState`, without pushing the layer's name: containers push their own. */
  readonly run: (params: P, context: Context<S>) => (x: Tensor) => readonly [Tensor, S]
}

/** What one must say to define a layer. */
export interface Definition<P, S> {
  /** Shown in errors. */
  readonly name: string
  /** What the layer takes if not floats. */
  readonly takes?: DType
  /** Parameters, as a random program. */
  readonly gen: (inputShape?: Shape) => Gen<P>
  /** State before the first application. */
  readonly initState: (inputShape?: Shape) => S
  /** The output and the next state. */
  readonly run: (params: P, context: Context<S>) => (x: Tensor) => readonly [Tensor, S]
}

/**
 * A layer with state.
 *
 * @example
 * const counting = nn.statefulLayer({
 *   name: 'counting',
 *   gen: () => random.gen.of(null),
 *   initState: () => np.zeros([]),
 *   run: (_params, { state = np.zeros([]) }) => (x) => [x, np.add(state, 1)],
 * })
 */
export const statefulLayer = <P, S>(definition: Definition<P, S>): Layer<P, S> => {
  const { name, gen, initState, run } = check('statefulLayer', 'definition', record, definition as unknown) as Definition<P, S>
  check('statefulLayer', 'name', text, name)
  Object.entries({ gen, initState, run }).forEach(([part, f]) => check('statefulLayer', part, traceable, f))
  const applyWithState: Layer<P, S>['applyWithState'] = (params, context = {}) => {
    check(name, 'params', anyParams, params)
    contexts(name, context)
    const f = run(params, context)
    return (x) => scope(name, () => f(isTensor(x) ? x : check(name, 'x', tensorLike, x)))
  }
  const shaped = (inputShape: Shape | undefined): Shape | undefined => check(name, 'inputShape', shapes, inputShape)
  return {
    ...definition,
    gen: (inputShape) => gen(shaped(inputShape)),
    initState: (inputShape) => initState(shaped(inputShape)),
    init: (key, inputShape) => runGen(checkKey(name, key))(gen(shaped(inputShape))),
    applyWithState,
    apply: (params, context) => {
      const f = applyWithState(params, context)
      return (x) => f(x)[0]
    },
  }
}

/**
 * A layer without state.
 *
 * @example
 * const scale = nn.layer('scale', () => random.gen.of({ factor: np.ones([]) }), ({ factor }) => (x) => np.mul(x, factor))
 */
export const layer = <P>(
  name: string,
  gen: (inputShape?: Shape) => Gen<P>,
  apply: (params: P, context: Context<None>) => (x: Tensor) => Tensor,
): Layer<P> => {
  check('layer', 'name', text, name)
  check('layer', 'gen', traceable, gen)
  check('layer', 'apply', traceable, apply)
  return statefulLayer({
    name,
    gen,
    initState: () => null,
    run: (params, context) => {
      const f = apply(params, context)
      return (x) => [f(x), null]
    },
  })
}

/**
 * A plain function as a layer without parameters.
 *
 * @example
 * nn.lift(flow(np.tanh, np.mul(2)), 'scaledTanh')
 */
export const lift = (f: (x: Tensor) => Tensor, name?: string): Layer<None> => {
  check('lift', 'f', traceable, f)
  const given = check('lift', 'name', either(oneOf(undefined), text), name) ?? (f.name === '' ? 'function' : f.name)
  return layer(
    given,
    () => of(null),
    () => (x) => {
      const y = f(x)
      return isTensor(y)
        ? y
        : fail(ValueError, `${given}: a function in the place of a layer must return a tensor, got ${describe(y)}`, {
            fix: layers.accepts(y) ? `nn.${given}(...) is the layer, with its sizes in the parentheses` : '(x) => ... of one tensor',
          })
    },
  )
}

/** The same layer under another name in errors. */
export const named = <P, S>(name: string, of: Layer<P, S>): Layer<P, S> =>
  statefulLayer({ ...check('named', 'of', layers, of), name: check('named', 'name', text, name) })
