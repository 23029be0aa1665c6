/** First and second derivatives of losses in float32 and float64, at logits of every size, beside closed forms and float64. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DType, Tensor } from '../../src/index.js'
import { configure, grad, jvp, losses, np, reference } from '../../src/index.js'

type Loss = (x: Tensor) => Tensor
const total = { reduction: 'sum' } as const
const points = Array.from({ length: 402 }, (_, i) => Math.fround(-100 + Math.floor(i / 2) + (i % 2) * 0.37))
const epsilon = { float32: 2 ** -23, float64: 2 ** -52 } as const
/** Units in the last place, and units of an ulp of 1, which is about what slopes are, where terms cancel. */
const [ulps, floor] = [300, 4]

const filled = (x: Tensor, value: number): Tensor => np.full(x.shape, value, { dtype: x.dtype })
const classes = (x: Tensor, k: number): Tensor => np.full(x.shape, k, { dtype: 'int32' })
const soft = (x: Tensor, p: readonly number[]): Tensor => np.mul(np.ones([x.size, 1], { dtype: x.dtype }), np.array(p, { dtype: x.dtype }))
/** Logits `[x, 0, -1]`. */
const three = (x: Tensor): Tensor => np.stack([x, filled(x, 0), filled(x, -1)], { axis: -1 })

const orders: Readonly<Record<string, readonly [1 | 2, (f: Loss) => Loss]>> = {
  'first derivative': [1, (f) => grad(f)],
  'second, reverse over reverse': [2, (f) => grad((x: Tensor) => np.sum(grad(f)(x)))],
  'second, forward over reverse': [2, (f) => (x) => jvp(grad(f), [x], [np.ones(x.shape, { dtype: x.dtype })])[1]],
}

/** How many of the points are further from what is right than allowed; where `strict`, without a floor above what is normal. */
const wrongAt = (
  g: Loss,
  dtype: 'float32' | 'float64',
  right: readonly number[],
  strict: (x: number) => boolean = () => false,
): number[] => {
  const found = g(np.array(points, { dtype: dtype as DType })).toTypedArray()
  const least = dtype === 'float32' ? 2 ** -120 : 2 ** -1000
  return points.filter((x, i) => {
    const slack = ulps * epsilon[dtype] * Math.abs(right[i]!) + (strict(x) ? least : floor * epsilon[dtype])
    return !(Math.abs(found[i]! - right[i]!) <= slack)
  })
}

const others: Readonly<Record<string, Loss>> = {
  ...Object.fromEntries(
    [0, 1, 0.25, 0.9].flatMap((t): (readonly [string, Loss])[] => [
      [`sigmoidCrossEntropy of ${t}`, (x) => losses.sigmoidCrossEntropy(x, filled(x, t), total)],
      [`sigmoidCrossEntropy of ${t}, weighted`, (x) => losses.sigmoidCrossEntropy(x, filled(x, t), { ...total, posWeight: 3 })],
      [`sigmoidFocal of ${t}`, (x) => losses.sigmoidFocal(x, filled(x, t), { ...total, alpha: 0.25 })],
      [`sigmoidFocal of ${t}, gamma 0.5`, (x) => losses.sigmoidFocal(x, filled(x, t), { ...total, gamma: 0.5 })],
      [`logCosh of ${t}`, (x) => losses.logCosh(x, filled(x, t), total)],
      [`huber of ${t}`, (x) => losses.huber(x, filled(x, t), total)],
      [`poissonNll of ${t}`, (x) => losses.poissonNll(np.mul(x, 0.8), filled(x, t), total)],
      [`gaussianNll of ${t}`, (x) => losses.gaussianNll(filled(x, 0), filled(x, t), np.mul(x, 0.8), total)],
    ]),
  ),
  ...Object.fromEntries(
    [0, 1].flatMap((k) =>
      [0, 0.1].map((labelSmoothing): readonly [string, Loss] => [
        `softmaxCrossEntropy of class ${k}, smoothed by ${labelSmoothing}`,
        (x) => losses.softmaxCrossEntropy(three(x), classes(x, k), { ...total, labelSmoothing, classWeights: np.array([1, 2, 3]) }),
      ]),
    ),
  ),
  ...Object.fromEntries(
    [
      [1, 0, 0],
      [0.7, 0.2, 0.1],
      [0, 0.5, 0.5],
    ].flatMap((p): (readonly [string, Loss])[] => [
      [`softmaxCrossEntropy of ${String(p)}`, (x) => losses.softmaxCrossEntropy(three(x), soft(x, p), total)],
      [`softmaxFocal of ${String(p)}`, (x) => losses.softmaxFocal(three(x), soft(x, p), total)],
      [`softmaxFocal of ${String(p)}, gamma 0.5`, (x) => losses.softmaxFocal(three(x), soft(x, p), { ...total, gamma: 0.5 })],
    ]),
  ),
}

const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))

/** Derivatives of `(1 - p)^g softplus(-z)`, `p = sigmoid(z)`. */
const ofRight = (z: number, g: number): Readonly<Record<1 | 2, number>> => {
  const [q, p, s, power] = [Math.exp(-softplus(z)), Math.exp(-softplus(-z)), softplus(-z), Math.exp(-g * softplus(z))]
  return { 1: -g * p * power * s - power * q, 2: power * (g * g * p * p * s - g * p * q * s + (2 * g + 1) * p * q) }
}

const apart = Math.log1p(Math.exp(-1))
/** Derivatives in `x` of the focal loss of class 1 at logits `[x, 0, -1]`. */
const ofOther = (x: number, g: number): Readonly<Record<1 | 2, number>> => {
  const [P, Q] = [Math.exp(-softplus(apart - x)), Math.exp(-softplus(x - apart))]
  const [p, s] = [Math.exp(-apart) * Q, apart + softplus(x - apart)]
  const w = 1 - p
  return {
    1: g * w ** (g - 1) * p * P * s + w ** g * P,
    2: g * (g - 1) * w ** (g - 2) * p * p * P * P * s + g * w ** (g - 1) * (p * P * s * (Q - P) + 2 * p * P * P) + w ** g * P * Q,
  }
}

for (const backend of ['wasm', reference] as const)
  describe(`derivatives of losses at logits from -100 to 100 on ${typeof backend === 'string' ? backend : backend.name}`, () => {
    beforeAll(() => {
      configure({ backend })
    })
    afterAll(() => {
      configure({ backend: 'wasm' })
    })
    for (const [name, f] of Object.entries(others))
      it(name, () => {
        for (const [what, [, derive]] of Object.entries(orders)) {
          const right = [...derive(f)(np.array(points, { dtype: 'float64' })).toTypedArray()]
          expect(wrongAt(derive(f), 'float32', right), what).toEqual([])
        }
      })
    for (const gamma of [0, 0.25, 0.5, 1, 1.5, 2, 3, 5])
      for (const dtype of ['float32', 'float64'] as const)
        it(`focal losses of hard labels, gamma ${gamma}, ${dtype}`, () => {
          const options = { ...total, gamma }
          /** Where the label is met, small numbers are what is left, to their own last places. */
          const met = (x: number): boolean => x > 16
          for (const [what, [order, derive]] of Object.entries(orders)) {
            const check = (f: Loss, right: (x: number) => number, strict?: (x: number) => boolean): void => {
              expect(wrongAt(derive(f), dtype, points.map(right), strict), `${what}: ${f.name}`).toEqual([])
            }
            const yes: Loss = (x) => losses.sigmoidFocal(x, filled(x, 1), options)
            const no: Loss = (x) => losses.sigmoidFocal(x, filled(x, 0), options)
            const own: Loss = (x) => losses.softmaxFocal(three(x), classes(x, 0), options)
            const ownSoft: Loss = (x) => losses.softmaxFocal(three(x), soft(x, [1, 0, 0]), options)
            const other: Loss = (x) => losses.softmaxFocal(three(x), classes(x, 1), options)
            check(yes, (x) => ofRight(x, gamma)[order], met)
            check(
              no,
              (x) => (order === 1 ? -1 : 1) * ofRight(-x, gamma)[order],
              (x) => met(-x),
            )
            check(own, (x) => ofRight(x - apart, gamma)[order], met)
            check(ownSoft, (x) => ofRight(x - apart, gamma)[order], met)
            check(other, (x) => ofOther(x, gamma)[order])
          }
        })
  })
