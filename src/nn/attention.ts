/** Dot-product attention: every query sees a mean of values, weighted by how well their keys fit. */
import { check, count, finite, flag, probability, record, tensor, tensorLike } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add, mul } from '../numpy/arithmetic.js'
import { greaterEqual, isfinite, logicalAnd, logicalNot, logicalOr, where } from '../numpy/comparison.js'
import { asarray, finfo } from '../numpy/create.js'
import { repeat } from '../numpy/join.js'
import { iota, stopGradient } from '../numpy/lax.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift, toFloat } from '../numpy/lift.js'
import { matmul } from '../numpy/matmul.js'
import { all, any } from '../numpy/reduce.js'
import { expandDims, reshape, swapaxes } from '../numpy/shape.js'
import type { Key } from '../random/key.js'
import { drop } from './dropout.js'
import { softmax } from './softmax.js'

/** Options of `dotProductAttention`. */
export interface AttentionOptions {
  /** Added to the logits; broadcasts to `[..., heads, queries, keys]`. */
  readonly bias?: TensorLike
  /** Which keys a query sees (true); broadcasts to `[..., heads, queries, keys]`. A query that sees none gets zeros. */
  readonly mask?: Tensor
  /** Query `t` sees keys `0 .. t` only. */
  readonly isCausal?: boolean
  /** What logits are multiplied by; `1 / sqrt(features)` by default. */
  readonly scale?: number
  /** Weights are dropped at this rate with this key. */
  readonly dropout?: { readonly key: Key; readonly rate: number }
}

const attentions = optionsOf<AttentionOptions>({ bias: tensorLike, mask: tensor, isCausal: flag, scale: finite, dropout: record })

/**
 * True where a query may look: at itself and what came before.
 *
 * @example
 * nn.causalMask(2)   // [[true, false], [true, true]]
 */
export const causalMask = (queries: number, keys = queries): Tensor => {
  check('causalMask', 'queries', count, queries)
  check('causalMask', 'keys', count, keys)
  return greaterEqual(iota([queries, keys], { axis: 0 }), iota([queries, keys], { axis: 1 }))
}

const checkHeads = (query: Tensor, key: Tensor, value: Tensor): void => {
  const args = { query, key, value }
  const fix = 'query [..., T, heads, features], key and value [..., S, heads, features]'
  if (query.ndim < 3 || key.ndim !== query.ndim || value.ndim !== query.ndim)
    fail(ShapeError, `dotProductAttention: query, key and value have ${query.ndim}, ${key.ndim} and ${value.ndim} axes`, { args, fix })
  if (query.shape.at(-1) !== key.shape.at(-1))
    fail(ShapeError, `dotProductAttention: features differ: ${query.shape.at(-1)!} (query) and ${key.shape.at(-1)!} (key)`, { args, fix })
  if (key.shape.at(-3) !== value.shape.at(-3) || key.shape.at(-2) !== value.shape.at(-2))
    fail(ShapeError, 'dotProductAttention: keys and values differ in number', { args, fix })
  if (query.shape.at(-2)! % key.shape.at(-2)! !== 0)
    fail(ShapeError, `dotProductAttention: ${query.shape.at(-2)!} heads of queries do not share ${key.shape.at(-2)!} heads of keys`, {
      args,
      fix,
    })
}

/** What is finite of a tensor, and where it is not: `null` where nobody asks. */
interface Finite {
  readonly finite: Tensor
  readonly wrong: Tensor | null
}

/** `x` with 0 for what is not finite, and whether there was any along the last axis. */
const finitePart = (x: Tensor): Finite => {
  const whole = isfinite(stopGradient(x))
  return { finite: where(whole, x, 0), wrong: logicalNot(all(whole, { axis: -1, keepdims: true })) }
}

/**
 * `softmax(query . key * scale + bias) . value` for every head. Keys may have fewer heads than queries: then several heads of
 * queries share one (grouped-query attention).
 *
 * With a mask, or causal, what a query does not see adds exactly 0 to its result and to derivatives, NaN and infinities included, and a
 * query that is, or sees, something that is not finite gets NaN.
 *
 * shapes: query[..., T, N, H], key[..., S, K, H], value[..., S, K, V] -> [..., T, N, V], K dividing N
 *
 * @throws ShapeError when sizes do not fit.
 * @see https://arxiv.org/abs/1706.03762
 * @example
 * const q = np.ones([2, 5, 4, 8])
 * nn.dotProductAttention(q, q, q, { isCausal: true }).shape   // [2, 5, 4, 8]
 */
export const dotProductAttention = (query: TensorLike, key: TensorLike, value: TensorLike, options: AttentionOptions = {}): Tensor => {
  const name = 'dotProductAttention'
  const { bias, mask, isCausal = false, scale, dropout } = attentions(name, options)
  if (dropout !== undefined) check(name, 'dropout.rate', probability, dropout.rate)
  const given = { query: toFloat(query, name, 'query'), key: toFloat(key, name, 'key'), value: toFloat(value, name, 'value') }
  checkHeads(given.query, given.key, given.value)
  const hides = isCausal || mask !== undefined
  // A weight of 0 times NaN is NaN, in products and in their derivatives: they are of finite numbers only, and NaN comes at the end.
  const part = hides ? finitePart : (x: Tensor): Finite => ({ finite: x, wrong: null })
  const [{ finite: q, wrong: noQuery }, { finite: k, wrong: noKey }, { finite: v, wrong: noValue }] = [
    part(given.query),
    part(given.key),
    part(given.value),
  ]
  const [lead, t, heads, features] = [q.shape.slice(0, -3), q.shape.at(-3)!, q.shape.at(-2)!, q.shape.at(-1)!]
  const [s, shared] = [k.shape.at(-3)!, k.shape.at(-2)!]
  const group = heads / shared
  /** Heads before positions; heads of queries that share keys are one longer list of positions. */
  const perHead = (x: Tensor): Tensor => swapaxes(x, -3, -2)
  const folded = (x: Tensor): Tensor => (group === 1 ? x : reshape(x, [...lead, shared, group * t, x.shape.at(-1)!]))
  const unfolded = (x: Tensor): Tensor => (group === 1 ? x : reshape(x, [...lead, heads, t, x.shape.at(-1)!]))

  const scaled = mul(perHead(q), scale ?? 1 / Math.sqrt(features))
  const products = unfolded(matmul(folded(scaled), swapaxes(perHead(k), -2, -1)))
  const logits = bias === undefined ? products : add(products, bias)
  const causal = isCausal ? causalMask(t, s) : null
  const seen = mask === undefined ? causal : causal === null ? mask : logicalAnd(mask, causal)
  const weights = softmax(seen === null ? logits : where(seen, logits, 0.7 * finfo(logits.dtype).min))
  // A query may see nothing: then all weights are alike, and none is meant.
  const kept = seen === null ? weights : where(seen, weights, 0)
  const dropped = dropout === undefined ? kept : drop(dropout.key, kept, dropout.rate)
  const result = perHead(unfolded(matmul(folded(dropped), perHead(v))))
  if (seen === null || noQuery === null || noKey === null || noValue === null) return result
  const wrongKeys = swapaxes(perHead(logicalOr(noKey, noValue)), -2, -1)
  const perQuery = group === 1 ? wrongKeys : repeat(wrongKeys, group, { axis: -3 })
  const wrong = logicalOr(noQuery, perHead(any(logicalAnd(seen, perQuery), { axis: -1, keepdims: true })))
  return add(result, where(wrong, asarray(NaN, { dtype: result.dtype }), 0))
}

/** A mask of positions `[batch, length]` as one of keys `[batch, 1, 1, length]`, the same for all heads and queries. */
export const keyMask = (positions: Tensor): Tensor => expandDims(lift(positions, 'keyMask', 'positions'), [-2, -3])
