/** Parts of containers: what they are, what they see of the container's context, and how they run. */
import { check, count, listOf, traceable } from '../core/check.js'
import { scope } from '../core/errors.js'
import { remembered } from '../core/remembered.js'
import type { Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import type { Gen } from '../random/gen.js'
import { foldIn } from '../random/key.js'
import { evalShape, shapeDtype } from '../transforms/evalShape.js'
import type { Context, Layer, None } from './layer.js'
import { layers, lift } from './layer.js'

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

const partMeaning = {
  says: 'a layer, or a function of a tensor',
  fix: 'nn.dense(2, 3) with its sizes, nn.relu without; of a list of layers, sequential(...list)',
  accepts: (x: unknown): boolean => layers.accepts(x) || traceable.accepts(x),
}

/** A function as a layer, a layer as itself. @throws ValueError for what is neither, in the name of the container. */
export const asLayer = (part: Part, name: string, place: string): AnyLayer => {
  check(name, place, partMeaning, part)
  return typeof part === 'function' ? lift(part) : part
}

/** A part with its place in a container. */
export interface Slot {
  readonly layer: AnyLayer
  /** Its key in the container's parameters. */
  readonly at: string
  /** What errors print: `dense[1]`. */
  readonly label: string
}

/** Parts of a list, labelled `dense[1]`. */
export const slots = (name: string, parts: readonly Part[]): readonly Slot[] =>
  parts.map((part, i) => {
    const layer = asLayer(part, name, `parts[${i}]`)
    return { layer, at: String(i), label: `${layer.name}[${i}]` }
  })

/** What part `i` sees of its container's context: a key of its own, its own state, the same mode. */
const contextOf = ({ key, state: _, tap, ...rest }: Context, i: number, at: string, state: unknown): Context => ({
  ...rest,
  ...(key === undefined ? {} : { key: foldIn(key, i) }),
  ...(state === undefined ? {} : { state }),
  ...(tap === undefined ? {} : { tap: (y, place) => tap(y, { ...place, path: `${at}/${place.path}` }) }),
})

/** Part `i` of a container as a function, its name pushed on the path that errors print. */
export const runSlot = ({ layer, at, label }: Slot, i: number, params: unknown, state: unknown, context: Context) => {
  const run = layer.run(params, contextOf(context, i, at, state))
  const { tap } = context
  return (x: Tensor): readonly [Tensor, unknown] =>
    scope(label, () => {
      const [y, next] = run(x) as readonly [Tensor, unknown]
      return [tap === undefined ? y : tap(y, { path: at, name: layer.name, params, state }), next]
    })
}

/**
 * The shape of a layer's output; nothing is computed.
 *
 * @example
 * const model = nn.sequential(nn.dense(4, 3), nn.relu)
 * nn.outputShape(model, model.init(random.key(0)), [7, 4])   // [7, 3]
 */
export const outputShape = <P, S>(layer: Layer<P, S>, params: P, inputShape: Shape, context: Context<S> = {}): Shape => {
  check('outputShape', 'layer', layers, layer)
  check('outputShape', 'inputShape', { ...listOf(count), says: 'the shape of an input: a list of sizes' }, inputShape)
  return evalShape((p: P, x: Tensor) => layer.apply(p, context)(x), params, shapeDtype(inputShape, layer.takes)).shape
}

/** Parameters of the parts as one program, each part given the shape that the one before it puts out. */
export const genInOrder =
  (parts: readonly Slot[], inputShape?: Shape): Gen<readonly unknown[]> =>
  (key) => {
    const [params, last] = parts.reduce<readonly [readonly unknown[], typeof key, Shape | undefined]>(
      ([done, k, shape], { layer, label }, i) =>
        scope(label, () => {
          const [own, next] = layer.gen(shape)(k) as readonly [unknown, typeof key]
          const rest = parts.length - i > 1
          return [[...done, own], next, shape === undefined || !rest ? undefined : shapeAfter(layer, own, shape, k)]
        }),
      [[], key, inputShape],
    )
    return [params, last]
  }

/** The shapes after layers, by the shape before: containers ask for them again and again, at every depth. */
const shapesAfter = remembered<Shape>(32)
const afterOnce = (layer: AnyLayer, before: Shape, shape: () => Shape): Shape => shapesAfter(layer, before.join(), shape)

/** The shape after a layer whose parameters are drawn already. */
export const shapeAfter = (layer: AnyLayer, params: unknown, shape: Shape, key: Tensor): Shape =>
  afterOnce(layer, shape, () => outputShape(layer, params, shape, { state: layer.initState(shape) as unknown, key }))

/** States of the parts, each given the shape that the one before it puts out; nothing is computed. */
export const statesInOrder = (parts: readonly Slot[], inputShape?: Shape): readonly unknown[] =>
  parts.reduce<readonly [readonly unknown[], Shape | undefined]>(
    ([done, shape], { layer, label }, i) =>
      scope(label, () => {
        const state = layer.initState(shape) as unknown
        if (shape === undefined || parts.length - i === 1) return [[...done, state], undefined]
        const after = afterOnce(
          layer,
          shape,
          () =>
            evalShape(
              (key: Tensor, x: Tensor) => layer.apply(layer.init(key, shape), { state, key })(x),
              shapeDtype([2], 'uint32'),
              shapeDtype(shape, layer.takes),
            ).shape,
        )
        return [[...done, state], after]
      }),
    [[], inputShape],
  )[0]
