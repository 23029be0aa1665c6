/** Calls of laws, on subjects so small that a right call takes no time. */
import fc from 'fast-check'
import { metrics, nn, np, optim, random, reference } from 'adjoint'
import { primitives } from 'adjoint/extend'
import type { Tensor } from 'adjoint'
import * as entry from 'adjoint/laws'

const x = np.array([0.5, 1, 2], { dtype: 'float64' })
const same = (t: Tensor): readonly Tensor[] => [np.sin(t)]
const tensors = fc.tuple(entry.tensor([2]))
const once = { numRuns: 1 }
const points = entry.pointsOf((t) => [np.sin(t)], tensors)
const programs = entry.programs(1)
const training = fc.constant({ params: { w: x }, grads: [{ w: x }] })

const each = (names: string, ...args: readonly unknown[]): Readonly<Record<string, readonly (readonly unknown[])[]>> =>
  Object.fromEntries(names.split(' ').map((name) => [`laws.${name}`, [args]]))

/** Calls by the name of the function. */
export const lawCalls: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  ...each('anyDtype', ['float32', 'int32']),
  ...each('anyNumbers numbers', 'float32'),
  ...each('directions', [x], () => 1),
  ...each('eighths', -1, 1),
  ...each('list', fc.nat(), 3),
  ...each('shapes', { maxRank: 2 }),
  ...each('stream', 1),
  ...each('tensor', [3], 'float64', fc.nat()),
  ...each('tensorOf', [1, 2], [2], 'float64'),
  ...each('tensors', 'float64', {}),
  ...each('trees', fc.nat()),
  ...each('checkGrads', (t: Tensor) => np.sin(t), [x], { order: 1 }),
  ...each('checkPoint', { f: same, xs: [x] }, { order: 1 }),
  ...each('pointsOf subjectsOf', same, tensors),
  ...each('expectClose', 'x', x, x, { ulp: 1 }),
  ...each('expectAllClose', 'x', [x], [x], { ulp: 1 }),
  ...each('expectSame', 'x', { x }, { x }, { ulp: 1 }),
  ...each('showTensor', x, 4),
  ...each('ulpDistance', 1, 2, 'float32'),
  ...each('difference', same, [x], [x], 0.001),
  ...each('applications', entry.elementwise(1).values),
  ...each('distinct', [3], 'float64', 0),
  ...each('elementwise', 1, {}),
  ...each('operand', [3], 'float64', fc.nat()),
  ...each('site', {}, [entry.operand([3], 'float64')]),
  ...each('forAll', 'nothing', fc.nat(), String, () => undefined, once),
  ...each('programPoints', programs),
  ...each('programs', 2),
  ...each('asyncBackend backend', reference, { ...once, only: ['neg'] }),
  ...each('batchedDerivative batching', same, fc.array(tensors, { minLength: 2, maxLength: 2 }), once),
  ...each('chainRule', same, same, tensors, once),
  ...each('checkpointed jitted tracing', programs, once),
  ...each('dataset', { length: 1, take: () => x }, once),
  ...each('derivative', same, tensors, once),
  ...each('firstOrder secondOrder linearity linearized symmetry unused', points, once),
  ...each('format', { encode: String, decode: Number }, fc.nat(), once),
  ...each('functor places traversal', entry.trees(fc.nat()), once),
  ...each('keys', once),
  ...each('layer', nn.dense(3, 2), entry.tensor([2, 3], 'float32'), once),
  ...each('metric', metrics.meanSquaredError(), fc.constant({ predictions: x, targets: x }), once),
  ...each('monoid', fc.constant(optim.sgd(0.1)), training, once),
  ...each('optimizer', optim.sgd(0.1), training, once),
  ...each('partition', () => [[0, 1]], 2, once),
  ...each('pass', 'nothing', (p: unknown) => p, programs, once),
  ...each('primitive', primitives.neg, entry.elementwise(1, { shapes: { maxRank: 1 } }), once),
  ...each('restartable', [1, 2], once),
  ...each('streams', (key: Tensor) => random.normal(key, [2]), once),
  ...each('transparent', 'nothing', (f: unknown) => f, programs, once),
}
