/** One figure per loss: what a prediction costs, and the slope that pulls it back. */
import type { Tensor } from '../../src/index.js'
import { losses, np, valueAndGrad } from '../../src/index.js'
import type { Figure } from './figure.js'

type Loss = (x: Tensor) => Tensor

const from = -4
const step = 0.1
const count = 81

const numbers = (start: number, by: number, n: number): Tensor => np.add(start, np.mul(by, np.arange(n, { dtype: 'float64' })))
const listed = (t: Tensor): readonly number[] => Array.from(t.toArray() as number[])
const same = (x: Tensor, value: number): Tensor => np.fullLike(x, value)
const each = { reduction: 'none' } as const

/** What each of `x` costs. */
const cost = (loss: Loss, start = from, by = step, n = count): readonly number[] => listed(loss(numbers(start, by, n)))

/** What each of `x` costs, and its slope. */
const costAndSlope = (
  loss: Loss,
  start = from,
  by = step,
  n = count,
): { readonly loss: readonly number[]; readonly slope: readonly number[] } => {
  const x = numbers(start, by, n)
  return { loss: cost(loss, start, by, n), slope: listed(valueAndGrad((t: Tensor) => np.sum(loss(t)))(x)[1]) }
}

/** Columns side by side: logits or points `[n, columns]`. */
const columns = (...parts: readonly Tensor[]): Tensor => np.stack(parts, { axis: 1 })
const first = (x: Tensor): Tensor => np.zeros([x.shape[0]!], { dtype: 'int32' })

const error = { xLabel: 'prediction - target', start: from, step }
const logit = { xLabel: 'logit', start: from, step }

/** Name of the page -> its figure. */
export const lossFigures: Readonly<Record<string, Figure>> = {
  meanSquaredError: {
    ...error,
    title: 'squared error and its slope',
    lines: () => costAndSlope((x) => losses.meanSquaredError(x, same(x, 0), each)),
  },
  meanAbsoluteError: {
    ...error,
    title: 'absolute error and its slope',
    lines: () => costAndSlope((x) => losses.meanAbsoluteError(x, same(x, 0), each)),
  },
  huber: {
    ...error,
    title: 'Huber loss, delta 1, and its slope; half the squared error',
    lines: () => ({
      ...costAndSlope((x) => losses.huber(x, same(x, 0), each)),
      'half the square': cost((x) => np.mul(0.5, losses.meanSquaredError(x, same(x, 0), each))),
    }),
  },
  logCosh: {
    ...error,
    title: 'log cosh, its slope, and the Huber loss',
    lines: () => ({
      ...costAndSlope((x) => losses.logCosh(x, same(x, 0), each)),
      huber: cost((x) => losses.huber(x, same(x, 0), each)),
    }),
  },
  pinball: {
    ...error,
    title: 'pinball loss for three quantiles',
    lines: () => ({
      '0.1': cost((x) => losses.pinball(x, same(x, 0), { ...each, quantile: 0.1 })),
      '0.5': cost((x) => losses.pinball(x, same(x, 0), { ...each, quantile: 0.5 })),
      '0.9': cost((x) => losses.pinball(x, same(x, 0), { ...each, quantile: 0.9 })),
    }),
  },
  poissonNll: {
    title: 'cost of a log-rate when 0, 1 or 5 were counted',
    xLabel: 'logarithm of the rate',
    start: -2,
    step: 0.05,
    lines: () => ({
      'count 0': cost((x) => losses.poissonNll(x, same(x, 0), { ...each, full: true }), -2, 0.05),
      'count 1': cost((x) => losses.poissonNll(x, same(x, 1), { ...each, full: true }), -2, 0.05),
      'count 5': cost((x) => losses.poissonNll(x, same(x, 5), { ...each, full: true }), -2, 0.05),
    }),
  },
  gaussianNll: {
    title: 'cost of a log-variance when the mean is off by 0.5, 1 or 2',
    xLabel: 'logarithm of the variance',
    start: -2,
    step: 0.05,
    lines: () => ({
      'off by 0.5': cost((x) => losses.gaussianNll(same(x, 0.5), same(x, 0), x, each), -2, 0.05),
      'off by 1': cost((x) => losses.gaussianNll(same(x, 1), same(x, 0), x, each), -2, 0.05),
      'off by 2': cost((x) => losses.gaussianNll(same(x, 2), same(x, 0), x, each), -2, 0.05),
    }),
  },
  softmaxCrossEntropy: {
    title: 'cost of the logit of the label, two others being 0',
    xLabel: 'logit of the label',
    start: from,
    step,
    lines: () => ({
      ...costAndSlope((x) => losses.softmaxCrossEntropy(columns(x, same(x, 0), same(x, 0)), first(x), each)),
      'smoothing 0.2': cost((x) =>
        losses.softmaxCrossEntropy(columns(x, same(x, 0), same(x, 0)), first(x), { ...each, labelSmoothing: 0.2 }),
      ),
    }),
  },
  sigmoidCrossEntropy: {
    ...logit,
    title: 'cost of a logit, its slope; cost when the answer is no',
    lines: () => ({
      ...costAndSlope((x) => losses.sigmoidCrossEntropy(x, same(x, 1), each)),
      no: cost((x) => losses.sigmoidCrossEntropy(x, same(x, 0), each)),
    }),
  },
  binaryCrossEntropy: {
    title: 'cost of a probability',
    xLabel: 'probability',
    start: 0.01,
    step: 0.01,
    lines: () => ({
      yes: cost((x) => losses.binaryCrossEntropy(x, same(x, 1), each), 0.01, 0.01, 99),
      no: cost((x) => losses.binaryCrossEntropy(x, same(x, 0), each), 0.01, 0.01, 99),
    }),
  },
  softmaxFocal: {
    title: 'focal loss of the logit of the label, two others being 0',
    xLabel: 'logit of the label',
    start: from,
    step,
    lines: () => ({
      'gamma 0': cost((x) => losses.softmaxFocal(columns(x, same(x, 0), same(x, 0)), first(x), { ...each, gamma: 0 })),
      'gamma 2': cost((x) => losses.softmaxFocal(columns(x, same(x, 0), same(x, 0)), first(x), each)),
      'gamma 5': cost((x) => losses.softmaxFocal(columns(x, same(x, 0), same(x, 0)), first(x), { ...each, gamma: 5 })),
    }),
  },
  sigmoidFocal: {
    ...logit,
    title: 'focal loss of a logit when the answer is yes',
    lines: () => ({
      'gamma 0': cost((x) => losses.sigmoidFocal(x, same(x, 1), { ...each, gamma: 0 })),
      'gamma 2': cost((x) => losses.sigmoidFocal(x, same(x, 1), each)),
      'alpha 0.25': cost((x) => losses.sigmoidFocal(x, same(x, 1), { ...each, alpha: 0.25 })),
    }),
  },
  hinge: {
    title: 'hinge loss and sigmoid cross-entropy, the label being 1',
    xLabel: 'score',
    start: from,
    step,
    lines: () => ({
      ...costAndSlope((x) => losses.hinge(x, same(x, 1), each)),
      'cross-entropy': cost((x) => losses.sigmoidCrossEntropy(x, same(x, 1), each)),
    }),
  },
  klDivergence: {
    title: 'divergence of (q, 1 - q) and (0.3, 0.7), either one the target',
    xLabel: 'q',
    start: 0.01,
    step: 0.01,
    lines: () => {
      const pair = (q: Tensor): Tensor => columns(q, np.sub(1, q))
      return {
        'target 0.3': cost((q) => losses.klDivergence(np.log(pair(q)), pair(same(q, 0.3)), each), 0.01, 0.01, 99),
        'target q': cost((q) => losses.klDivergence(np.log(pair(same(q, 0.3))), pair(q), each), 0.01, 0.01, 99),
      }
    },
  },
  ctc: {
    title: "loss of the labels 'a b' in 4, 6 and 8 steps",
    xLabel: 'logit of the right class where it is due, others 0',
    start: from,
    step: 0.2,
    lines: () => {
      // Blank, a, b: the first half of the time is due to a, the second to b.
      const inSteps = (steps: number): readonly number[] => {
        const due = np.array(
          Array.from({ length: steps }, (_, t) => (t < steps / 2 ? [0, 1, 0] : [0, 0, 1])),
          { dtype: 'float64' },
        )
        const logits = np.mul(np.reshape(numbers(from, 0.2, 41), [41, 1, 1]), due)
        return listed(losses.ctc(logits, np.broadcastTo(np.array([1, 2], { dtype: 'int32' }), [41, 2]), each))
      }
      return { '4 steps': inSteps(4), '6 steps': inSteps(6), '8 steps': inSteps(8) }
    },
  },
  cosineDistance: {
    title: 'cosine distance of two directions, and its slope',
    xLabel: 'angle in radians',
    start: -4,
    step,
    lines: () => costAndSlope((a) => losses.cosineDistance(columns(np.cos(a), np.sin(a)), columns(same(a, 1), same(a, 0)), each)),
  },
  contrastive: {
    title: 'contrastive loss over the distance, margin 1',
    xLabel: 'distance',
    start: 0,
    step: 0.02,
    lines: () => {
      const apart = (d: Tensor, together: number): Tensor => losses.contrastive(columns(d), columns(same(d, 0)), same(d, together), each)
      return { together: cost((d) => apart(d, 1), 0, 0.02), apart: cost((d) => apart(d, 0), 0, 0.02) }
    },
  },
  triplet: {
    title: 'triplet loss, the positive at distance 1',
    xLabel: 'distance of the negative',
    start: 0,
    step: 0.05,
    lines: () => {
      const of = (margin: number): readonly number[] =>
        cost((d) => losses.triplet(columns(same(d, 0)), columns(same(d, 1)), columns(d), { ...each, margin }), 0, 0.05)
      return { 'margin 0.5': of(0.5), 'margin 1': of(1), 'margin 2': of(2) }
    },
  },
  infoNce: {
    title: 'InfoNCE of one query, three other keys at right angles',
    xLabel: 'cosine to its own key',
    start: -1,
    step: 0.05,
    lines: () => {
      const keys = np.eye(4, { dtype: 'float64' })
      const of = (temperature: number): readonly number[] =>
        listed(numbers(-1, 0.05, 41)).map((c) => {
          const away = Math.sqrt(Math.max(0, 1 - c * c))
          // Query 0 has its own key at cosine c, and leans into a fifth direction that no key has.
          const queries = np.array([[c, 0, 0, 0, away], ...[1, 2, 3].map((k) => [0, 1, 2, 3, 4].map((j) => (j === k ? 1 : 0)))], {
            dtype: 'float64',
          })
          const wide = np.pad(keys, [
            [0, 0],
            [0, 1],
          ])
          return Number(np.take(losses.infoNce(queries, wide, { ...each, temperature }), 0))
        })
      return { '0.05': of(0.05), '0.1': of(0.1), '0.5': of(0.5) }
    },
  },
}
