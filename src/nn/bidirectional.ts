/** Two cells over one sequence, one from each end. */
import { callable } from '../core/check.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { concatenate } from '../numpy/join.js'
import { struct } from '../random/gen.js'
import type { Cell } from './cell.js'
import type { Layer } from './layer.js'
import { statefulLayer } from './layer.js'
import type { RecurrentOptions } from './recurrent.js'
import { checkNames } from './fit.js'
import { overTimeMeanings, recurrentOf } from './recurrent.js'

/** What belongs to the two directions. */
export interface Both<F, B> {
  /** From the first step to the last. */
  readonly forward: F
  /** From the last step to the first. */
  readonly backward: B
}

/** Options of `bidirectional`. */
export interface BidirectionalOptions extends Omit<RecurrentOptions, 'reverse'> {
  /** How the outputs of the two directions become one; joined along the last axis by default. */
  readonly merge?: (forward: Tensor, backward: Tensor) => Tensor
}

const bothOf = optionsOf<BidirectionalOptions>(meaningsOf(overTimeMeanings, { merge: callable }))

/**
 * One cell from the first step to the last, another from the last to the first, and their outputs of the same step together.
 * Parameters and state are `{ forward, backward }`. With `returnSequences: false`: the outputs after both have seen everything.
 *
 * shapes: x[..., time, inputs] -> [..., time, outputs of both]
 *
 * @see https://doi.org/10.1109/78.650093 (Schuster and Paliwal, 1997)
 * @example
 * const model = nn.bidirectional(nn.gruCell(3, 4), nn.gruCell(3, 4))
 * model.apply(model.init(random.key(0)))(np.ones([2, 5, 3])).shape   // [2, 5, 8]
 */
export const bidirectional = <PF, CF, PB, CB>(
  forward: Cell<PF, CF>,
  backward: Cell<PB, CB>,
  options: BidirectionalOptions = {},
): Layer<Both<PF, PB>, Both<CF, CB>> => {
  const { merge = (a, b) => concatenate([a, b], { axis: -1 }), ...rest } = bothOf('bidirectional', options)
  const [there, back] = [recurrentOf('bidirectional', forward, rest), recurrentOf('bidirectional', backward, { ...rest, reverse: true })]
  return statefulLayer<Both<PF, PB>, Both<CF, CB>>({
    name: 'bidirectional',
    gen: (inputShape) => struct({ forward: there.gen(inputShape), backward: back.gen(inputShape) }),
    initState: (inputShape) => ({ forward: there.initState(inputShape), backward: back.initState(inputShape) }),
    run: (params, { state }) => {
      checkNames('bidirectional', params, ['forward', 'backward'])
      const f = there.applyWithState(params.forward, state === undefined ? {} : { state: state.forward })
      const g = back.applyWithState(params.backward, state === undefined ? {} : { state: state.backward })
      return (x) => {
        const [[a, forwardState], [b, backwardState]] = [f(x), g(x)]
        return [merge(a, b), { forward: forwardState, backward: backwardState }]
      }
    },
  })
}
