/** A language model of characters: one-hot vectors, LSTMs one above the other, a dense layer. */
import type { Tensor } from '../../core/tensor.js'
import { sequence } from '../../random/gen.js'
import type { Affine } from '../dense.js'
import { dense } from '../dense.js'
import { statefulLayer } from '../layer.js'
import type { LanguageModel } from './language.js'
import type { LstmCarry } from '../lstm.js'
import { lstm } from '../lstm.js'
import type { RecurrentParams } from '../gates.js'
import type { Shape } from '../../core/shape.js'
import { check, positiveWhole } from '../../core/check.js'
import { optionsOf } from '../../core/options.js'
import { checkNames } from '../fit.js'
import { struct } from '../../random/gen.js'
import { oneHot } from '../softmax.js'

/** Options of `charLstm`. */
export interface CharLstmOptions {
  /** Size of the hidden states; 256 by default. */
  readonly hidden?: number
  /** LSTMs one above the other; 2 by default. */
  readonly layers?: number
}

const charLstmOf = optionsOf<CharLstmOptions>({ hidden: positiveWhole, layers: positiveWhole })

/** Parameters of `charLstm`. */
export interface CharLstmParams {
  /** From the lowest LSTM to the highest. */
  readonly lstm: readonly RecurrentParams[]
  readonly head: Affine
}

/**
 * Logits of the next character for every place of a text. The state is the carry of every LSTM: given again, the text goes on.
 *
 * shapes: x int32[N, time], each in 0 .. vocabulary - 1 -> [N, time, vocabulary]
 *
 * @see https://arxiv.org/abs/1308.0850 (Graves, 2013)
 * @throws ValueError for sizes that are not positive integers.
 * @example
 * const model = models.charLstm(65, { hidden: 16 })
 * const [logits, state] = model.applyWithState(model.init(random.key(0)))(np.array([[1, 2, 3]], { dtype: 'int32' }))
 * logits.shape       // [1, 3, 65]
 * state[0].h.shape   // [1, 16]
 */
export const charLstm = (vocabulary: number, options: CharLstmOptions = {}): LanguageModel<CharLstmParams, readonly LstmCarry[]> => {
  const { hidden = 256, layers = 2 } = charLstmOf('charLstm', options)
  check('charLstm', 'vocabulary', positiveWhole, vocabulary)
  const stack = Array.from({ length: layers }, (_, i) => lstm(i === 0 ? vocabulary : hidden, hidden, { forgetBias: 1 }))
  const head = dense(hidden, vocabulary)
  const model = statefulLayer<CharLstmParams, readonly LstmCarry[]>({
    name: 'charLstm',
    takes: 'int32',
    gen: () => struct({ lstm: sequence(...stack.map((layer) => layer.gen())), head: head.gen() }),
    initState: (inputShape?: Shape) =>
      stack.map((layer) => layer.initState(inputShape === undefined ? undefined : [...inputShape, hidden])),
    run: (given, { state }) => {
      const params = checkNames('charLstm', given, ['lstm', 'head'])
      const runs = stack.map((layer, i) => layer.applyWithState(params.lstm[i]!, state === undefined ? {} : { state: state[i]! }))
      const out = head.apply(params.head)
      return (x) => {
        const [top, carries] = runs.reduce<readonly [Tensor, readonly LstmCarry[]]>(
          ([below, done], run) => {
            const [above, carry] = run(below)
            return [above, [...done, carry]]
          },
          [oneHot(x, vocabulary, { dtype: params.lstm[0]!.wx.dtype }), []],
        )
        return [out(top), carries]
      }
    },
  })
  return { ...model, vocabulary }
}
