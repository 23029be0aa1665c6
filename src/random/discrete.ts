/** Integers, permutations and choices, as pure functions of a key. */
import { normaliseAxis } from '../core/axis.js'
import { axis as anAxis, check, count, dtype as dtypeName, flag, perAxis, tensor } from '../core/check.js'
import type { DType } from '../core/dtype.js'
import { isInteger } from '../core/dtype.js'
import { DTypeError, fail, ShapeError, ValueError } from '../core/errors.js'
import { optionsOf, optionsOrNumbers } from '../core/options.js'
import type { Shape } from '../core/shape.js'
import { dropAxes, range, sameShape, sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor } from '../core/tensor.js'
import type { ShapeLike } from '../numpy/create.js'
import { iinfo, toShape } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { spread, toFloat } from '../numpy/lift.js'
import { add, mul, neg, rem, sub } from '../prim/arithmetic.js'
import { cumsum } from '../prim/cumulative.js'
import { cast, le, log, lt, select } from '../prim/elementwise.js'
import { gather } from '../prim/gather.js'
import { argmax } from '../prim/reduce.js'
import { sort } from '../prim/sort.js'
import { broadcast, full, iota, like, moveAxis, reduceSum, reshape, sliceAxis, transpose } from '../prim/structure.js'
import { bits, parameter, uniform } from './bits.js'
import { gumbel } from './draw.js'
import type { Key } from './key.js'
import { checkKey, split } from './key.js'

/** The least value, how many there are, and 2^32 modulo that as JAX computes it; all of the draw's shape. */
interface Span {
  readonly low: Tensor
  readonly span: Tensor
  readonly multiplier: Tensor
}

/** @throws ValueError for bounds that are not whole, hold nothing between them, or leave the dtype. */
const spanOfNumbers = (low: number, high: number, shape: Shape, dtype: DType): Span | null => {
  const { min, max } = iinfo(dtype)
  if (!Number.isInteger(low) || !Number.isInteger(high) || low >= high)
    fail(ValueError, `randint: there are no integers from ${low} up to ${high}`, { fix: 'whole numbers, minval < maxval' })
  if (low < min || high > max + 1)
    fail(ValueError, `randint: integers from ${low} up to ${high} are not all ${dtype}, which holds ${min} to ${max}`, {
      fix: low >= 0 && high <= 2 ** 32 ? "{ dtype: 'uint32' }" : 'bounds within the dtype; maxval itself is never drawn',
    })
  const [a, span] = [low, high - low]
  if (span === 2 ** 32) return null
  const half = 2 ** 16 % span
  const constant = (value: number, of: DType): Tensor => full(shape, value, of, false)
  return { low: constant(a, dtype), span: constant(span, 'uint32'), multiplier: constant(((half * half) % 2 ** 32) % span, 'uint32') }
}

const spanOfTensors = (low: TensorLike, high: TensorLike, shape: Shape, dtype: DType): Span => {
  const [a, b] = [parameter('randint', low, shape, dtype), parameter('randint', high, shape, dtype)]
  const size = cast(sub(b, a), 'uint32')
  const span = select(le(b, a), like(size, 1), size)
  const half = rem(like(span, 2 ** 16), span)
  return { low: a, span, multiplier: rem(mul(half, half), span) }
}

const integers = optionsOf<{ readonly dtype?: DType }>({ dtype: dtypeName })

/**
 * Integers from `[minval, maxval)`. The bias is that of 64 random bits reduced by remainders: negligible for ranges below 2^16,
 * as in JAX. Bounds that are tensors may leave nothing between them: `minval` is drawn then.
 *
 * @throws ValueError for bounds that are not whole numbers, of which the first is not the smaller, or that the dtype cannot hold.
 * @example
 * random.randint(key, [8], 0, 100)
 */
export const randint = (
  key: Key,
  shape: ShapeLike,
  minval: TensorLike,
  maxval: TensorLike,
  options: { readonly dtype?: DType } = {},
): Tensor => {
  const { dtype = 'int32' } = integers('randint', options)
  checkKey('randint', key)
  if (!isInteger(dtype)) fail(DTypeError, `randint: draws are int32 or uint32, not ${dtype}`)
  const s = toShape('randint', shape)
  const [k1, k2] = split(key)
  const [high, low] = [bits(k1, s), bits(k2, s)]
  const numbers = typeof minval === 'number' && typeof maxval === 'number'
  const found = numbers ? spanOfNumbers(minval, maxval, s, dtype) : spanOfTensors(minval, maxval, s, dtype)
  if (found === null) return add(full(s, iinfo(dtype).min, dtype, false), cast(low, dtype))
  const { span, multiplier } = found
  const offset = rem(add(mul(rem(high, span), multiplier), rem(low, span)), span)
  return add(found.low, cast(offset, dtype))
}

/** `x` sorted along `axis` by fresh random keys, often enough that ties do not matter. */
const shuffled = (key: Key, x: Tensor, axis: number): Tensor => {
  const rounds = Math.ceil((3 * Math.log(Math.max(1, x.size))) / Math.log(2 ** 32 - 1))
  const [result] = range(rounds).reduce<readonly [Tensor, Key]>(
    ([y, k]) => {
      const [next, sub] = split(k)
      return [sort([bits(sub, y.shape), y], { axis, keys: 1 })[1]!, next]
    },
    [x, key],
  )
  return result
}

/** The slices of `x` along `axis` at `places` (of any shape, whose axes take the place of `axis`). */
const takeAxis = (x: Tensor, places: Tensor, axis: number): Tensor => {
  const taken = gather(x, reshape(places, [...places.shape, 1]), { axes: [axis], batch: 0, mode: 'clip' })
  const n = places.ndim
  const rest = range(taken.ndim - n).map((i) => i + n)
  return transpose(taken, [...rest.slice(0, axis), ...range(n), ...rest.slice(axis)])
}

/** Options of `permutation`. */
export interface PermutationOptions {
  /** The axis to permute; the first by default. */
  readonly axis?: number
  /** Permute every line along the axis on its own, instead of whole slices. */
  readonly independent?: boolean
}

const permutations = optionsOrNumbers<PermutationOptions, 'axis'>({ axis: anAxis, independent: flag }, 'axis')

/**
 * For a number `n` the integers `0 .. n-1` in random order; for a tensor its slices along an axis in random order.
 *
 * @throws ShapeError for a scalar tensor or an axis out of range.
 * @example
 * random.permutation(key, 10)
 * random.permutation(key, np.eye(3), { axis: 1 })
 */
export const permutation = (key: Key, x: number | Tensor, options: PermutationOptions | number = {}): Tensor => {
  const { axis = 0, independent = false } = permutations('permutation', options)
  checkKey('permutation', key)
  if (!isTensor(x)) check('permutation', 'x', count, x)
  if (!isTensor(x)) return shuffled(key, iota(toShape('permutation', x), 'int32', 0), 0)
  const a = normaliseAxis('permutation', axis, x)
  if (independent || x.ndim === 1) return shuffled(key, x, a)
  return takeAxis(x, shuffled(key, iota([x.shape[a]!], 'int32', 0), 0), a)
}

/** A tensor's slices along an axis (the first by default) in random order. */
export const shuffle = (key: Key, x: Tensor, axis = 0): Tensor => permutation(key, x, { axis })

/** The places of the `n` largest elements of the last axis, largest first. */
const largest = (x: Tensor, n: number): Tensor => {
  const last = x.ndim - 1
  const order = sort([neg(x), iota(x.shape, 'int32', last)], { axis: last, keys: 1 })[1]!
  return sliceAxis(order, last, 0, n)
}

/** Options of `categorical`. */
export interface CategoricalOptions {
  /** The axis of the classes; the last by default. */
  readonly axis?: number
  /** Shape of the result; ends in the shape of the logits without their class axis, which is also the default. */
  readonly shape?: ShapeLike
  /** `false`: no class twice among the draws of the leading axes of `shape`. */
  readonly replace?: boolean
}

const sizes = perAxis(count)
const categories = optionsOrNumbers<CategoricalOptions, 'axis'>({ axis: anAxis, shape: sizes, replace: flag }, 'axis')

/**
 * Class numbers with probabilities proportional to `exp(logits)`; int32.
 *
 * @throws ShapeError when `shape` does not end in the batch shape of the logits.
 * @example
 * random.categorical(key, np.log(np.array([0.1, 0.2, 0.7])), { shape: [6] })
 */
export const categorical = (key: Key, logits: TensorLike, options: CategoricalOptions | number = {}): Tensor => {
  const { axis = -1, shape, replace = true } = categories('categorical', options)
  checkKey('categorical', key)
  const x = toFloat(logits, 'categorical', 'logits')
  const a = normaliseAxis('categorical', axis, x)
  const batch = dropAxes(x.shape, [a])
  const s = shape === undefined ? batch : toShape('categorical', shape)
  const lead = s.slice(0, s.length - batch.length)
  if (s.length < batch.length || !sameShape(s.slice(lead.length), batch))
    fail(ShapeError, `categorical: shape [${s.join(',')}] must end in [${batch.join(',')}]`, { args: { logits: x } })
  if (replace) {
    const noise = gumbel(key, [...lead, ...x.shape], { dtype: x.dtype })
    return argmax(add(noise, spread(x, noise.shape)), a + lead.length)
  }
  const draws = sizeOf(lead)
  if (draws > x.shape[a]!)
    fail(ValueError, `categorical: ${draws} draws without replacement from ${x.shape[a]!} classes`, { args: { logits: x } })
  const scores = add(x, gumbel(key, x.shape, { dtype: x.dtype }))
  const places = largest(moveAxis(scores, a, x.ndim - 1), draws)
  return reshape(moveAxis(places, x.ndim - 1, 0), s)
}

/** Options of `choice`. */
export interface ChoiceOptions {
  /** `false`: no element twice. */
  readonly replace?: boolean
  /** Probabilities; uniform by default. */
  readonly p?: Tensor
  /** The axis of a tensor that is chosen from; the first by default. */
  readonly axis?: number
}

const choices = optionsOf<ChoiceOptions>({ replace: flag, p: tensor, axis: anAxis })

/** Places in `0 .. p.size - 1` with probabilities `p`: the first whose cumulative probability reaches a uniform number. */
const weighted = (key: Key, p: Tensor, shape: Shape): Tensor => {
  const cumulative = cumsum(p, 0)
  const total = spread(sliceAxis(cumulative, 0, p.size - 1, p.size), [sizeOf(shape)])
  const u = uniform(key, shape, { dtype: p.dtype })
  const r = mul(total, reshape(sub(like(u, 1), u), [sizeOf(shape)]))
  const grid = [sizeOf(shape), p.size]
  const below = lt(broadcast(cumulative, grid, [1]), broadcast(r, grid, [0]))
  return reshape(reduceSum(cast(below, 'int32'), [1]), shape)
}

/**
 * Random elements of `0 .. a-1`, or slices of a tensor along an axis.
 *
 * @throws ValueError when more are asked for without replacement than there are.
 * @example
 * random.choice(key, 5, [3], { replace: false })
 */
export const choice = (key: Key, a: number | Tensor, shape: ShapeLike = [], options: ChoiceOptions = {}): Tensor => {
  const { replace = true, p, axis = 0 } = choices('choice', options)
  if (!isTensor(a)) check('choice', 'a', count, a)
  checkKey('choice', key)
  const s = toShape('choice', shape)
  const at = isTensor(a) ? normaliseAxis('choice', axis, a) : 0
  const n = isTensor(a) ? a.shape[at]! : a
  const draws = sizeOf(s)
  if (n <= 0 && draws > 0) fail(ValueError, 'choice: there is nothing to choose from')
  if (!replace && draws > n) fail(ValueError, `choice: ${draws} draws without replacement from ${n}`, { fix: 'replace: true' })
  if (p !== undefined && !sameShape(p.shape, [n]))
    fail(ShapeError, `choice: p needs one probability for each of the ${n} choices`, { args: { p } })
  const weights = p === undefined ? null : toFloat(p, 'choice', 'p')
  const places = replace
    ? weights === null
      ? randint(key, s, 0, Math.max(1, n))
      : weighted(key, weights, s)
    : weights === null
      ? reshape(sliceAxis(permutation(key, n), 0, 0, draws), s)
      : reshape(largest(add(gumbel(key, [n], { dtype: weights.dtype }), log(weights)), draws), s)
  return isTensor(a) ? takeAxis(a, places, at) : places
}
