import { describe, expect, it } from 'vitest'
import type { Tensor } from 'adjoint'
import { grad, np, nn, random, tree } from 'adjoint'
import { thrown } from '../errors/thrown.js'

const key = random.key(0)
const x = random.normal(random.key(1), [2, 4])

describe('residual', () => {
  it('adds what came in', () => {
    const block = nn.residual(nn.dense(4, 4))
    const params = block.init(key)
    expect(tree.paths(params)).toEqual(['body/b', 'body/w'])
    expect(block.apply(params)(x).toArray()).toEqual(np.add(nn.linear(params.body, x), x).toArray())
  })
  it('or what the shortcut makes of it', () => {
    const block = nn.residual(nn.dense(4, 3), nn.dense(4, 3, { bias: false }))
    const params = block.init(key)
    expect(tree.paths(params)).toEqual(['body/b', 'body/w', 'shortcut/w'])
    expect(block.apply(params)(x).toArray()).toEqual(np.add(nn.linear(params.body, x), np.matmul(x, params.shortcut.w)).toArray())
  })
  it('carries state and input shapes', () => {
    const block = nn.residual(nn.sequential(nn.dense(4), nn.batchNorm()), nn.batchNorm())
    const params = block.init(key, x.shape)
    const state = block.initState(x.shape)
    const [y, next] = block.applyWithState(params, { state, train: true })(x)
    expect([y.shape, tree.paths(next)]).toEqual([
      [2, 4],
      ['body/1/mean', 'body/1/var', 'shortcut/mean', 'shortcut/var'],
    ])
  })
  it('says where what does not fit', () => {
    const block = nn.sequential(nn.residual(nn.dense(4, 3)))
    expect(thrown(() => block.apply(block.init(key))(x))).toMatch(/^ShapeError: add[\s\S]*in: sequential \/ residual\[0\] \/ add/)
  })
})

describe('parallel', () => {
  it('joins the outputs along axis 1, or as one says', () => {
    const both = nn.parallel([nn.dense(4, 2), np.tanh])
    const params = both.init(key)
    expect(both.apply(params)(x).toArray()).toEqual(np.concatenate([nn.linear(params[0], x), np.tanh(x)], { axis: 1 }).toArray())
    const product = nn.parallel([np.sin, np.cos], { combine: ([a, b]) => np.mul(a!, b!) })
    expect(product.apply([null, null])(x).toArray()).toEqual(np.mul(np.sin(x), np.cos(x)).toArray())
  })
  it('draws other parameters for every layer', () => {
    const [a, b] = nn.parallel([nn.dense(4, 4), nn.dense(4)]).init(key, [1, 4])
    expect(a.w.toArray()).not.toEqual(b.w.toArray())
  })
  it('wants a list of parameters', () =>
    expect(thrown(() => nn.parallel([nn.dense(4, 2)]).apply([] as never)(x))).toMatch(
      /^TreeError: parallel: the parameters are 0 entries for 1/,
    ))
})

describe('identity and flatten', () => {
  it('change nothing, and all but the first axis', () => {
    expect(nn.identity(x)).toBe(x)
    expect([nn.flatten(np.ones([2, 3, 4])).shape, nn.flatten(np.ones([2])).shape, nn.flatten(np.ones([0, 3])).shape]).toEqual([
      [2, 12],
      [2, 1],
      [0, 3],
    ])
    expect(thrown(() => nn.flatten(np.ones([])))).toMatch(/^ShapeError: flatten: a scalar/)
  })
})

describe('tap', () => {
  const model = nn.sequential(nn.dense(4, 3), nn.residual(nn.sequential(nn.dense(3, 3), nn.relu)), nn.dense(3, 1))
  const params = model.init(key)
  it('sees every part, its path that of its parameters', () => {
    const seen: string[] = []
    const tap = (y: Tensor, { path, name }: nn.InitPlace): Tensor => {
      seen.push(`${path} ${name} ${y.shape.join('x')}`)
      return y
    }
    model.apply(params, { tap })(x)
    expect(seen).toEqual([
      '0 dense 2x3',
      '1/body/0 dense 2x3',
      '1/body/1 relu 2x3',
      '1/body sequential 2x3',
      '1/shortcut identity 2x3',
      '1 residual 2x3',
      '2 dense 2x1',
    ])
  })
  it('differentiates by what is inside: add a zero there', () => {
    const at = (path: string, added: Tensor) => (y: Tensor, place: nn.InitPlace) => (place.path === path ? np.add(y, added) : y)
    const slope = grad((e: Tensor) => np.sum(model.apply(params, { tap: at('1', e) })(x)))(np.zeros([2, 3]))
    expect(slope.toArray()).toEqual(np.broadcastTo(np.reshape(params[2].w, [1, 3]), [2, 3]).toArray())
  })
})
