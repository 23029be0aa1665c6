/** Layers one after the other. */
import { fail, scope, TreeError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { evalShape, shapeDtype } from '../transforms/evalShape.js'
import type { Tensor } from '../core/tensor.js'
import type { Gen } from '../random/gen.js'
import { foldIn } from '../random/key.js'
import type { Context, Layer, None } from './layer.js'
import { lift, statefulLayer } from './layer.js'

/** A layer of any parameters and state. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters are contravariant: only `any` accepts every layer
export type AnyLayer = Layer<any, any>

/** A layer, or a function in its place. */
export type Part = AnyLayer | ((x: Tensor) => Tensor)

/** The parameters of a layer; none for a function. */
export type ParamsOf<L> = L extends Layer<infer P, infer _S> ? P : None

/** The state of a layer; none for a function. */
export type StateOf<L> = L extends Layer<infer _P, infer S> ? S : None

/** Parameters of layers, in order. */
export type AllParams<L extends readonly Part[]> = { readonly [K in keyof L]: ParamsOf<L[K]> }

/** States of layers, in order. */
export type AllStates<L extends readonly Part[]> = { readonly [K in keyof L]: StateOf<L[K]> }

const checkParams = (params: unknown, layers: readonly AnyLayer[]): void => {
  if (Array.isArray(params) && params.length === layers.length) return
  fail(
    TreeError,
    `sequential: the parameters are ${Array.isArray(params) ? `${params.length} entries` : 'no list'} for ${layers.length} layers`,
    {
      args: { layers: layers.map((l) => l.name).join(', ') },
      fix: 'the parameters of this very model: model.init(key)',
    },
  )
}

const asLayer = (part: Part): AnyLayer => (typeof part === 'function' ? lift(part) : part)

/** What layer `i` of a container sees of the container's context. */
const contextOf = ({ key, train, state }: Context, i: number): Context => ({
  ...(key === undefined ? {} : { key: foldIn(key, i) }),
  ...(train === undefined ? {} : { train }),
  ...(Array.isArray(state) ? { state: state[i] as unknown } : {}),
})

/** The shape of a layer's output; nothing is computed. */
export const outputShape = <P, S>(layer: Layer<P, S>, params: P, inputShape: Shape, context: Context<S> = {}): Shape =>
  evalShape((x: Tensor) => layer.apply(params, context)(x), shapeDtype(inputShape)).shape

/**
 * Layers and plain functions one after the other. Parameters are the list of the layers' parameters, `null` for functions,
 * so that the path `1/w` in the parameters and `dense[1]` in an error are the same layer. With an input shape, layers of
 * unknown input size are given theirs.
 *
 * @example
 * const model = nn.sequential(nn.dense(784, 256), nn.relu, nn.dense(256, 10))
 * const params = model.init(random.key(0))
 * model.apply(params)(np.zeros([32, 784])).shape   // [32, 10]
 */
export const sequential = <L extends readonly Part[]>(...parts: L): Layer<AllParams<L>, AllStates<L>> => {
  const layers = parts.map(asLayer)
  const label = (i: number): string => `${layers[i]!.name}[${i}]`

  const gen =
    (inputShape?: Shape): Gen<AllParams<L>> =>
    (key) => {
      const [params, last] = layers.reduce<readonly [readonly unknown[], typeof key, Shape | undefined]>(
        ([done, k, shape], layer, i) =>
          scope(label(i), () => {
            const [own, next] = layer.gen(shape)(k)
            const rest = layers.length - i > 1
            const context = { state: layer.initState(shape) as unknown, key: k }
            return [[...done, own], next, shape === undefined || !rest ? undefined : outputShape(layer, own, shape, context)]
          }),
        [[], key, inputShape],
      )
      return [params as AllParams<L>, last]
    }

  return statefulLayer({
    name: 'sequential',
    gen,
    initState: (inputShape) => layers.map((layer) => layer.initState(inputShape) as unknown) as unknown as AllStates<L>,
    run: (params, context) => {
      checkParams(params, layers)
      const runs = layers.map((layer, i) => layer.run(params[i], contextOf(context, i)))
      return (x) => {
        const [y, states] = runs.reduce<readonly [Tensor, readonly unknown[]]>(
          ([before, done], run, i) => {
            const [after, state] = scope(label(i), () => run(before))
            return [after, [...done, state as unknown]]
          },
          [x, []],
        )
        return [y, states as unknown as AllStates<L>]
      }
    },
  })
}

/** Two layers, one after the other. */
export const compose = <F extends Part, G extends Part>(first: F, second: G): Layer<AllParams<[F, G]>, AllStates<[F, G]>> =>
  sequential<[F, G]>(first, second)
