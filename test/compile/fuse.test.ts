import { target } from '../../src/backend/wasm/target.js'
import { describe, expect, it } from 'vitest'
import { fuse } from '../../src/compile/loops.js'
import { aval } from '../../src/core/aval.js'
import type { Tensor } from '../../src/core/tensor.js'
import { nn, np, optim, valueAndGrad, vjp } from '../../src/index.js'
import { optimize } from '../../src/ir/optimize.js'
import { trace } from '../../src/ir/trace.js'
import { arange } from '../../src/numpy.js'

type F = (...xs: Tensor[]) => readonly Tensor[]

/** The steps of a traced function: the sizes of loops that are written and reduced, and the names of the other equations. */
const stepsOf = (f: F, ...shapes: readonly (readonly number[])[]): readonly string[] =>
  fuse(
    optimize(
      trace(
        'test',
        (xs) => f(...xs),
        shapes.map((s) => aval(s, 'float32')),
      ).program,
    ),
    target,
  ).steps.map((s) =>
    s.kind === 'loops' ? `${s.outer.join('x')}|${s.inner.join('x')}` : s.kind === 'alias' ? 'alias' : s.equation.prim.name,
  )

/** `f` and its pullback. */
const both =
  (f: (...xs: Tensor[]) => Tensor): F =>
  (...xs) => {
    const [y, pull] = vjp(f, ...xs.slice(0, -1))
    return [y, ...pull(xs.at(-1)!)]
  }

const normalised = (x: Tensor, axis: readonly number[], keepdims: boolean): Tensor => {
  const spread = (m: Tensor): Tensor => (keepdims ? m : np.reshape(m, [m.shape[0]!, 1]))
  const c = np.sub(x, spread(np.mean(x, { axis, keepdims })))
  return np.div(c, np.sqrt(np.add(spread(np.mean(np.mul(c, c), { axis, keepdims })), 1e-5)))
}
const layerNorm = (x: Tensor, g: Tensor, b: Tensor): Tensor => np.add(np.mul(normalised(x, [-1], true), g), b)
const batchNorm = (x: Tensor, g: Tensor, b: Tensor): Tensor =>
  np.add(np.mul(normalised(x, [0, 2, 3], true), np.reshape(g, [1, 8, 1, 1])), np.reshape(b, [1, 8, 1, 1]))

describe('steps', () => {
  it('softmax, logsumexp and their pullbacks are one pass', () => {
    expect(stepsOf((x) => [nn.softmax(x)], [64, 257])).toEqual(['64|257'])
    expect(
      stepsOf(
        both((x) => nn.softmax(x)),
        [64, 257],
        [64, 257],
      ),
    ).toEqual(['64|257'])
    expect(
      stepsOf(
        both((x) => nn.logSoftmax(x)),
        [64, 257],
        [64, 257],
      ),
    ).toEqual(['64|257'])
  })
  it('cross-entropy and its gradient are one pass over the logits, and one over the rows', () => {
    const loss = (x: Tensor, y: Tensor): Tensor => np.neg(np.mean(np.sum(np.mul(nn.logSoftmax(x), y), { axis: 1 })))
    const f: F = (x, y) => {
      const [value, grad] = valueAndGrad(loss)(x, y)
      return [value, grad]
    }
    expect(stepsOf(f, [64, 10], [64, 10])).toEqual(['64|10', '|64'])
  })
  it('layer norm is one pass, its pullback a pass along rows and one along columns', () => {
    expect(stepsOf((x, g, b) => [layerNorm(x, g, b)], [64, 257], [257], [257])).toEqual(['64|257'])
    expect(stepsOf(both(layerNorm), [64, 257], [257], [257], [64, 257])).toEqual(['64|257', '257|64'])
  })
  it('kept axes make no difference, of size 1 or not', () => {
    expect(stepsOf((x) => [normalised(x, [-1], false)], [64, 257])).toEqual(['64|257'])
    expect(stepsOf((x) => [np.var(x, { axis: -1, keepdims: true })], [64, 257])).toEqual(['64|257'])
    expect(stepsOf((x, g, b) => [layerNorm(x, g, b)], [1, 257], [257], [257])).toEqual(['|257'])
    expect(stepsOf((x) => [np.var(x, { axis: -1, keepdims: true })], [2, 1])).toEqual(['2|'])
  })
  it('sums by columns of what rows were divided by are a pass of each kind, with nothing as large as the argument between', () => {
    const shares = (x: Tensor): Tensor => np.div(x, np.sum(x, { axis: 1, keepdims: true }))
    expect(stepsOf((x) => [np.sum(shares(x), { axis: 0 })], [64, 257])).toEqual(['64|257', '257|64'])
  })
  it('what is wanted itself and summed by columns is made where its rows are reduced, once or several times', () => {
    const rows = { axis: 1, keepdims: true } as const
    const once = (x: Tensor): Tensor => np.div(x, np.sum(x, rows))
    const twice = (x: Tensor): Tensor => np.mul(once(x), np.exp(np.sub(x, np.max(x, rows))))
    const apart = (x: Tensor, z: Tensor): Tensor => np.sub(x, np.add(np.sum(x, rows), np.max(z, rows)))
    const outputs = (f: (...xs: Tensor[]) => Tensor, ...shapes: readonly (readonly number[])[]) =>
      stepsOf(
        (...xs) => {
          const y = f(...xs)
          return [y, np.sum(y, { axis: 0 })]
        },
        ...shapes,
      )
    expect(outputs(once, [64, 257])).toEqual(['64|257', '257|64'])
    expect(outputs(twice, [64, 257])).toEqual(['64|257', '257|64'])
    expect(outputs(apart, [64, 257], [64, 257])).toEqual(['64|257', '257|64'])
  })
  it('batch norm and its pullback are one pass', () => {
    expect(stepsOf((x, g, b) => [batchNorm(x, g, b)], [16, 8, 7, 7], [8], [8])).toEqual(['8|16x7x7'])
    expect(stepsOf(both(batchNorm), [16, 8, 7, 7], [8], [8], [16, 8, 7, 7])).toEqual(['8|16x7x7'])
  })
  it('gelu with a bias and its pullback are one pass, the sum of the bias included', () => {
    expect(
      stepsOf(
        both((x, b) => nn.gelu(np.add(x, b))),
        [64, 257],
        [257],
        [64, 257],
      ),
    ).toEqual(['257|64'])
  })
  it('attention with a causal mask is products and one pass', () => {
    const weights = (q: Tensor, k: Tensor): Tensor => {
      const mask = np.lessEqual(np.reshape(arange(32), [1, 32]), np.reshape(arange(32), [32, 1]))
      return nn.softmax(np.where(mask, np.mul(np.einsum('bqd,bkd->bqk', q, k), 0.25), -1e9))
    }
    expect(stepsOf(both(weights), [4, 32, 16], [4, 32, 16], [4, 32, 32])).toEqual(['dotGeneral', '4x32|32', 'dotGeneral', 'dotGeneral'])
  })
  it('an optimizer updates each parameter in one pass', () => {
    const adam = optim.adam(1e-3)
    const state = adam.init({ w: np.zeros([30, 20]), b: np.zeros([20]) })
    const f: F = (gw, gb, w, b) => {
      const [updates] = adam.update({ w: gw, b: gb }, state, { w: w, b: b })
      const p = optim.applyUpdates({ w: w, b: b }, updates)
      return [p.w, p.b]
    }
    expect(stepsOf(f, [30, 20], [20], [30, 20], [20]).filter((s) => s !== '|')).toHaveLength(2)
  })
  it('a bias, an activation and a residual are one pass over a product', () => {
    expect(stepsOf((x, w, b) => [np.add(nn.relu(np.add(np.matmul(x, w), b)), x)], [32, 64], [64, 64], [64])).toEqual([
      'dotGeneral',
      '32x64|',
    ])
  })
  it('positions of any dtype are computed, not read', () => {
    expect(stepsOf((x) => [np.mul(x, arange(257, { dtype: 'float32' }))], [64, 257])).toEqual(['64x257|'])
  })
  it('products that nothing is summed over are part of the pass that reads them', () => {
    expect(stepsOf((x, y) => [np.matmul(x, y)], [6, 1], [1, 5])).toEqual(['6x5|'])
    expect(stepsOf((x, y) => [nn.softmax(np.einsum('bi,bj->bij', x, y))], [3, 6], [3, 15])).toEqual(['3x6|15'])
    expect(stepsOf((x, y) => [np.matmul(x, y)], [6, 2], [2, 5])).toEqual(['dotGeneral'])
    expect(stepsOf((x, y) => [np.matmul(x, y)], [0, 1], [1, 5])).toEqual(['dotGeneral'])
  })
  it('the gradient of a product by its matrix needs no transpose', () => {
    const f: F = (x, w, ct) => [np.sub(w, np.mul(0.1, vjp((v: Tensor) => np.matmul(x, v), w)[1](ct)[0]))]
    expect(stepsOf(f, [32, 20], [20, 10], [32, 10])).toEqual(['dotGeneral', '20x10|'])
    // Of one example it is a product that nothing is summed over.
    expect(stepsOf(f, [1, 20], [20, 10], [1, 10])).toEqual(['20x10|'])
  })
})
