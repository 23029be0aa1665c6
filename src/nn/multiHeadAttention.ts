/** Multi-head attention: projections to heads, attention within each, and a projection back. */
import { callable, check, dtype as dtypeMeaning, either, flag, positiveWhole, probability, record, tensor } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf, recordOf } from '../core/options.js'
import type { DType } from '../core/dtype.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { logicalAnd } from '../numpy/comparison.js'
import { reshape } from '../numpy/shape.js'
import type { Gen } from '../random/gen.js'
import { struct } from '../random/gen.js'
import type { Key } from '../random/key.js'
import { dotProductAttention, keyMask } from './attention.js'
import { checkNames, checkSizes } from './fit.js'
import type { Affine } from './dense.js'
import { dense, linear } from './dense.js'
import type { Initializer } from './initializer.js'
import type { Layer } from './layer.js'
import { layer } from './layer.js'
import type { RotaryOptions } from './positions.js'
import { rotary } from './positions.js'

/** The four projections. */
export interface AttentionParams {
  readonly query: Affine
  readonly key: Affine
  readonly value: Affine
  readonly out: Affine
}

/** How queries see keys. */
export interface HeadOptions {
  /** Heads of keys and values, a divisor of `heads`; as many by default. */
  readonly kvHeads?: number
  /** Every position sees itself and those before it only. */
  readonly isCausal?: boolean
  /** Turns queries and keys by their positions. */
  readonly rotary?: boolean | RotaryOptions
}

/** What `attend` takes besides parameters and inputs. */
export interface AttendOptions extends HeadOptions {
  readonly heads: number
  /** Which keys a query sees; broadcasts to `[batch, heads, queries, keys]`. */
  readonly mask?: Tensor
  /** Which positions of `memory` are real: bool `[batch, keys]`. */
  readonly keyMask?: Tensor
  readonly dropout?: { readonly key: Key; readonly rate: number }
}

/** Options of `multiHeadAttention`. */
export interface MultiHeadOptions extends HeadOptions {
  /** The rate at which weights are dropped while training; 0 by default. */
  readonly dropout?: number
  /** How weights are drawn; as in `dense` by default. */
  readonly wInit?: Initializer
  readonly bInit?: Initializer
  readonly dtype?: DType
}

const headMeanings: Meanings<HeadOptions> = { kvHeads: positiveWhole, isCausal: flag, rotary: either(flag, record) }
const attendOf = recordOf<AttendOptions>(
  meaningsOf(headMeanings, { heads: positiveWhole, mask: tensor, keyMask: tensor, dropout: record }),
  ['heads'],
)
const multiHeadOf = optionsOf<MultiHeadOptions>(
  meaningsOf(headMeanings, { dropout: probability, wInit: callable, bInit: callable, dtype: dtypeMeaning }),
)

/**
 * Multi-head attention of `x` to `memory`, for given projections; self-attention when they are the same.
 *
 * shapes: x[..., T, features], memory[..., S, features] -> [..., T, features]
 *
 * @throws ShapeError when sizes do not fit.
 * @example
 * const params = nn.multiHeadAttention(8, 2).init(random.key(0))
 * nn.attend(params, np.ones([1, 3, 8]), np.ones([1, 5, 8]), { heads: 2 }).shape   // [1, 3, 8]
 */
export const attend = (params: AttentionParams, x: Tensor, memory: Tensor, options: AttendOptions): Tensor => {
  const { query, key, value, out } = checkNames('attend', params, ['query', 'key', 'value', 'out'])
  check('attend', 'x', tensor, x)
  check('attend', 'memory', tensor, memory)
  const { heads, kvHeads = heads, isCausal = false, rotary: turn = false, mask, keyMask: real, dropout } = attendOf('attend', options)
  const inHeads = (t: Tensor, n: number): Tensor => reshape(t, [...t.shape.slice(0, -1), n, t.shape.at(-1)! / n])
  const turned = (t: Tensor): Tensor => (turn === false ? t : rotary(t, turn === true ? {} : turn))
  const [q, k] = [turned(inHeads(linear(query, x), heads)), turned(inHeads(linear(key, memory), kvHeads))]
  const padding = real === undefined ? undefined : keyMask(real)
  const seen = mask === undefined ? padding : padding === undefined ? mask : logicalAnd(mask, padding)
  const y = dotProductAttention(q, k, inHeads(linear(value, memory), kvHeads), {
    isCausal,
    ...(seen === undefined ? {} : { mask: seen }),
    ...(dropout === undefined ? {} : { dropout }),
  })
  return linear(out, reshape(y, [...x.shape.slice(0, -1), y.shape.at(-1)! * heads]))
}

const featuresOf = (shape: Shape | undefined): number =>
  shape?.at(-1) ??
  fail(ShapeError, 'multiHeadAttention: the number of features is unknown', {
    fix: 'multiHeadAttention(features, heads), or init(key, inputShape)',
  })

/**
 * Self-attention as a layer: `multiHeadAttention(features, heads)`. Which positions are padding comes with the context, as
 * `mask`; `attend` is the function behind it, for attention to something else.
 *
 * shapes: x[..., T, features] -> the same
 *
 * @throws ShapeError when features do not divide into heads; ValueError when dropout trains without a key.
 * @see https://arxiv.org/abs/1706.03762
 * @example
 * const layer = nn.multiHeadAttention(8, 2, { isCausal: true })
 * const x = np.ones([1, 3, 8])
 * layer.apply(layer.init(random.key(0)), { mask: np.array([[true, true, false]]) })(x).shape   // [1, 3, 8]
 */
export const multiHeadAttention: {
  (features: number, heads: number, options?: MultiHeadOptions): Layer<AttentionParams>
  (heads: number, options?: MultiHeadOptions): Layer<AttentionParams>
} = (first: number, second?: number | MultiHeadOptions, third?: MultiHeadOptions): Layer<AttentionParams> => {
  const explicit = typeof second === 'number'
  const given = explicit ? check('multiHeadAttention', 'features', positiveWhole, first) : null
  const heads = check('multiHeadAttention', 'heads', positiveWhole, explicit ? second : first)
  const { dropout = 0, kvHeads = heads, isCausal, rotary: turn, ...drawn } = multiHeadOf('multiHeadAttention', explicit ? third : second)
  if (heads % kvHeads !== 0) fail(ValueError, `multiHeadAttention: ${heads} heads do not share ${kvHeads} heads of keys`)
  return layer<AttentionParams>(
    'multiHeadAttention',
    (inputShape) => {
      const features = given ?? featuresOf(inputShape)
      if (features % heads !== 0) fail(ShapeError, `multiHeadAttention: ${features} features do not divide into ${heads} heads`)
      const to = (n: number): Gen<Affine> => dense(features, n, drawn).gen()
      const narrow = (features / heads) * kvHeads
      return struct({ query: to(features), key: to(narrow), value: to(narrow), out: to(features) })
    },
    (params, { train = false, key, mask }) => {
      checkNames('multiHeadAttention', params, ['query', 'key', 'value', 'out'])
      const narrow = given === null ? null : (given / heads) * kvHeads
      ;(['query', 'key', 'value', 'out'] as const).forEach((part) => {
        const outputs = part === 'query' || part === 'out' ? given : narrow
        checkSizes(`multiHeadAttention: ${part}`, params[part], { w: [given, outputs], b: [outputs] })
      })
      return (x) => {
        const drops = train && dropout > 0
        if (drops && key === undefined)
          fail(ValueError, 'multiHeadAttention: training with dropout needs a key', { fix: 'model.apply(params, { train: true, key })' })
        return attend(params, x, x, {
          heads,
          kvHeads,
          ...(isCausal === undefined ? {} : { isCausal }),
          ...(turn === undefined ? {} : { rotary: turn }),
          ...(mask === undefined ? {} : { keyMask: mask }),
          ...(drops && key !== undefined ? { dropout: { key, rate: dropout } } : {}),
        })
      }
    },
  )
}
