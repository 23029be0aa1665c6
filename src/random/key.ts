/** Keys: the only source of randomness. A key is data; the same key always gives the same numbers. */
import { fail, ShapeError, DTypeError, ValueError } from '../core/errors.js'
import { aval } from '../core/aval.js'
import { describe } from '../core/describe.js'
import { isInteger, wordType } from '../core/dtype.js'
import type { Shape, TupleOf } from '../core/shape.js'
import { sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor, isTensor } from '../core/tensor.js'
import { toShape } from '../numpy/create.js'
import { cast } from '../prim/select.js'
import { threefry2x32 } from '../prim/random.js'
import { broadcast, concat, full, iota, reshape, slice } from '../prim/structure.js'

/** A key: uint32[2]. Use every key once: draw from it, or split it, not both. */
export type Key = Tensor

const words = (high: number, low: number): Key => hostTensor(aval([2], 'uint32'), Uint32Array.of(high, low))

/**
 * The key of a seed, as in JAX. Seeds of 32 bits (-2^31 to 2^32 - 1) fill the second word; larger ones also the first.
 *
 * @throws ValueError unless the seed is a safe integer (or an integer scalar).
 * @example
 * random.key(42)   // [0, 42]
 */
export const key = (seed: number | Tensor): Key => {
  if (isTensor(seed)) {
    if (!isInteger(seed.dtype) || seed.ndim !== 0)
      fail(DTypeError, 'key: the seed must be an integer scalar', { args: { seed }, fix: "np.array(0, { dtype: 'int32' })" })
    const low = reshape(cast(seed, 'uint32'), [1])
    return concat([full([1], 0, 'uint32', false), low], 0)
  }
  if (!Number.isSafeInteger(seed))
    return fail(ValueError, `key: the seed must be a safe integer, got ${describe(seed)}`, { fix: 'random.key(0)' })
  const fits = seed >= -(2 ** 31) && seed < 2 ** 32
  return words(fits ? 0 : Math.floor(seed / 2 ** 32), seed % 2 ** 32)
}

/** `x` as a key. @throws DTypeError, ShapeError when it is none. */
export const checkKey = (name: string, x: Key): Key => {
  if (!isTensor(x) || x.dtype !== wordType)
    fail(DTypeError, `${name}: the first argument must be a key, got ${describe(x)}`, { fix: 'random.key(seed)' })
  if (x.ndim !== 1 || x.shape[0] !== 2)
    fail(ShapeError, `${name}: a key has shape [2]`, { args: { key: x }, fix: 'one key at a time; vmap for a batch of keys' })
  return x
}

/** The two words of a key, each repeated over `shape`. */
const spreadWords = (k: Key, shape: Shape): readonly [Tensor, Tensor] => {
  const word = (i: number): Tensor => broadcast(reshape(slice(k, [i], [i + 1]), []), shape, [])
  return [word(0), word(1)]
}

/** Two words of random bits for every place of `shape`: threefry of its row-major position as a 64-bit counter. */
export const hash = (k: Key, shape: Shape): readonly [Tensor, Tensor] => {
  const [k0, k1] = spreadWords(k, shape)
  const high = full(shape, 0, 'uint32', false)
  const low = shape.length === 0 ? high : reshape(iota([sizeOf(shape)], 'uint32', 0), shape)
  const [a, b] = threefry2x32(k0, k1, high, low)
  return [a!, b!]
}

/**
 * New independent keys from one: a list of `n` (two by default), or for a shape a tensor uint32[...shape,2], which `vmap`
 * and `scan` can walk over.
 *
 * @example
 * const [k1, k2] = random.split(random.key(0))
 * const keys = random.split(k1, [100])   // uint32[100,2]
 */
export const split: {
  (key: Key): readonly [Key, Key]
  <N extends number>(key: Key, n: N): TupleOf<N, Key>
  (key: Key, shape: Shape): Tensor
} = (k: Key, n: number | Shape = 2): never => {
  const shape = toShape('split', n)
  const parts = hash(checkKey('split', k), shape).map((word) => reshape(word, [...shape, 1]))
  const keys = concat(parts, shape.length)
  const row = (i: number): Key => reshape(slice(keys, [i, 0], [i + 1, 2]), [2])
  return (typeof n === 'number' ? Array.from({ length: n }, (_, i) => row(i)) : keys) as never
}

/**
 * The key that `data` (an integer: a step, a layer's number, an index of an example) selects among those below `key`.
 *
 * @example
 * const keyOfStep = (step: number) => random.foldIn(key, step)
 */
export const foldIn = (k: Key, data: number | Tensor): Key => {
  checkKey('foldIn', k)
  const low = isTensor(data) ? data : key(data)
  if (isTensor(data) && (!isInteger(data.dtype) || data.ndim !== 0))
    fail(DTypeError, 'foldIn: data must be an integer scalar', { args: { data } })
  const counter = isTensor(data) ? reshape(cast(data, 'uint32'), [1]) : slice(low, [1], [2])
  const [k0, k1] = spreadWords(k, [1])
  return concat([...threefry2x32(k0, k1, full([1], 0, 'uint32', false), counter)], 0)
}
