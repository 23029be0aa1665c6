/** What models of language have in common, and texts that they write. */
import { jit } from '../../control/jit.js'
import { check, count as countMeaning, nonNegative, positiveWhole, tensor, wholeWithin } from '../../core/check.js'
import { fail, ShapeError } from '../../core/errors.js'
import { optionsOf } from '../../core/options.js'
import { layers } from '../layer.js'
import { range } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { div } from '../../numpy/arithmetic.js'
import { greaterEqual, where } from '../../numpy/comparison.js'
import { index } from '../../numpy/index.js'
import { concatenate } from '../../numpy/join.js'
import { argmax } from '../../numpy/reduce.js'
import { expandDims } from '../../numpy/shape.js'
import { topK as largest } from '../../numpy/sort.js'
import { categorical } from '../../random/discrete.js'
import type { Key } from '../../random/key.js'
import { foldIn } from '../../random/key.js'
import type { Layer } from '../layer.js'

/** Logits of the next token for every place of a text; the state is what the model remembers of the text so far. */
export interface LanguageModel<P, S> extends Layer<P, S> {
  /** The number of different tokens. */
  readonly vocabulary: number
  /** The longest text that the state holds; undefined when there is no limit. */
  readonly context?: number
}

/** Options of `sample`. */
export interface SampleOptions {
  /** Logits are divided by it: below 1 the likely becomes likelier, at 0 the likeliest token is taken. 1 by default. */
  readonly temperature?: number
  /** Only so many of the likeliest tokens are drawn from; all by default. */
  readonly topK?: number
}

const sampleOf = optionsOf<SampleOptions>({ temperature: nonNegative, topK: positiveWhole })

/** A token for every row of logits `[..., vocabulary]`. */
const drawn = (key: Key, logits: Tensor, { temperature = 1, topK }: SampleOptions): Tensor => {
  if (temperature === 0) return argmax(logits, { axis: -1 })
  const scaled = div(logits, temperature)
  if (topK === undefined) return categorical(key, scaled)
  const [best] = largest(scaled, topK)
  return categorical(key, where(greaterEqual(scaled, index(best, '...', { start: topK - 1 })), scaled, -Infinity))
}

/** The last `n` places of a text. */
const end = (text: Tensor, n: number): Tensor => index(text, '...', { start: Math.max(0, text.shape.at(-1)! - n) })

/**
 * Texts that a model writes: `sample(model, options)(params, key, prompt, count)` is the prompt and `count` tokens after it, each
 * drawn from what the model says about the ones before. Every token costs one step, because the model's state is carried along.
 * Where that is full, it is made anew from the second half of what it held.
 *
 * shapes: prompt int32[..., time] -> [..., time + count]; every row is drawn on its own
 *
 * @throws ValueError for a negative temperature, or `topK` outside 1 .. vocabulary; ShapeError for an empty prompt.
 * @example
 * const model = models.gpt(65, { context: 16, features: 32, layers: 2 })
 * const write = models.sample(model, { temperature: 0.8, topK: 10 })
 * write(model.init(random.key(0)), random.key(1), np.array([[1, 2, 3]], { dtype: 'int32' }), 5).shape   // [1, 8]
 */
export const sample = <P, S>(
  model: LanguageModel<P, S>,
  options: SampleOptions = {},
): ((params: P, key: Key, prompt: Tensor, count: number) => Tensor) => {
  check('sample', 'model', layers, model)
  const { topK } = sampleOf('sample', options)
  const { vocabulary, context = Infinity } = model
  if (topK !== undefined) check('sample', 'topK', wholeWithin(1, vocabulary), topK)
  const step = jit((params: P, state: S, tokens: Tensor, key: Key) => {
    const [logits, next] = model.applyWithState(params, { state })(tokens)
    const last = index(logits, '...', -1, ':')
    return { token: expandDims(drawn(key, last, options), -1), state: next }
  })
  return (params, key, prompt, count) => {
    check('sample', 'prompt', tensor, prompt)
    if ((prompt.shape.at(-1) ?? 0) === 0) fail(ShapeError, 'sample: an empty prompt says nothing about what follows', { args: { prompt } })
    check('sample', 'count', countMeaning, count)
    const empty = model.initState([...prompt.shape.slice(0, -1), 1])
    const start = { text: prompt, fresh: end(prompt, context), state: empty, held: 0 }
    return range(count).reduce(({ text, fresh, state, held }, i) => {
      const full = held + fresh.shape.at(-1)! > context
      const [past, tokens] = full ? [empty, end(text, Math.ceil(context / 2))] : [state, fresh]
      const { token, state: next } = step(params, past, tokens, foldIn(key, i)) as { readonly token: Tensor; readonly state: S }
      return {
        text: concatenate([text, token], { axis: -1 }),
        fresh: token,
        state: next,
        held: (full ? 0 : held) + tokens.shape.at(-1)!,
      }
    }, start).text
  }
}
