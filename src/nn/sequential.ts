/** Layers one after the other. */
import { fail, TreeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import type { Gen } from '../random/gen.js'
import type { Layer } from './layer.js'
import { statefulLayer } from './layer.js'
import type { AllParams, AllStates, Part, Slot } from './part.js'
import { genInOrder, runSlot, slots, statesInOrder } from './part.js'

/** @throws TreeError unless there is one entry of parameters for every part. */
export const checkParams = (name: string, params: unknown, parts: readonly Slot[]): readonly unknown[] => {
  if (Array.isArray(params) && params.length === parts.length) return params
  return fail(
    TreeError,
    `${name}: the parameters are ${Array.isArray(params) ? `${params.length} entries` : 'no list'} for ${parts.length} layers`,
    {
      args: { layers: parts.map(({ layer }) => layer.name).join(', ') },
      fix: 'the parameters of this very model: model.init(key)',
    },
  )
}

/** The state of part `i`, when the container has one. */
export const stateAt = (state: unknown, i: number): unknown => (Array.isArray(state) ? state[i] : undefined)

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
  const all = slots('sequential', parts)
  const takes = all[0]?.layer.takes
  return statefulLayer({
    name: 'sequential',
    ...(takes === undefined ? {} : { takes }),
    gen: (inputShape) => genInOrder(all, inputShape) as Gen<AllParams<L>>,
    initState: (inputShape) => statesInOrder(all, inputShape) as AllStates<L>,
    run: (params, context) => {
      const own = checkParams('sequential', params, all)
      const runs = all.map((slot, i) => runSlot(slot, i, own[i], stateAt(context.state, i), context))
      return (x) => {
        const [y, states] = runs.reduce<readonly [Tensor, readonly unknown[]]>(
          ([before, done], run) => {
            const [after, state] = run(before)
            return [after, [...done, state]]
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
