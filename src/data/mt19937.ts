/**
 * NumPy's legacy generator (`numpy.random.RandomState`, Mersenne Twister 19937), bit for bit. It exists to
 * regenerate published data sets; the library's own randomness is `random`, counter-based and splittable.
 */
import { check, count, finite } from '../core/check.js'
import { fail, ValueError } from '../core/errors.js'

const size = 624
const period = 397

/** The 624 words that `numpy.random.seed(seed)` leaves behind. */
const seeded = (seed: number): Uint32Array => {
  const words = new Uint32Array(size)
  words[0] = seed
  for (let i = 1; i < size; i++) {
    const previous = words[i - 1]! ^ (words[i - 1]! >>> 30)
    words[i] = Math.imul(1812433253, previous) + i
  }
  return words
}

/** The next 624 words, in place. */
const twist = (words: Uint32Array): void => {
  for (let i = 0; i < size; i++) {
    const joined = (words[i]! & 0x80000000) | (words[(i + 1) % size]! & 0x7fffffff)
    words[i] = words[(i + period) % size]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0)
  }
}

const temper = (word: number): number => {
  let y = word
  y ^= y >>> 11
  y ^= (y << 7) & 0x9d2c5680
  y ^= (y << 15) & 0xefc60000
  return (y ^ (y >>> 18)) >>> 0
}

/** A sequence of draws. Unlike everything else here it has a state: each call advances it. */
export interface RandomState {
  /** 32 random bits, as an unsigned integer. */
  readonly word: () => number
  /** A double from `[low, high)`: `uniform()`; with the defaults also NumPy's `rand()`. */
  readonly uniform: (low?: number, high?: number) => number
  /** A standard normal double by the polar method, in pairs: NumPy's `randn()`. */
  readonly normal: () => number
  /** The integers `0 .. n-1` in random order. */
  readonly permutation: (n: number) => Int32Array
}

/**
 * The generator that `numpy.random.seed(seed)` starts.
 *
 * @throws ValueError unless `seed` is an integer from 0 to 2^32 - 1.
 * @example
 * randomState(0).uniform()   // 0.5488135039273248
 */
export const randomState = (seed: number): RandomState => {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
    fail(ValueError, `randomState: the seed must be an integer from 0 to 4294967295, got ${String(seed)}`)
  const words = seeded(seed)
  let at = size
  let spare: number | null = null

  const word = (): number => {
    if (at === size) {
      twist(words)
      at = 0
    }
    return temper(words[at++]!)
  }
  const double = (): number => {
    const high = word() >>> 5
    const low = word() >>> 6
    return (high * 67108864 + low) / 9007199254740992
  }
  const normal = (): number => {
    if (spare !== null) {
      const kept = spare
      spare = null
      return kept
    }
    let x = 0
    let y = 0
    let r2 = 0
    do {
      x = 2 * double() - 1
      y = 2 * double() - 1
      r2 = x * x + y * y
    } while (r2 >= 1 || r2 === 0)
    const f = Math.sqrt((-2 * Math.log(r2)) / r2)
    spare = f * x
    return f * y
  }
  /** An integer from 0 to `max`, by rejection under the smallest mask of ones that covers it. */
  const below = (max: number): number => {
    const mask = 2 ** (32 - Math.clz32(max)) - 1
    let value = 0
    do value = (word() & mask) >>> 0
    while (value > max)
    return value
  }
  const permutation = (n: number): Int32Array => {
    check('permutation', 'n', count, n)
    const order = Int32Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = below(i)
      const moved = order[i]!
      order[i] = order[j]!
      order[j] = moved
    }
    return order
  }
  const uniform = (low = 0, high = 1): number => {
    check('uniform', 'low', finite, low)
    check('uniform', 'high', finite, high)
    return low + (high - low) * double()
  }
  return { word, uniform, normal, permutation }
}
