import { describe, expect, it } from 'vitest'
import type { Tensor } from 'adjoint'
import { grad, jit, np, nn, random, scan, vmap } from 'adjoint'
import { checkGrads } from 'adjoint/laws'
import { thrown } from '../errors/thrown.js'

const key = random.key(0)
const x = random.normal(random.key(1), [6, 3], { dtype: 'float64' })
const norm = nn.batchNorm(3, { dtype: 'float64' })
const params = { scale: np.array([1, 2, -1], { dtype: 'float64' }), bias: np.array([0, 1, 0.5], { dtype: 'float64' }) }
const state = { mean: np.array([0.5, 0, -1], { dtype: 'float64' }), var: np.array([2, 1, 0.25], { dtype: 'float64' }) }

describe('batchNorm', () => {
  it('standardises every channel while training', () => {
    const [y] = nn.batchNorm(3, { affine: false }).applyWithState(null, { state, train: true })(x)
    expect(np.allclose(np.mean(y, { axis: 0 }), 0, { atol: 1e-12 })).toBe(true)
    expect(np.allclose(np.var(y, { axis: 0 }), 1, { rtol: 1e-4 })).toBe(true)
  })
  it('moves the running statistics by 1 - momentum towards mean and unbiased variance', () => {
    const [, next] = nn.batchNorm(3, { momentum: 0.75 }).applyWithState(params, { state, train: true })(x)
    const towards = (old: Tensor, now: Tensor) => np.add(np.mul(old, 0.75), np.mul(now, 0.25))
    expect(np.allclose(next.mean, towards(state.mean, np.mean(x, { axis: 0 })), { rtol: 1e-12 })).toBe(true)
    expect(np.allclose(next.var, towards(state.var, np.var(x, { axis: 0, ddof: 1 })), { rtol: 1e-12 })).toBe(true)
  })
  it('uses the running statistics in evaluation, and leaves them alone', () => {
    const [y, next] = norm.applyWithState(params, { state })(x)
    const right = np.add(np.mul(np.div(np.sub(x, state.mean), np.sqrt(np.add(state.var, 1e-5))), params.scale), params.bias)
    expect(np.allclose(y, right, { rtol: 1e-12 })).toBe(true)
    expect(next).toBe(state)
  })
  it('is finite for a single example: variance 0, nothing to divide by', () => {
    const [y, next] = norm.applyWithState(params, { state, train: true })(np.index(x, ':1'))
    expect(np.allclose(y, params.bias, { atol: 1e-12 })).toBe(true)
    expect(np.allclose(next.var, np.mul(state.var, 0.9))).toBe(true)
  })
  it('works along any axis, and averages over all others', () => {
    const images = random.normal(key, [2, 3, 4, 5])
    const [y] = nn.batchNorm().applyWithState(nn.batchNorm().init(key, images.shape), { state: nn.batchNorm(3).initState(), train: true })(
      images,
    )
    const last = nn.batchNorm({ axis: -1 })
    const moved = np.moveaxis(images, 1, -1)
    const [z] = last.applyWithState(last.init(key, moved.shape), { state: last.initState(moved.shape), train: true })(moved)
    expect(np.allclose(np.moveaxis(z, -1, 1), y, { rtol: 1e-6, atol: 1e-6 })).toBe(true)
    expect(np.allclose(np.mean(y, { axis: [0, 2, 3] }), 0, { atol: 1e-6 })).toBe(true)
  })
  it('has derivatives to second order in training and in evaluation', () => {
    for (const train of [true, false])
      checkGrads((p: typeof params, input: Tensor) => norm.apply(p, { state, train })(input), [params, x], { order: 2 })
  })
  it('keeps the next state out of the derivative', () => {
    const f = (input: Tensor) => np.sum(norm.applyWithState(params, { state, train: true })(input)[1].var)
    expect(Number(np.max(np.abs(grad(f)(x))))).toBe(0)
  })
  it('is the same compiled, over many steps as one program, and for an ensemble', () => {
    const run = (s: typeof state, input: Tensor) => {
      const [y, next] = norm.applyWithState(params, { state: s, train: true })(input)
      return [next, y] as const
    }
    const batches = random.normal(key, [4, 6, 3], { dtype: 'float64' })
    const [scanned, ys] = jit((s: typeof state, all: Tensor) => scan(run, s, all))(state, batches)
    const byHand = [0, 1, 2, 3].reduce((s, i) => run(s, np.index(batches, i))[0], state)
    expect(np.allclose(scanned.var, byHand.var, { rtol: 1e-12 })).toBe(true)
    expect(np.allclose(vmap(run, { inAxes: [null, 0] })(state, batches)[1].shape[0]!, ys.shape[0]!)).toBe(true)
    expect(np.allclose(np.index(vmap(run, { inAxes: [null, 0] })(state, batches)[1], 2), np.index(ys, 2), { rtol: 1e-12 })).toBe(true)
  })
  it('learns its channels from the input shape, inside models too', () => {
    const model = nn.sequential(nn.conv2d(4, 3), nn.batchNorm(), nn.relu, nn.flatten, nn.dense(2), nn.batchNorm())
    const p = model.init(key, [2, 3, 6, 6])
    const s = model.initState([2, 3, 6, 6])
    expect([p[1].scale.shape, p[5].bias.shape, s[1].mean.shape, s[5].var.shape]).toEqual([[4], [2], [4], [2]])
    const [y, next] = model.applyWithState(p, { state: s, train: true })(np.ones([2, 3, 6, 6]))
    expect(y.shape).toEqual([2, 2])
    expect(Number(np.max(np.abs(np.sub(next[1].mean, s[1].mean))))).toBeGreaterThan(0)
  })
  it('says what is missing', () => {
    expect(thrown(() => norm.apply(params)(x))).toMatch(
      /^ValueError: batchNorm: the running statistics are missing[\s\S]*try: applyWithState/,
    )
    expect(thrown(() => nn.batchNorm().init(key))).toMatch(/^ShapeError: batchNorm: the number of channels is unknown/)
    expect(thrown(() => nn.batchNorm(0))).toMatch(/^ValueError: batchNorm: channels must be a whole number from 1, got 0/)
    expect(thrown(() => nn.batchNorm(3, { momentum: 2 }))).toMatch(/momentum must be a number from 0 to 1, got 2/)
  })
})
