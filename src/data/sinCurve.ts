/** A noisy sine and what comes one step later: the time series of *Deep Learning from Scratch 3*. */
import { optionsOf } from '../core/options.js'
import { check, flag, wholeWithin } from '../core/check.js'
import { aval } from '../core/aval.js'
import { hostTensor } from '../core/tensor.js'
import type { Dataset } from './dataset.js'
import { fromColumns } from './dataset.js'
import { randomState } from './mt19937.js'
import type { Labelled } from './spiral.js'

/** Points of the curve, from 0 to 2 pi, both included. */
const points = 1000

/** Bits after the binary point of the integers that sums are made of: far more than a double has. */
const bits = 160n

/** A positive double as an integer of units `2^-bits`, exactly. */
const fixed = (x: number): bigint => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const word = view.getBigUint64(0)
  const fraction = (word & 0xfffffffffffffn) | 0x10000000000000n
  return x === 0 ? 0n : fraction << (bits + (word >> 52n) - 1075n)
}

/** `first - first x^2 / (k (k+1)) + ...`, the alternating series of the sine (from k = 2) and of the cosine (from k = 1), rounded once. */
const series = (first: bigint, k: bigint, x: bigint): number => {
  const square = (x * x) >> bits
  const sum = (term: bigint, n: bigint, total: bigint): bigint =>
    term === 0n ? total : sum(-((term * square) >> bits) / (n * (n + 1n)), n + 2n, total + term)
  return Number(sum(first, k, 0n)) / 2 ** Number(bits)
}

/** Sine and cosine, correctly rounded: `Math.sin` may differ in the last bit from engine to engine, and so would the data. */
const sin = (x: number): number => series(fixed(x), 2n, fixed(x))
const cos = (x: number): number => series(1n << bits, 1n, fixed(x))

/** Options of `sinCurve`. */
export interface SinCurveOptions {
  /** A sine with noise to learn from; the cosine without noise to be tested on. */
  readonly train: boolean
  /** The seed of the noise, as given to `numpy.random.seed`; DeZero leaves it to chance. */
  readonly seed?: number
}

const curves = optionsOf<SinCurveOptions>({ train: flag, seed: wholeWithin(0, 2 ** 32 - 1) })

/**
 * 999 steps of a curve, each with the next one: `sin` plus noise from `[-0.05, 0.05)` for training, `cos` for testing. DeZero's
 * `SinCurve` after `numpy.random.seed(seed)`, bit for bit (but for one sine that glibc rounds to the wrong side, point 373). It is
 * float64 there and here; `np.astype` makes it float32.
 *
 * shapes: x float64[999,1], y float64[999,1]
 *
 * @throws ValueError unless the seed is an integer from 0 to 2^32 - 1.
 * @example
 * data.sinCurve({ train: true }).take([0, 1]).x   // [[0.00488135], [0.02780837]]
 * data.sinCurve({ train: false }).take([0]).y     // [[0.99998022]]
 */
export const sinCurve = (options: SinCurveOptions): Dataset<Labelled> => {
  const { train, seed = 0 } = curves('sinCurve', options)
  check('sinCurve', 'train', flag, train)
  const generator = randomState(seed)
  const step = (2 * Math.PI) / (points - 1)
  const curve = Float64Array.from({ length: points }, (_, i) => {
    const x = i === points - 1 ? 2 * Math.PI : i * step
    return train ? sin(x) + generator.uniform(-0.05, 0.05) : cos(x)
  })
  const a = aval([points - 1, 1], 'float64')
  return fromColumns({ x: hostTensor(a, curve.slice(0, -1)), y: hostTensor(a, curve.slice(1)) })
}
