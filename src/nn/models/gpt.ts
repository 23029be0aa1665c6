/** GPT: a transformer of blocks that look back only, and read the next token off the last one. */
import type { DType } from '../../core/dtype.js'
import { check, dtype as dtypeMeaning, flag, oneOf, positiveWhole, probability } from '../../core/check.js'
import { fail, ShapeError, ValueError } from '../../core/errors.js'
import { optionsOf } from '../../core/options.js'
import { range } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { isReadable } from '../../core/tensor.js'
import { add } from '../../numpy/arithmetic.js'
import { lessEqual } from '../../numpy/comparison.js'
import { array, zeros } from '../../numpy/create.js'
import { dynamicUpdateSlice, iota, pad } from '../../numpy/lax.js'
import { matmul } from '../../numpy/matmul.js'
import { arange } from '../../numpy/ranges.js'
import { broadcastTo, reshape, swapaxes } from '../../numpy/shape.js'
import { take } from '../../numpy/take.js'
import type { Gen } from '../../random/gen.js'
import { of, sequence, struct } from '../../random/gen.js'
import { foldIn } from '../../random/key.js'
import { gelu } from '../activation.js'
import type { AttentionOptions } from '../attention.js'
import { dotProductAttention } from '../attention.js'
import type { ScaleAndBias } from '../batchNorm.js'
import { checkNames } from '../fit.js'
import type { Affine, DenseOptions } from '../dense.js'
import { dense, linear } from '../dense.js'
import { drop } from '../dropout.js'
import type { EmbeddingTable } from '../embedding.js'
import { embedding } from '../embedding.js'
import { normal } from '../initializer.js'
import type { Context, Layer } from '../layer.js'
import { statefulLayer } from '../layer.js'
import { layerNorm } from '../norm.js'
import { runSlot } from '../part.js'
import type { AttentionParams } from '../multiHeadAttention.js'
import { learnedPositions, rotary } from '../positions.js'
import type { LanguageModel } from './language.js'

/** Options of `gpt`. */
export interface GptOptions {
  /** The longest text it sees; 64 tokens by default. */
  readonly context?: number
  /** The size of the vectors between blocks; 128 by default. */
  readonly features?: number
  /** Blocks; 4 by default. */
  readonly layers?: number
  /** Heads of attention in each block, a divisor of `features`; 4 by default. */
  readonly heads?: number
  /** How a token knows its place: a learned vector is added (GPT-2; the default), or queries and keys are turned (`rotary`). */
  readonly positions?: 'learned' | 'rotary'
  /** The head is the table of tokens, as in GPT-2; true by default. */
  readonly tied?: boolean
  /** The rate of dropout in training; 0 by default. */
  readonly dropout?: number
  readonly dtype?: DType
}

/** Parameters of a block: attention to what came before, then a perceptron; each reads a normalised input and adds to it. */
export interface GptBlockParams {
  readonly norm1: ScaleAndBias
  readonly attention: AttentionParams
  readonly norm2: ScaleAndBias
  readonly up: Affine
  readonly down: Affine
}

/** Parameters of `gpt`. */
export interface GptParams {
  readonly tokens: EmbeddingTable
  /** Null with rotary positions. */
  readonly positions: EmbeddingTable | null
  readonly blocks: readonly GptBlockParams[]
  readonly norm: ScaleAndBias
  /** Null when it is tied to the table of tokens. */
  readonly head: { readonly w: Tensor } | null
}

/** What a block has seen: the keys and values of the text so far, in the first `length` places. */
export interface GptCache {
  /** `[..., context, heads, features / heads]` */
  readonly keys: Tensor
  readonly values: Tensor
  /** int32, a scalar. */
  readonly length: Tensor
}

type Sizes = Required<Pick<GptOptions, 'context' | 'features' | 'layers' | 'heads' | 'positions' | 'dropout' | 'dtype'>>

const count = (n: number): Tensor => array(n, { dtype: 'int32' })

/** The key of a layer's dropout in training; null when nothing is dropped. */
const dropKey = ({ train = false, key }: Context, rate: number): Tensor | null => {
  if (!train || rate === 0) return null
  return key ?? fail(ValueError, 'gpt: training with dropout needs a key', { fix: 'model.apply(params, { train: true, key })' })
}

/** Attention of every token to itself and the ones before it, those in the cache included. */
const lookBack = (
  { query, key, value, out }: AttentionParams,
  x: Tensor,
  past: GptCache | undefined,
  { context, features, heads, positions }: Sizes,
  dropout: Pick<AttentionOptions, 'dropout'>,
): readonly [Tensor, GptCache] => {
  const [batch, length, head] = [x.shape.slice(0, -2), x.shape.at(-2)!, [heads, features / heads] as const]
  const first = arange(length, { dtype: 'int32' })
  const places = past === undefined ? first : add(first, past.length)
  const inHeads = (p: Affine): Tensor => reshape(linear(p, x), [...batch, length, ...head])
  const turned = (t: Tensor): Tensor => (positions === 'rotary' ? rotary(t, { positions: places }) : t)
  const [q, k, v] = [turned(inHeads(query)), turned(inHeads(key)), inHeads(value)]
  const joined = (y: Tensor): Tensor => linear(out, reshape(y, x.shape))
  if (past === undefined) {
    const kept = (t: Tensor): Tensor => pad(t, 0, [...batch.map(() => [0, 0, 0] as const), [0, context - length, 0], [0, 0, 0], [0, 0, 0]])
    const y = dotProductAttention(q, k, v, { isCausal: true, ...dropout })
    return [joined(y), { keys: kept(k), values: kept(v), length: count(length) }]
  }
  const written = (all: Tensor, t: Tensor): Tensor =>
    dynamicUpdateSlice(broadcastTo(all, [...batch, context, ...head]), t, [...batch.map(() => 0), past.length, 0, 0])
  const cache = { keys: written(past.keys, k), values: written(past.values, v), length: add(past.length, length) }
  const mask = lessEqual(iota([length, context], { axis: 1 }), reshape(places, [length, 1]))
  return [joined(dotProductAttention(q, cache.keys, cache.values, { mask, ...dropout })), cache]
}

const block = (sizes: Sizes): Layer<GptBlockParams, GptCache> => {
  const { context, features, heads, layers, dropout: rate, dtype } = sizes
  const [drawn, narrow] = [
    { wInit: normal(0.02), dtype },
    { wInit: normal(0.02 / Math.sqrt(2 * layers)), dtype },
  ]
  const norm = layerNorm(features, { dtype })
  const square = (options: DenseOptions): Gen<Affine> => dense(features, features, options).gen()
  return statefulLayer<GptBlockParams, GptCache>({
    name: 'block',
    gen: () =>
      struct({
        norm1: norm.gen(),
        attention: struct({ query: square(drawn), key: square(drawn), value: square(drawn), out: square(narrow) }),
        norm2: norm.gen(),
        up: dense(features, 4 * features, drawn).gen(),
        down: dense(4 * features, features, narrow).gen(),
      }),
    initState: (inputShape) => {
      const none = (): Tensor => zeros([...(inputShape ?? []).slice(0, -2), context, heads, features / heads], { dtype })
      return { keys: none(), values: none(), length: count(0) }
    },
    run: ({ norm1, attention, norm2, up, down }, { state, ...mode }) => {
      const key = dropKey(mode, rate)
      const dropped = (y: Tensor, i: number): Tensor => (key === null ? y : drop(foldIn(key, i), y, rate))
      const dropout = key === null ? {} : { dropout: { key: foldIn(key, 0), rate } }
      return (x) => {
        const [seen, cache] = lookBack(attention, norm.apply(norm1)(x), state, sizes, dropout)
        const y = add(x, dropped(seen, 1))
        return [add(y, dropped(linear(down, gelu(linear(up, norm.apply(norm2)(y)), { approximate: true })), 2)), cache]
      }
    },
  })
}

const gptOf = optionsOf<GptOptions>({
  context: positiveWhole,
  features: positiveWhole,
  layers: positiveWhole,
  heads: positiveWhole,
  positions: oneOf('learned', 'rotary'),
  tied: flag,
  dropout: probability,
  dtype: dtypeMeaning,
})

const checked = (given: GptOptions): Sizes & { readonly tied: boolean } => {
  const { context = 64, features = 128, layers = 4, heads = 4, positions = 'learned', ...rest } = gptOf('gpt', given)
  if (features % heads !== 0) fail(ShapeError, `gpt: ${features} features do not divide into ${heads} heads`)
  const { tied = true, dropout = 0, dtype = 'float32' } = rest
  return { context, features, layers, heads, positions, tied, dropout, dtype }
}

/** @throws ShapeError when a text does not fit into what is left of the context, where that is known: not under `jit`, and not on devices whose memory is read asynchronously. */
const checkLength = (length: number, past: Tensor | undefined, context: number): void => {
  const before = past !== undefined && isReadable(past) ? Number(past) : 0
  if (before + length > context)
    fail(ShapeError, `gpt: ${before === 0 ? '' : `${before} tokens and `}${length} tokens are more than the ${context} of the context`, {
      fix: 'a shorter text, or a model of a longer context',
    })
}

/**
 * A decoder-only transformer: logits of the next token for every place of a text, each of which sees only itself and what came before.
 * Blocks normalise what they read, not what they write (GPT-2). The state of every block is a cache of keys and values: given
 * again, the text goes on, and only what is new is computed. The state of `initState([N, 1])` begins a batch of N texts.
 *
 * Parameters: `12 layers features^2 + 13 layers features + (vocabulary + context + 2) features`, without `context` for rotary
 * positions, with another `vocabulary features` for a head of its own; 124 439 808 for the sizes of GPT-2.
 *
 * shapes: x int32[..., time], each in 0 .. vocabulary - 1, time up to `context` -> [..., time, vocabulary]
 *
 * @see https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf (Radford et al., 2019)
 * @throws ShapeError when features do not divide into heads, or a text is longer than the context; ValueError for sizes that are
 * not positive integers, and when dropout trains without a key.
 * @example
 * const model = models.gpt(65, { context: 16, features: 32, layers: 2 })
 * model.apply(model.init(random.key(0)))(np.array([[1, 2, 3]], { dtype: 'int32' })).shape   // [1, 3, 65]
 */
export const gpt = (vocabulary: number, options: GptOptions = {}): LanguageModel<GptParams, readonly GptCache[]> => {
  const sizes = checked(options)
  const { context, features, layers, tied, dropout: rate, dtype } = sizes
  const drawn = { wInit: normal(0.02), dtype }
  const tokens = embedding(check('gpt', 'vocabulary', positiveWhole, vocabulary), features, drawn)
  const places = learnedPositions(context, features, drawn)
  const norm = layerNorm(features, { dtype })
  const blocks = range(layers).map((i) => ({ layer: block(sizes), at: `blocks/${i}`, label: `block[${i}]` }))
  const learned = sizes.positions === 'learned'
  const model = statefulLayer<GptParams, readonly GptCache[]>({
    name: 'gpt',
    takes: 'int32',
    gen: () =>
      struct({
        tokens: tokens.gen(),
        positions: learned ? places.gen() : of(null),
        blocks: sequence(...blocks.map(({ layer }) => layer.gen())),
        norm: norm.gen(),
        head: tied ? of(null) : dense(features, vocabulary, { ...drawn, bias: false }).gen(),
      }),
    initState: (inputShape) => blocks.map(({ layer }) => layer.initState(inputShape === undefined ? undefined : [...inputShape, features])),
    run: (own, given) => {
      const params = checkNames('gpt', own, ['tokens', 'blocks', 'norm'])
      const { state, ...mode } = given
      const key = dropKey(mode, rate)
      const runs = blocks.map((slot, i) => runSlot(slot, i, params.blocks[i], state?.[i], given))
      const placed = (x: Tensor): Tensor => {
        if (params.positions === null) return x
        const past = state?.[0]?.length
        return past === undefined
          ? places.apply(params.positions)(x)
          : add(x, take(params.positions.table, add(arange(x.shape.at(-2)!, { dtype: 'int32' }), past), { axis: 0, mode: 'clip' }))
      }
      return (ids) => {
        checkLength(ids.shape.at(-1) ?? 0, state?.[0]?.length, context)
        const x = placed(tokens.apply(params.tokens)(ids))
        const start = key === null ? x : drop(foldIn(key, layers), x, rate)
        const [last, caches] = runs.reduce<readonly [Tensor, readonly GptCache[]]>(
          ([below, done], run) => {
            const [above, cache] = run(below)
            return [above, [...done, cache as GptCache]]
          },
          [start, []],
        )
        const y = norm.apply(params.norm)(last)
        return [matmul(y, params.head === null ? swapaxes(params.tokens.table, 0, 1) : params.head.w), caches]
      }
    },
  })
  return { ...model, vocabulary, context }
}
