/**
 * Values and derivatives of first and second order far out, near 0 and where differences cancel, beside numbers computed with mpmath in
 * 4 200 bits (`tails.json`: x, f, f', f''). A derivative keeps its relative accuracy as far as its value is a normal number.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, jit, jvp, losses, nn, np, special } from '../../src/index.js'

type Row = readonly [x: number, y: number | null, first: number | null, second: number | null]
const tails = JSON.parse(readFileSync(new URL('./tails.json', import.meta.url), 'utf8')) as Readonly<Record<string, readonly Row[]>>

const beside0 = (x: Tensor): Tensor => np.stack([x, np.zerosLike(x)], { axis: -1 })
const first = np.array(0, { dtype: 'int32' })
const one = np.array(1, { dtype: 'float64' })
const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  sigmoid: nn.sigmoid,
  tanh: np.tanh,
  softplus: nn.softplus,
  logSigmoid: nn.logSigmoid,
  silu: nn.silu,
  gelu: nn.gelu,
  geluErf: (x) => nn.gelu(x, { approximate: false }),
  mish: nn.mish,
  squareplus: nn.squareplus,
  softSign: nn.softSign,
  tanhShrink: nn.tanhShrink,
  celu: (x) => nn.celu(x, { alpha: 0.5 }),
  logCosh: (x) => losses.logCosh(x, np.zerosLike(x)),
  focal1: (x) => losses.sigmoidFocal(x, np.onesLike(x)),
  focalHalf: (x) => losses.sigmoidFocal(x, np.onesLike(x), { gamma: 0.5 }),
  xent: (x) => losses.softmaxCrossEntropy(beside0(x), first),
  softmaxFocal: (x) => losses.softmaxFocal(beside0(x), first),
  softmax: (x) => np.index(nn.softmax(beside0(x)), 0),
  lse: (x) => np.logsumexp(beside0(x)),
  logaddexp0: (x) => np.logaddexp(x, 0),
  logaddexp20: (x) => np.logaddexp2(x, 0),
  erf: special.erf,
  erfc: special.erfc,
  ndtr: special.ndtr,
  logit: special.logit,
  entr: special.entr,
  digamma: special.digamma,
  gammaln: special.gammaln,
  exp: np.exp,
  expm1: np.expm1,
  log1p: np.log1p,
  arctan: np.arctan,
  arcsin: np.arcsin,
  arctanh: np.arctanh,
  sinc: np.sinc,
}
/** Relative errors of value and derivatives that hold; what is not named keeps 2e-15, 4e-15 and 1e-14. */
const bounds: Readonly<Record<string, readonly [number, number, number]>> = {
  // the argument of the exponential is rounded, and that of a quotient of powers of 2 is multiplied by log 2
  gelu: [2e-15, 1e-14, 1e-14],
  logaddexp20: [2e-15, 1e-13, 1e-13],
  // 2.5 is near the zero of the derivative
  sinc: [2e-15, 4e-14, 1e-14],
}

const number = (t: Tensor): number => t.item() as number
const scalar = (x: number): Tensor => np.array(x, { dtype: 'float64' })
const along = (f: (x: Tensor) => Tensor, x: Tensor): Tensor => jvp(f, [x], [one])[1]

/** Relative to the number, and to the least normal one where it is subnormal. */
const error = (got: number, wanted: number): number =>
  Object.is(got, wanted) ? 0 : Math.abs(got - wanted) / Math.max(Math.abs(wanted), 2 ** -1022)

describe('tails', () => {
  it('has numbers for every function, and a function for all numbers', () => {
    expect(Object.keys(tails).sort()).toEqual(Object.keys(functions).sort())
  })
  for (const [name, f] of Object.entries(functions))
    it(name, () => {
      const [values, slopes, bends] = bounds[name] ?? [2e-15, 4e-15, 1e-14]
      const rows = tails[name]!
      expect(rows.length).toBeGreaterThan(0)
      const slope = grad(f)
      const compiled = jit((x: Tensor) => [f(x), slope(x), grad(slope)(x)] as const)
      const worst = [0, 0, 0]
      const meet = (order: number, got: Tensor, wanted: number | null): void => {
        if (wanted === null || Math.abs(wanted) < 2 ** -1060) return
        worst[order] = Math.max(worst[order]!, error(number(got), wanted))
      }
      for (const [at, y, d, d2] of rows) {
        const x = scalar(at)
        for (const got of [f(x), compiled(x)[0]]) meet(0, got, y)
        for (const got of [slope(x), along(f, x), compiled(x)[1]]) meet(1, got, d)
        for (const got of [
          grad(slope)(x),
          along(slope, x),
          along((z) => along(f, z), x),
          grad((z: Tensor) => along(f, z))(x),
          compiled(x)[2],
        ])
          meet(2, got, d2)
      }
      expect(worst[0], 'value').toBeLessThanOrEqual(values)
      expect(worst[1], 'first derivative').toBeLessThanOrEqual(slopes)
      expect(worst[2], 'second derivative').toBeLessThanOrEqual(bends)
    })
})
