import { flow } from 'fp-ts/lib/function.js'
import * as S from 'fp-ts/lib/State.js'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { evalShape, grad, jit, nn, np, random, shapeDtype, tree, valueAndGrad, vmap } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

const key = random.key(0)
const shapes = (params: unknown): Readonly<Record<string, readonly number[]>> => {
  const paths = tree.paths(params)
  return Object.fromEntries(tree.leaves(params as { w: Tensor }).map((leaf, i) => [paths[i]!, leaf.shape]))
}
const message = (f: () => unknown): string => {
  try {
    f()
    return 'nothing was thrown'
  } catch (error) {
    return (error as Error).message
  }
}

describe('dense', () => {
  it('is x @ w + b', () => {
    const layer = nn.dense(2, 3)
    const w = np.array([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(
      layer
        .apply({ w, b: np.array([10, 20, 30]) })(
          np.array([
            [1, 1],
            [0, 2],
          ]),
        )
        .toArray(),
    ).toEqual([
      [15, 27, 39],
      [18, 30, 42],
    ])
    expect(
      layer
        .apply({ w, b: np.zeros([3]) })(np.array([1, 1]))
        .toArray(),
    ).toEqual([5, 7, 9])
  })
  it('draws parameters of the right shapes, variance and dtype', () => {
    const { w, b } = nn.dense(400, 300, { dtype: 'float64' }).init(key)
    expect([w.shape, b.shape, w.dtype, b.dtype]).toEqual([[400, 300], [300], 'float64', 'float64'])
    expect(Number(np.var(w)) * 400).toBeCloseTo(1, 1)
    expect(Number(np.max(np.abs(b)))).toBe(0)
  })
  it('can do without a bias, and learns its input size from the input shape', () => {
    expect(Object.keys(nn.dense(2, 3, { bias: false }).init(key))).toEqual(['w'])
    expect(nn.dense(3).init(key, [32, 7]).w.shape).toEqual([7, 3])
    expect(
      nn
        .dense(3, { bias: false })
        .apply({ w: np.ones([2, 3]) })(np.ones([1, 2]))
        .toArray(),
    ).toEqual([[2, 2, 2]])
    expect(message(() => nn.dense(3).init(key))).toMatch(/the input size is unknown[\s\S]*try: dense\(in, out\)/)
    expect(() => nn.dense(0, 3)).toThrow(/inputs must be a whole number from 1/)
  })
})

describe('sequential', () => {
  const model = nn.sequential(nn.dense(4, 8), nn.relu, nn.dense(8, 3))
  it('has the list of parameters, and applies in order', () => {
    const params = model.init(key)
    expect(shapes(params)).toEqual({ '0/b': [8], '0/w': [4, 8], '2/b': [3], '2/w': [8, 3] })
    const x = random.normal(random.key(1), [5, 4])
    const [first, , last] = params
    const byHand = np.add(np.matmul(nn.relu(np.add(np.matmul(x, first.w), first.b)), last.w), last.b)
    expect(model.apply(params)(x).toArray()).toEqual(byHand.toArray())
  })
  it('gives every layer its own key, the same from the same seed', () => {
    const square = nn.sequential(nn.dense(4, 4), nn.dense(4, 4))
    const [a, b] = square.init(key)
    expect(a.w.toArray()).not.toEqual(b.w.toArray())
    expect(square.init(key)[1].w.toArray()).toEqual(b.w.toArray())
    expect(square.init(random.key(1))[1].w.toArray()).not.toEqual(b.w.toArray())
  })
  it('passes shapes on to layers of unknown input size', () => {
    const lazy = nn.sequential(nn.dense(8), np.tanh, nn.dense(3))
    expect(shapes(lazy.init(key, [32, 5]))).toEqual({ '0/b': [8], '0/w': [5, 8], '2/b': [3], '2/w': [8, 3] })
  })
  it('nests, also through compose', () => {
    const nested = nn.compose(nn.sequential(nn.dense(4, 4), np.tanh), nn.lift(flow(np.tanh, np.mul(2)), 'twice'))
    expect(shapes(nested.init(key))).toEqual({ '0/0/b': [4], '0/0/w': [4, 4] })
    expect(
      nested
        .apply(nested.init(key))(np.zeros([1, 4]))
        .toArray(),
    ).toEqual([[0, 0, 0, 0]])
  })
  it('has shapes without computing', () => {
    const params = evalShape((k: Tensor) => model.init(k), key)
    expect(shapes(params)).toEqual({ '0/b': [8], '0/w': [4, 8], '2/b': [3], '2/w': [8, 3] })
    expect(evalShape((x: Tensor) => model.apply(model.init(key))(x), shapeDtype([9, 4])).shape).toEqual([9, 3])
    expect(nn.outputShape(model, model.init(key), [7, 4])).toEqual([7, 3])
  })
  it('says where in the model an error is', () => {
    const broken = nn.named('mlp', nn.sequential(nn.dense(784, 783), nn.relu, nn.dense(784, 10)))
    const text = message(() => broken.apply(broken.init(key))(np.zeros([32, 784])))
    expect(text).toMatch(/matmul/)
    expect(text).toMatch(/in: mlp \/ dense\[2\]/)
    const lone = nn.dense(3, 2)
    expect(message(() => lone.apply(lone.init(key))(np.zeros([1, 4])))).toMatch(/in: dense/)
    expect(message(() => nn.sequential(nn.dense(3)).init(key))).toMatch(/in: dense\[0\]/)
  })
  it('has gradients of its own type, under jit and for an ensemble under vmap', () => {
    const loss = (p: ReturnType<typeof model.init>, x: Tensor) => np.sum(np.square(model.apply(p)(x)))
    const x = random.normal(random.key(2), [5, 4])
    const params = model.init(key)
    const [value, slopes] = jit(valueAndGrad(loss))(params, x)
    expect(shapes(slopes)).toEqual(shapes(params))
    expect(slopes[1]).toBe(null)
    const eager = grad(loss)(params, x)
    expectClose(slopes[2].w, eager[2].w, { atol: 5e-5 })
    const models = vmap((k: Tensor) => model.init(k))(random.split(key, [3]))
    expect(shapes(models)['0/w']).toEqual([3, 4, 8])
    expect(vmap(loss, { inAxes: [0, null] })(models, x).shape).toEqual([3])
    expect(Number(value)).toBeGreaterThan(0)
  })
})

describe('layers of one’s own', () => {
  it('from a State over keys', () => {
    const scale = nn.layer(
      'scale',
      () => random.gen.struct({ factor: random.gen.lift((k) => random.uniform(k)) }),
      ({ factor }) =>
        (x) =>
          np.mul(x, factor),
    )
    const params = scale.init(key)
    expect(
      scale
        .apply(params)(np.array([2]))
        .toArray(),
    ).toEqual([2 * Number(params.factor)])
    const both = S.bindTo('a')(scale.gen())
    expect(both(key)[0].a.factor.shape).toEqual([])
  })
  it('with state, key and mode as arguments, through a container', () => {
    const counting = nn.statefulLayer({
      name: 'counting',
      gen: () => random.gen.of(null),
      initState: () => np.zeros([]),
      run:
        (_params: null, { state = np.zeros([]), train = false }) =>
        (x) => [x, train ? np.add(state, 1) : state],
    })
    const noisy = nn.layer(
      'noisy',
      () => random.gen.of(null),
      (_p, { key: k }) =>
        (x) =>
          k === undefined ? x : np.add(x, random.normal(k, x.shape)),
    )
    const model = nn.sequential(counting, noisy, noisy, nn.relu)
    const params = model.init(key)
    const state = model.initState()
    const x = np.ones([2])
    const [, once] = model.applyWithState(params, { state, train: true })(x)
    const [, twice] = model.applyWithState(params, { state: once, train: true })(x)
    const [y, still] = model.applyWithState(params, { state: twice })(x)
    expect([Number(once[0]), Number(twice[0]), Number(still[0])]).toEqual([1, 2, 2])
    expect(y.toArray()).toEqual([1, 1])
    const drawn = (k: Tensor) => model.apply(params, { state, key: k })(x).toArray()
    expect(drawn(key)).toEqual(drawn(key))
    expect(drawn(key)).not.toEqual(drawn(random.key(1)))
  })
})

describe('intermediates', () => {
  const model = nn.sequential(nn.dense(4, 3), nn.residual(nn.sequential(nn.dense(3, 3), np.tanh)), nn.relu, nn.dense(3, 1))
  const params = model.init(key)
  const x = random.normal(random.key(1), [2, 4])
  it('are the outputs of all parts, containers included, by path', () => {
    const { y, parts } = nn.intermediates(model, params)(x)
    expect(Object.keys(parts).sort()).toEqual(['0', '1', '1/body', '1/body/0', '1/body/1', '1/shortcut', '2', '3'])
    expect(y.toArray()).toEqual(model.apply(params)(x).toArray())
    const hidden = nn.dense(4, 3).apply(params[0])(x)
    expect(parts['0']!.toArray()).toEqual(hidden.toArray())
    expect(parts['1']!.toArray()).toEqual(np.add(parts['1/body/1']!, hidden).toArray())
    expect(parts['3']!.toArray()).toEqual(y.toArray())
  })
  it('are what a tap of the caller makes of them; the slope by an added zero is the slope by the part', () => {
    const score = (added: Tensor) => {
      const tap = (y: Tensor, { path }: nn.InitPlace): Tensor => (path === '1' ? np.add(y, added) : y)
      const { y, parts } = nn.intermediates(model, params, { tap })(x)
      return [np.sum(y), parts['1']!] as const
    }
    const [slopes, maps] = grad(score, { hasAux: true })(np.zeros([2, 3]))
    const rest = (h: Tensor): Tensor => np.sum(nn.dense(3, 1).apply(params[3])(nn.relu(h)))
    expect(slopes.toArray()).toEqual(grad(rest)(maps).toArray())
    expect(Number(np.sum(np.abs(slopes)))).toBeGreaterThan(0)
    const moved = nn.intermediates(model, params, { tap: (y, { path }) => (path === '0' ? np.zerosLike(y) : y) })(x)
    expect(Number(np.max(np.abs(moved.parts['0']!)))).toBe(0)
  })
})
