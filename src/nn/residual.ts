/** Layers side by side: sums with what came in, and several layers of the same input. */
import { anything, callable, check, listOf } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import type { Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { add } from '../numpy/arithmetic.js'
import { concatenate } from '../numpy/join.js'
import type { Gen } from '../random/gen.js'
import { sequence, struct } from '../random/gen.js'
import type { Layer } from './layer.js'
import { statefulLayer } from './layer.js'
import type { AllParams, AllStates, ParamsOf, Part, StateOf } from './part.js'
import { checkNames } from './fit.js'
import { asLayer, runSlot, slots } from './part.js'
import { checkParams, stateAt } from './sequential.js'
import { identity } from './shape.js'

/** What `residual` holds: of its body, and of the way past it. */
export interface Branches<B, S> {
  readonly body: B
  readonly shortcut: S
}

/**
 * `body(x) + shortcut(x)`; the shortcut is `x` itself by default, or a layer that gives it the body's shape.
 *
 * @typeParam B The body.
 * @typeParam S The shortcut.
 * @throws ShapeError when the two do not fit.
 * @see https://arxiv.org/abs/1512.03385
 * @example
 * const block = nn.residual(nn.sequential(nn.dense(8, 8), nn.relu))
 * block.apply(block.init(random.key(0)))(np.ones([2, 8])).shape   // [2, 8]
 */
export const residual = <B extends Part, S extends Part = (x: Tensor) => Tensor>(
  body: B,
  shortcut?: S,
): Layer<Branches<ParamsOf<B>, ParamsOf<S>>, Branches<StateOf<B>, StateOf<S>>> => {
  const [main, past] = [asLayer(body, 'residual', 'body'), asLayer(shortcut === undefined ? identity : shortcut, 'residual', 'shortcut')]
  const takes = main.takes
  return statefulLayer({
    name: 'residual',
    ...(takes === undefined ? {} : { takes }),
    gen: (inputShape) => struct({ body: main.gen(inputShape) as Gen<ParamsOf<B>>, shortcut: past.gen(inputShape) as Gen<ParamsOf<S>> }),
    initState: (inputShape) => ({
      body: main.initState(inputShape) as StateOf<B>,
      shortcut: past.initState(inputShape) as StateOf<S>,
    }),
    run: (params, context) => {
      checkNames('residual', params, ['body', 'shortcut'])
      const f = runSlot({ layer: main, at: 'body', label: main.name }, 0, params.body, context.state?.body, context)
      const g = runSlot({ layer: past, at: 'shortcut', label: 'shortcut' }, 1, params.shortcut, context.state?.shortcut, context)
      return (x) => {
        const [y, bodyState] = f(x)
        const [z, pastState] = g(x)
        return [add(y, z), { body: bodyState as StateOf<B>, shortcut: pastState as StateOf<S> }]
      }
    },
  })
}

/** Options of `parallel`. */
export interface ParallelOptions {
  /** What becomes of the outputs; by default they are joined along axis 1, that of channels. */
  readonly combine?: (ys: readonly Tensor[]) => Tensor
}

const parallels = optionsOf<ParallelOptions>({ combine: callable })

/**
 * Several layers of the same input, their outputs joined along axis 1, or as `combine` says. Parameters are the list of the
 * layers' parameters.
 *
 * @throws ShapeError when the outputs do not fit.
 * @example
 * const both = nn.parallel([nn.conv2d(3, 4, 1), nn.conv2d(3, 4, 3, { padding: 'same' })])
 * both.apply(both.init(random.key(0)))(np.ones([2, 3, 5, 5])).shape   // [2, 8, 5, 5]
 */
export const parallel = <const L extends readonly Part[]>(parts: L, options: ParallelOptions = {}): Layer<AllParams<L>, AllStates<L>> => {
  const { combine = (ys) => concatenate(ys, { axis: 1 }) } = parallels('parallel', options)
  const all = slots('parallel', check('parallel', 'parts', { ...listOf(anything), says: 'a list of layers' }, parts))
  const takes = all.find(({ layer }) => layer.takes !== undefined)?.layer.takes
  return statefulLayer({
    name: 'parallel',
    ...(takes === undefined ? {} : { takes }),
    gen: (inputShape?: Shape) => sequence(...all.map(({ layer }) => layer.gen(inputShape) as Gen<unknown>)) as Gen<AllParams<L>>,
    initState: (inputShape) => all.map(({ layer }) => layer.initState(inputShape) as unknown) as unknown as AllStates<L>,
    run: (params, context) => {
      const own = checkParams('parallel', params, all)
      const runs = all.map((slot, i) => runSlot(slot, i, own[i], stateAt(context.state, i), context))
      return (x) => {
        const results = runs.map((run) => run(x))
        return [combine(results.map(([y]) => y)), results.map(([, state]) => state) as unknown as AllStates<L>]
      }
    },
  })
}
