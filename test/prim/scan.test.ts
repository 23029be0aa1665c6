/**
 * Values and first derivatives in float32 beside float64, at every binary exponent of the float32 range, both signs, within the bounds of the
 * table in docs/accuracy.md: at twelve mantissas, and at 300 where functions are neither straight nor constant. (The float64 side is held by `tails.test.ts` to numbers computed with mpmath.)
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, jit, losses, nn, np, special } from '../../src/index.js'

const each = { reduction: 'none' } as const
const against =
  (loss: (x: Tensor, t: Tensor, options: typeof each) => Tensor, target: number) =>
  (x: Tensor): Tensor =>
    loss(x, np.fullLike(x, target), each)
const beside0 = (x: Tensor): Tensor => np.stack([x, np.zerosLike(x)], { axis: -1 })
const first = (x: Tensor): Tensor => np.zeros(x.shape, { dtype: 'int32' })

interface Scanned {
  readonly f: (x: Tensor) => Tensor
  /** Where it is scanned; everywhere by default. */
  readonly within?: readonly [number, number]
  /** Zeros of the derivative, about which its error is absolute: in units of the last place of 1/4. */
  readonly zeros?: readonly number[]
  /** Places without a derivative. */
  readonly kinks?: readonly number[]
}

const functions: Readonly<Record<string, Scanned>> = {
  'nn.relu': { f: nn.relu },
  'nn.relu6': { f: nn.relu6 },
  'nn.sigmoid': { f: nn.sigmoid },
  'nn.softplus': { f: nn.softplus },
  'nn.logSigmoid': { f: nn.logSigmoid },
  'nn.silu': { f: nn.silu, zeros: [-1.2785] },
  'nn.elu': { f: nn.elu },
  'nn.celu': { f: (x) => nn.celu(x, { alpha: 0.5 }) },
  'nn.selu': { f: nn.selu },
  'nn.leakyRelu': { f: nn.leakyRelu },
  'nn.softSign': { f: nn.softSign },
  'nn.hardTanh': { f: nn.hardTanh },
  'nn.hardSigmoid': { f: nn.hardSigmoid },
  'nn.hardSwish': { f: nn.hardSwish, zeros: [-1.5] },
  'nn.gelu': { f: nn.gelu, zeros: [-0.7525] },
  'nn.gelu, exact': { f: (x) => nn.gelu(x, { approximate: false }), zeros: [-0.7518] },
  'nn.mish': { f: nn.mish, zeros: [-1.1924] },
  'nn.squareplus': { f: nn.squareplus },
  'nn.hardShrink': { f: nn.hardShrink },
  'nn.softShrink': { f: nn.softShrink },
  'nn.tanhShrink': { f: nn.tanhShrink },
  'nn.softmax of two': { f: (x) => np.index(nn.softmax(beside0(x)), '...', 0) },
  'losses.meanSquaredError': { f: against(losses.meanSquaredError, 1) },
  'losses.meanAbsoluteError': { f: against(losses.meanAbsoluteError, 1), kinks: [1] },
  'losses.huber': { f: against(losses.huber, 0) },
  'losses.logCosh': { f: against(losses.logCosh, 0) },
  'losses.pinball': { f: against((y, t, o) => losses.pinball(y, t, { ...o, quantile: 0.25 }), 0) },
  'losses.hinge': { f: against(losses.hinge, 1), kinks: [1] },
  'losses.poissonNll': { f: against(losses.poissonNll, 2), within: [-1e30, 88], zeros: [Math.LN2] },
  'losses.gaussianNll': { f: (s) => losses.gaussianNll(np.onesLike(s), np.zerosLike(s), s, each), within: [-88, 1e30], zeros: [0] },
  'losses.sigmoidCrossEntropy': { f: against(losses.sigmoidCrossEntropy, 1) },
  'losses.sigmoidCrossEntropy, label 1/4': { f: against(losses.sigmoidCrossEntropy, 0.25), zeros: [-1.0986] },
  'losses.binaryCrossEntropy': { f: against(losses.binaryCrossEntropy, 1), within: [2 ** -126, 1] },
  'losses.sigmoidFocal': { f: against(losses.sigmoidFocal, 1) },
  'losses.sigmoidFocal, gamma 1/2': { f: against((x, t, o) => losses.sigmoidFocal(x, t, { ...o, gamma: 0.5 }), 0) },
  'losses.softmaxCrossEntropy of two': { f: (x) => losses.softmaxCrossEntropy(beside0(x), first(x), each) },
  'losses.softmaxFocal of two': { f: (x) => losses.softmaxFocal(beside0(x), first(x), each) },
  'special.erf': { f: special.erf },
  'special.erfc': { f: special.erfc },
  'special.erfinv': { f: special.erfinv, within: [-1, 1] },
  'special.gammaln': { f: special.gammaln, within: [2 ** -126, 1e30], zeros: [1.4616] },
  'special.digamma': { f: special.digamma, within: [2 ** -62, 1e30] },
  'special.expit': { f: special.expit },
  'special.logExpit': { f: special.logExpit },
  'special.logit': { f: special.logit, within: [2 ** -126, 1] },
  'special.ndtr': { f: special.ndtr },
  'special.entr': { f: special.entr, within: [2 ** -126, 1e30], zeros: [Math.exp(-1)] },
  'special.xlogy': { f: (x) => special.xlogy(2, x), within: [2 ** -125, 1e30] },
  'np.exp': { f: np.exp },
  'np.expm1': { f: np.expm1 },
  'np.exp2': { f: np.exp2, within: [-1e38, 128] },
  'np.log': { f: np.log, within: [2 ** -126, 1e38] },
  'np.log1p': { f: np.log1p, within: [-1, 1e38] },
  'np.log2': { f: np.log2, within: [2 ** -126, 1e38] },
  'np.log10': { f: np.log10, within: [2 ** -126, 1e38] },
  'np.sqrt': { f: np.sqrt, within: [2 ** -149, 1e38] },
  'np.cbrt': { f: np.cbrt },
  'np.tanh': { f: np.tanh },
  'np.sinh': { f: np.sinh },
  'np.cosh': { f: np.cosh },
  'np.sin': { f: np.sin, within: [-1e4, 1e4] },
  'np.cos': { f: np.cos, within: [-1e4, 1e4] },
  'np.tan': { f: np.tan, within: [-1e4, 1e4] },
  'np.arcsin': { f: np.arcsin, within: [-1, 1] },
  'np.arccos': { f: np.arccos, within: [-1, 1] },
  'np.arctan': { f: np.arctan },
  'np.arcsinh': { f: np.arcsinh },
  'np.arccosh': { f: np.arccosh, within: [1, 1e38] },
  'np.arctanh': { f: np.arctanh, within: [-1, 1] },
  'np.logaddexp': { f: (x) => np.logaddexp(x, 0) },
  'np.logaddexp2': { f: (x) => np.logaddexp2(x, 0) },
  'np.logsumexp of two': { f: (x) => np.logsumexp(beside0(x), { axis: -1 }) },
  'np.hypot': { f: (x) => np.hypot(x, 1) },
}

/** The rows of the table: name, units of the value, units of the first derivative. */
const table = new Map(
  [...readFileSync(new URL('../../docs/accuracy.md', import.meta.url), 'utf8').matchAll(/^\| `([^`]+)` \| ([\d.]+) \| ([\d.]+) \|$/gm)].map(
    ([, name, value, slope]) => [name!, [Number(value), Number(slope)] as const],
  ),
)

/** Mantissas spread evenly over [1, 2), others for every exponent: a few numbers chosen by hand miss the worst of a function by far. */
const points: readonly number[] = (() => {
  const xs: number[] = []
  let drawn = 0
  for (let e = -149; e <= 127; e++) {
    const count = e < -126 ? 0 : e >= -14 && e <= 7 ? 300 : 8
    const spread = Array.from({ length: count }, () => 1 + ((++drawn * 0.6180339887498949) % 1))
    for (const m of e < -126 ? [1] : [1, 1.1875, 1.6180340051651, 1.91, ...spread])
      for (const sign of [1, -1]) xs.push(Math.fround(sign * m * 2 ** e))
  }
  return xs
})()

const largest = 2 ** 128 - 2 ** 103
const unit = (y: number): number => 2 ** Math.max(Math.floor(Math.log2(Math.abs(y))) - 23, -149)

/** The error of `got` in units of the last place that float32 has at `wanted`, or at `floor` if that is more. */
const units = (got: number, wanted: number, floor = 0): number => {
  if (Math.abs(wanted) >= largest || Number.isNaN(wanted)) return Object.is(got, Math.fround(wanted)) ? 0 : Infinity
  const error = Math.abs(got - wanted)
  return error === 0 ? 0 : Number.isNaN(error) ? Infinity : error / unit(Math.max(Math.abs(wanted), floor))
}

const elements = (t: Tensor): readonly number[] => [...t.toTypedArray()].map(Number)

describe('every function of the table, over the whole range of float32', () => {
  it('is scanned, and every scanned one documented', () => {
    expect([...table.keys()].sort()).toEqual(Object.keys(functions).sort())
  })
  for (const [name, { f, within = [-Infinity, Infinity], zeros = [], kinks = [] }] of Object.entries(functions))
    it(name, () => {
      const [ofValue, ofSlope] = table.get(name) ?? [0, 0]
      const xs = points.filter((x) => x > within[0] && x < within[1])
      const [narrow, wide] = [np.array(xs, { dtype: 'float32' }), np.array(xs, { dtype: 'float64' })]
      const slope = grad((y: Tensor) => np.sum(f(y)))
      const worst = (got: readonly number[], wanted: readonly number[], floor: (x: number) => number): readonly [number, number] => {
        let found: readonly [number, number] = [0, NaN]
        xs.forEach((x, k) => {
          const u = units(got[k]!, wanted[k]!, floor(x))
          if (!(u <= found[0])) found = [u, x]
        })
        return found
      }
      const values = elements(f(wide))
      expect(values).toHaveLength(xs.length)
      for (const g of [f, jit(f)]) {
        const [u, x] = worst(elements(g(narrow)), values, () => 0)
        expect(u, `value at ${x}`).toBeLessThanOrEqual(ofValue)
      }
      const slopes = elements(slope(wide))
      for (const g of [slope, jit(slope)]) {
        const [u, x] = worst(elements(g(narrow)), slopes, (at) =>
          kinks.includes(at) ? Infinity : zeros.some((z) => Math.abs(at - z) < 1) ? 0.25 : 0,
        )
        expect(u, `slope at ${x}`).toBeLessThanOrEqual(ofSlope)
      }
    })
})
