/** What a weight of 0 leaves out adds exactly 0 to the value and to every derivative, also where it is NaN or infinite. */
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, jit, jvp, losses, nn, np } from '../../src/index.js'
import { trace } from '../../src/ir/trace.js'

const f64 = (v: unknown): Tensor => np.array(v as number[], { dtype: 'float64' })
const int = (v: unknown): Tensor => np.array(v as number[], { dtype: 'int32' })
/** Elements, without the signs of zeros. */
const numbers = (t: Tensor): readonly number[] => [...t.toTypedArray()].map((v) => Number(v) + 0)
const I = Infinity

type Loss = (x: Tensor, options: { readonly weights?: Tensor; readonly reduction?: 'none' | 'sum' }) => Tensor
/** Losses of two examples with a good first row, and the shape of a row. */
const cases: Readonly<Record<string, readonly [Loss, readonly number[]]>> = {
  meanSquaredError: [(x, o) => losses.meanSquaredError(x, f64([1, 1]), o), [0.5]],
  meanAbsoluteError: [(x, o) => losses.meanAbsoluteError(x, f64([1, 1]), o), [0.5]],
  huber: [(x, o) => losses.huber(x, f64([1, 1]), o), [0.5]],
  logCosh: [(x, o) => losses.logCosh(x, f64([1, 1]), o), [0.5]],
  pinball: [(x, o) => losses.pinball(x, f64([1, 1]), o), [0.5]],
  poissonNll: [(x, o) => losses.poissonNll(x, f64([1, 1]), o), [0.5]],
  gaussianNll: [(x, o) => losses.gaussianNll(f64([1, 1]), f64([0, 0]), x, o), [0.5]],
  hinge: [(x, o) => losses.hinge(x, f64([1, 1]), o), [0.5]],
  sigmoidCrossEntropy: [(x, o) => losses.sigmoidCrossEntropy(x, f64([1, 1]), o), [0.5]],
  binaryCrossEntropy: [(x, o) => losses.binaryCrossEntropy(x, f64([1, 1]), o), [0.5]],
  sigmoidFocal: [(x, o) => losses.sigmoidFocal(x, f64([1, 1]), o), [0.5]],
  softmaxCrossEntropy: [(x, o) => losses.softmaxCrossEntropy(x, int([0, 1]), o), [0.5, 2]],
  'softmaxCrossEntropy of probabilities': [(x, o) => losses.softmaxCrossEntropy(x, f64([[0.5, 0.5], [0, 1]]), o), [0.5, 2]], // prettier-ignore
  softmaxFocal: [(x, o) => losses.softmaxFocal(x, int([0, 1]), o), [0.5, 2]],
  klDivergence: [(x, o) => losses.klDivergence(x, f64([[0.5, 0.5], [0.25, 0.75]]), o), [-0.5, -1]], // prettier-ignore
  cosineDistance: [(x, o) => losses.cosineDistance(x, f64([[1, 2], [3, 4]]), o), [0.5, 2]], // prettier-ignore
  contrastive: [(x, o) => losses.contrastive(x, f64([[1, 2], [3, 4]]), int([1, 0]), o), [0.5, 2]], // prettier-ignore
  triplet: [(x, o) => losses.triplet(x, f64([[1, 2], [3, 4]]), f64([[0, 2], [3, 9]]), o), [0.5, 2]], // prettier-ignore
  infoNce: [(x, o) => losses.infoNce(x, f64([[1, 2], [3, 4]]), o), [0.5, 2]], // prettier-ignore
}

const rows = (good: readonly number[], second: readonly number[]): Tensor => f64(good.length === 1 ? [good[0], second[0]] : [good, second])

describe('weights of 0', () => {
  for (const [name, [loss, good]] of Object.entries(cases)) {
    const alone = good.map((v) => v + 0.25)
    const weights = f64([1, 0])
    it(`${name}: what is left out, NaN or infinite, changes nothing`, () => {
      const f = (x: Tensor): Tensor => loss(x, { weights })
      const sound = rows(good, alone)
      const [value, slope] = [f(sound), grad(f)(sound)]
      const tangent = np.onesLike(sound)
      const kept = good.length
      expect(numbers(slope).slice(kept)).toEqual(good.map(() => 0))
      expect(
        numbers(slope)
          .slice(0, kept)
          .some((d) => d !== 0),
      ).toBe(true)
      for (const bad of [NaN, I, -I]) {
        const x = rows(good, [bad, ...alone.slice(1)])
        expect(numbers(f(x)), `value beside ${bad}`).toEqual(numbers(value))
        for (const g of [grad(f), jit(grad(f))]) expect(numbers(g(x)), `gradient beside ${bad}`).toEqual(numbers(slope))
        expect(jvp(f, [x], [tangent])[1].item(), `tangent beside ${bad}`).toBeCloseTo(jvp(f, [sound], [tangent])[1].item() as number, 14)
        const second = grad((y: Tensor) => np.sum(np.square(grad(f)(y))))(x)
        expect(numbers(second).slice(kept), `second derivative beside ${bad}`).toEqual(good.map(() => 0))
        expect(numbers(second).every(Number.isFinite)).toBe(true)
      }
    })
    it(`${name}: a sound example of weight 0 has a derivative in its weight`, () => {
      const x = rows(good, alone)
      const each = numbers(loss(x, { reduction: 'none' }))
      const byWeight = grad((w: Tensor) => loss(x, { weights: w, reduction: 'sum' }))(weights)
      // a query that weighs nothing is a number here, and stays
      expect(numbers(byWeight)).toEqual(each.map((v) => expect.closeTo(v, 12)))
    })
  }

  it('losses that are infinite though their inputs are finite', () => {
    const f = (p: Tensor): Tensor => losses.binaryCrossEntropy(p, f64([1, 1]), { weights: f64([1, 0]) })
    expect([f(f64([0.5, 0])).item(), ...numbers(grad(f)(f64([0.5, 0])))]).toEqual([Math.LN2, -2, 0])
    const g = (x: Tensor): Tensor => losses.poissonNll(x, f64([1, 1]), { weights: f64([1, 0]) })
    expect(numbers(grad(g)(f64([0, 1e4])))).toEqual([0, 0])
  })

  it('losses that overflow though their differences do not', () => {
    const weights = f64([1, 0])
    const square = (x: Tensor): Tensor => losses.meanSquaredError(x, f64([1, 1]), { weights })
    expect([square(f64([3, 1e200])).item(), ...numbers(grad(square)(f64([3, 1e200])))]).toEqual([4, 4, 0])
    const answer = (x: Tensor): Tensor => losses.sigmoidCrossEntropy(x, f64([1, 1]), { weights, posWeight: f64([2, 1e200]) })
    expect([answer(f64([0, -1e200])).item(), ...numbers(grad(answer)(f64([0, -1e200])))]).toEqual([2 * Math.LN2, -1, 0])
  })

  it('labels and factors that are no numbers', () => {
    const weights = f64([1, 0])
    for (const bad of [NaN, I, -I])
      for (const f of [
        (x: Tensor) => losses.sigmoidCrossEntropy(x, f64([1, bad]), { weights }),
        (x: Tensor) => losses.sigmoidCrossEntropy(x, f64([1, 1]), { weights, posWeight: f64([1, bad]) }),
        (x: Tensor) => losses.binaryCrossEntropy(nn.sigmoid(x), f64([1, bad]), { weights }),
        (x: Tensor) => losses.meanSquaredError(x, f64([0.25, bad]), { weights }),
        (x: Tensor) => losses.logCosh(x, f64([Math.atanh(0.5), bad]), { weights }),
        (x: Tensor) => losses.pinball(x, f64([0.5, bad]), { weights }),
      ])
        expect(numbers(grad(f)(f64([0, 1])))).toEqual([expect.closeTo(-0.5, 12), 0])
  })

  it('cost no second softplus, logarithm or logCosh', () => {
    const x = f64([0.25, 0.5])
    const costly = (f: (x: Tensor) => Tensor): readonly string[] =>
      trace('f', (args) => [f(args[0]!)], [x.aval])
        .program.equations.map((e) => e.prim.name)
        .filter((name) => ['softplus', 'log', 'log1p', 'logCosh'].includes(name))
    for (const loss of [losses.sigmoidCrossEntropy, losses.binaryCrossEntropy, losses.logCosh]) {
      const plain = costly((y) => loss(y, x))
      expect(plain).toHaveLength(loss === losses.logCosh ? 1 : 2)
      expect(costly((y) => loss(y, x, { weights: x }))).toEqual(plain)
    }
  })

  it('frames behind the end of a sequence, and sequences left out', () => {
    const labels = int([[1], [2]]) // prettier-ignore
    const options = { logitLengths: int([2, 3]), weights: f64([1, 0]) }
    const f = (x: Tensor): Tensor => losses.ctc(x, labels, options)
    const row = [0.5, 1, 2]
    const [sound, spoilt] = [f64([[row, row, row], [row, row, row]]), f64([[row, row, [NaN, I, 0]], [row, [NaN, 0, 0], row]])] // prettier-ignore
    expect(f(spoilt).item()).toBe(f(sound).item())
    expect(numbers(grad(f)(spoilt))).toEqual(numbers(grad(f)(sound)))
    expect(numbers(grad(f)(sound)).slice(6)).toEqual(new Array(12).fill(0))
  })

  it('padding beside labels that are none', () => {
    const f = (x: Tensor): Tensor => losses.softmaxCrossEntropy(x, int([0, -1]), { weights: f64([1, 0]) })
    const x = f64([[0, 0], [NaN, 1]]) // prettier-ignore
    for (const g of [f, jit(f)]) expect(g(x).item()).toBe(Math.LN2)
    for (const g of [grad(f), jit(grad(f))]) expect(numbers(g(x))).toEqual([-0.5, 0.5, 0, 0])
  })
})

describe('factors of 0 inside of losses', () => {
  it('classes of probability 0', () => {
    const label = int([0])
    const x = f64([[1, -I, 3]])
    for (const labels of [label, f64([[1, 0, 0]])]) {
      expect(losses.softmaxCrossEntropy(x, labels).item()).toBeCloseTo(2.1269280110429727, 14)
      const [a, b, c] = numbers(grad((z: Tensor) => losses.softmaxCrossEntropy(z, labels))(x)) as [number, number, number]
      expect([a, b, c]).toEqual([expect.closeTo(-0.8807970779778823, 14), 0, expect.closeTo(0.8807970779778823, 14)])
    }
    expect(losses.softmaxCrossEntropy(x, int([1])).item()).toBe(I)
  })
  it('answers that are certain', () => {
    const each = { reduction: 'none' } as const
    expect(numbers(losses.sigmoidCrossEntropy(f64([I, -I, I]), f64([1, 0, 0]), each))).toEqual([0, 0, I])
    expect(numbers(grad((x: Tensor) => losses.sigmoidCrossEntropy(x, f64([1, 0]), { reduction: 'sum' }))(f64([I, -I])))).toEqual([0, 0])
    expect(numbers(losses.sigmoidFocal(f64([I, -I]), f64([1, 0]), each))).toEqual([0, 0])
    expect(numbers(losses.poissonNll(f64([-I]), f64([0]), each))).toEqual([0])
    expect(numbers(losses.klDivergence(f64([[-I, 0]]), f64([[-I, 0]]), { logTargets: true }))).toEqual([0])
    expect(numbers(losses.contrastive(f64([[I, 0]]), f64([[0, 0]]), int([0])))).toEqual([0])
  })
  it('focal losses of answers that are right beyond what numbers hold', () => {
    for (const gamma of [0.5, 1, 2])
      for (const x of [200, 800, I]) {
        const f = (z: Tensor): Tensor => losses.sigmoidFocal(z, np.onesLike(z), { gamma })
        for (const dtype of ['float32', 'float64'] as const) {
          const z = np.array(x, { dtype })
          expect(Number.isNaN(grad(f)(z).item()), `${gamma} ${x} ${dtype}`).toBe(false)
          expect(Number.isNaN(grad(grad(f))(z).item()), `${gamma} ${x} ${dtype}`).toBe(false)
        }
        const h = (z: Tensor): Tensor => losses.softmaxFocal(np.stack([z, np.zerosLike(z)]), int(0), { gamma })
        if (x !== I) expect(numbers(grad(h)(np.array(x)))).toEqual([0])
      }
  })
  it('the focal loss in a label that is met', () => {
    const f = (t: Tensor): Tensor => losses.sigmoidFocal(f64(20), t)
    const h = 1e-6
    const difference = ((f(f64(1)).item() as number) - (f(f64(1 - h)).item() as number)) / h
    expect(grad(f)(f64(1)).item() as number).toBeCloseTo(difference, 3)
  })
})
