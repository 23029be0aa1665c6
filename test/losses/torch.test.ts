/** Losses and their gradients against values computed with PyTorch in float64: see the `source` of torch.json. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, jit, losses, nn, np, vmap } from '../../src/index.js'
import { checkGrads } from '../../laws/index.js'
import { expectClose } from '../expectClose.js'

interface Frozen {
  readonly x: readonly (readonly number[])[]
  readonly t: readonly (readonly number[])[]
  readonly y: readonly (readonly number[])[]
  readonly labels: readonly number[]
  readonly weights: readonly number[]
  readonly ctcLogits: readonly (readonly (readonly number[])[])[]
  readonly cases: Readonly<Record<string, { readonly value: number; readonly grads: readonly (readonly number[])[] }>>
}
const frozen = JSON.parse(readFileSync(new URL('torch.json', import.meta.url), 'utf8')) as Frozen
const f64 = (data: unknown): Tensor => np.array(data as number[], { dtype: 'float64' })
const int = (data: unknown): Tensor => np.array(data as number[], { dtype: 'int32' })
const [x, t, y, weights, ctcLogits] = [frozen.x, frozen.t, frozen.y, frozen.weights, frozen.ctcLogits].map(f64) as [
  Tensor,
  Tensor,
  Tensor,
  Tensor,
  Tensor,
]
const labels = int(frozen.labels)

/** The loss, and what it is differentiated in. */
const cases: Readonly<Record<string, readonly [(...args: readonly Tensor[]) => Tensor, readonly Tensor[]]>> = {
  huber: [(a) => losses.huber(a, t, { delta: 0.75 }), [x]],
  meanAbsoluteError: [(a) => losses.meanAbsoluteError(a, t), [x]],
  poissonNll: [(a) => losses.poissonNll(a, np.abs(t)), [x]],
  gaussianNll: [(a) => losses.gaussianNll(a, t, x), [x]],
  klDivergence: [(a) => losses.klDivergence(nn.logSoftmax(a), nn.softmax(t)), [x]],
  klDivergenceLog: [(a) => losses.klDivergence(nn.logSoftmax(a), nn.logSoftmax(t), { logTargets: true }), [x]],
  binaryCrossEntropy: [(a) => losses.binaryCrossEntropy(nn.sigmoid(a), y), [x]],
  classWeights: [(a) => losses.softmaxCrossEntropy(a, labels, { classWeights: weights }), [x]],
  labelSmoothing: [(a) => losses.softmaxCrossEntropy(a, labels, { labelSmoothing: 0.1 }), [x]],
  posWeight: [(a) => losses.sigmoidCrossEntropy(a, y, { posWeight: weights }), [x]],
  cosine: [(a) => losses.cosineDistance(a, t), [x]],
  triplet: [(a, b, c) => losses.triplet(a, b, c), [x, t, np.mul(np.flip(x, { axis: 0 }), 0.9)]],
  hinge: [(a) => losses.hinge(np.mul(a, 0.75), np.sub(np.mul(y, 2), 1)), [x]],
  infoNce: [(a, b) => losses.infoNce(a, b), [x, t]],
  contrastive: [(a) => np.mul(losses.contrastive(a, t, int([1, 0]), { margin: 4 }), 2), [x]],
  sigmoidFocal: [(a) => losses.sigmoidFocal(a, y, { alpha: 0.25 }), [x]],
  softmaxFocal: [(a) => losses.softmaxFocal(a, labels), [x]],
  ctc: [
    (a) =>
      losses.ctc(
        a,
        int([
          [1, 2, 2],
          [3, 0, 0],
        ]),
        { logitLengths: int([6, 4]), labelLengths: int([3, 1]), reduction: 'sum' },
      ),
    [ctcLogits],
  ],
}

describe('losses are those of PyTorch, and so are their gradients, eagerly and compiled', () => {
  it('every frozen case is compared', () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(frozen.cases).sort())
  })
  for (const [name, [f, args]] of Object.entries(cases))
    it(name, () => {
      const { value, grads } = frozen.cases[name]!
      expect(Number(f(...args))).toBeCloseTo(value, 12)
      expect(Number(jit(f)(...args))).toBeCloseTo(value, 12)
      expect(args.length).toBe(grads.length)
      args.forEach((_, k) => {
        expectClose(grad(f, { argnums: k })(...args), grads[k]!, { atol: 5e-13, what: `slope of argument ${k}` })
      })
    })
  for (const [name, [f, args]] of Object.entries(cases))
    it(`${name}: derivatives to second order`, () => {
      // Moved off the kinks that round numbers hit.
      checkGrads((...xs: Tensor[]) => f(...xs.map((v) => np.add(v, 0.1))), [...args], {
        order: name === 'ctc' ? 1 : 2,
        rtol: 1e-6,
        atol: 1e-7,
      })
    })
})

describe('losses at the edges', () => {
  it('logits of +-800 cost what they should, with finite slopes', () => {
    const big = f64([
      [800, -800],
      [-800, 800],
    ])
    const wrong = int([1, 1])
    expect(np.abs(losses.softmaxCrossEntropy(big, wrong, { reduction: 'none' })).toArray()).toEqual([1600, 0])
    expect(losses.softmaxCrossEntropy(big, wrong, { reduction: 'none', labelSmoothing: 0.5 }).toArray()).toEqual([1200, 400])
    expect(np.abs(losses.softmaxFocal(big, wrong, { reduction: 'none' })).toArray()).toEqual([1600, 0])
    expect(losses.sigmoidFocal(f64([800, -800]), f64([0, 0]), { reduction: 'none' }).toArray()).toEqual([800, 0])
    expect(losses.logCosh(f64([800, -800]), f64([0, 0]), { reduction: 'none' }).toArray()).toEqual([800 - Math.LN2, 800 - Math.LN2])
    for (const f of [
      (v: Tensor) => losses.softmaxFocal(v, wrong),
      (v: Tensor) => losses.softmaxCrossEntropy(v, wrong, { labelSmoothing: 0.1 }),
      (v: Tensor) => losses.sigmoidFocal(v, np.zeros([2, 2])),
      (v: Tensor) => losses.logCosh(v, np.zeros([2, 2], { dtype: 'float64' })),
    ])
      expect([...grad(f)(big).toTypedArray()].every(Number.isFinite)).toBe(true)
  })
  it('certain probabilities: nothing where right, infinity where wrong, a slope up to there', () => {
    const at = (p: number, label: number): number => Number(losses.binaryCrossEntropy(f64([p]), f64([label])))
    expect([at(1, 1), at(0, 0), at(1, 0), at(0, 1)].map((v) => v + 0)).toEqual([0, 0, Infinity, Infinity])
    const slope = (p: number, label: number): number =>
      Number(np.sum(grad((v: Tensor) => losses.binaryCrossEntropy(v, f64([label])))(f64([p]))))
    expect([slope(1, 1), slope(0, 0)]).toEqual([-1, 1])
    expect(slope(0.9999, 0)).toBeCloseTo(1e4, 6)
  })
  it('distances have slope 0 where two places are one', () => {
    const p = f64([[1, 2]])
    expect(grad((v: Tensor) => losses.triplet(v, p, p))(p).toArray()).toEqual([[0, 0]])
    expect(grad((v: Tensor) => losses.contrastive(v, p, int([0])))(p).toArray()).toEqual([[0, 0]])
    expect(Number(losses.cosineDistance(f64([[0, 0]]), p))).toBe(1)
  })
  it('a target of probability 0 adds nothing to the divergence', () => {
    expect(Number(losses.klDivergence(f64([-Infinity, 0]), f64([0, 1])))).toBe(0)
  })
  it('counts: the whole likelihood has log(target!)', () => {
    expect(Number(losses.poissonNll(f64([0]), f64([4]), { full: true }))).toBeCloseTo(1 + Math.log(24), 12)
    expect(Number(losses.gaussianNll(f64([1]), f64([1]), f64([0]), { full: true }))).toBeCloseTo(Math.log(2 * Math.PI) / 2, 14)
  })
  it('the pinball loss is least at the quantile', () => {
    const targets = f64([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const at = (q: number): number => Number(losses.pinball(np.fullLike(targets, q), targets, { quantile: 0.8, reduction: 'sum' }))
    expect(at(8)).toBeLessThan(Math.min(at(7), at(9.5)))
  })
  it('ctc: more labels than time costs infinity, none costs the blanks', () => {
    const logits = np.zeros([1, 2, 3], { dtype: 'float64' })
    expect(Number(losses.ctc(logits, int([[1, 1]])))).toBe(Infinity)
    expect(Number(losses.ctc(logits, int([[1, 1]]), { labelLengths: int([0]) }))).toBeCloseTo(2 * Math.log(3), 14)
    expect(Number(losses.ctc(logits, int([[1]])))).toBeCloseTo(2 * Math.log(3) - Math.log(3), 14)
    expect(() => losses.ctc(logits, int([[1, 1]]), { labelLengths: int([3]) })).toThrow(/labelLengths/)
    expect(() => losses.ctc(logits, int([[1, 1]]), { labelLengths: int([-1]) })).toThrow(/labelLengths/)
    expect(() => losses.ctc(logits, int([[1, 1]]), { logitLengths: int([3]) })).toThrow(/logitLengths/)
  })
  it('InfoNCE of both sides', () => {
    const both = Number(losses.infoNce(x, t, { symmetric: true }))
    expect(both).toBeCloseTo((Number(losses.infoNce(x, t)) + Number(losses.infoNce(t, x))) / 2, 13)
  })
})

describe('weights and reductions', () => {
  const [a, b] = [
    f64([
      [1, 2],
      [3, 4],
    ]),
    f64([
      [0, 0],
      [0, 0],
    ]),
  ]
  it('mean, sum, batchMean, none', () => {
    const of = (reduction: losses.Reduction): unknown => losses.meanSquaredError(a, b, { reduction }).toArray()
    expect([of('mean'), of('sum'), of('batchMean'), of('none')]).toEqual([
      7.5,
      30,
      15,
      [
        [1, 4],
        [9, 16],
      ],
    ])
    expect(Number(losses.meanSquaredErrorPerRow(a, b))).toBe(15)
  })
  it("batchMean is DeZero's divisor in its losses of answers", () => {
    const [p, l] = [
      f64([
        [0.5, 0.25],
        [0.75, 0.5],
      ]),
      f64([
        [1, 0],
        [1, 1],
      ]),
    ]
    const dezero = -(Math.log(0.5) + Math.log(0.75) + Math.log(0.75) + Math.log(0.5)) / 2
    expect(Number(losses.binaryCrossEntropy(p, l, { reduction: 'batchMean' }))).toBeCloseTo(dezero, 14)
  })
  it('weights are a mask or a weighted mean, per element or per row', () => {
    expect(Number(losses.meanSquaredError(a, b, { weights: f64([1, 0]) }))).toBe(2.5)
    expect(
      Number(
        losses.meanSquaredError(a, b, {
          weights: f64([
            [3, 0],
            [1, 0],
          ]),
        }),
      ),
    ).toBe(3)
    expect(Number(losses.meanSquaredError(a, b, { weights: f64([0, 0]) }))).toBe(0)
    expect(Number(losses.meanSquaredError(f64([NaN, 2]), f64([0, 0]), { weights: int([0, 1]) }))).toBe(4)
  })
  it('of examples and of classes multiply', () => {
    const each = losses.softmaxCrossEntropy(x, labels, { reduction: 'none', classWeights: weights, weights: f64([2, 1]) })
    const plain = losses.softmaxCrossEntropy(x, labels, { reduction: 'none' })
    expectClose(each, np.mul(plain, f64([2 * 1.5, 0.5])), { atol: 5e-15 })
  })
  it('per example under vmap', () => {
    const one = vmap((row: Tensor, label: Tensor) => losses.softmaxCrossEntropy(row, label, { classWeights: weights, reduction: 'sum' }))(
      x,
      labels,
    )
    const all = losses.softmaxCrossEntropy(x, labels, { classWeights: weights, reduction: 'none' })
    expect(np.allclose(one, all, { rtol: 1e-14 })).toBe(true)
  })
  it('say what does not fit', () => {
    expect(() => losses.meanSquaredError(a, b, { weights: f64([1, 2, 3]) })).toThrow(
      /weights of shape \[3\] do not fit losses of shape \[2,2\]/,
    )
    expect(() => losses.softmaxCrossEntropy(x, labels, { classWeights: f64([1]) })).toThrow(/classWeights of shape \[1\] for 3 classes/)
    expect(() => losses.meanSquaredError(1, 2, { reduction: 'batchMean' })).toThrow(/a scalar has no batch/)
    expect(() => losses.huber(f64([1, 2]), f64([[1], [2]]))).toThrow(/would compare every pair/)
    expect(() => losses.infoNce(f64([1]), f64([1]))).toThrow(/are matrices/)
    expect(() => losses.ctc(x, labels)).toThrow(/logits are \[B, T, K\]/)
    expect(() => losses.smoothLabels(1, 0.1)).toThrow(/an axis of classes/)
  })
  it('smoothed labels', () => {
    expect(losses.smoothLabels(f64([0, 1, 0, 0]), 0.5).toArray()).toEqual([0.125, 0.625, 0.125, 0.125])
  })
})
