import { describe, expect, it } from 'vitest'
import type { Tensor } from 'adjoint'
import { np, nn, random, vjp } from 'adjoint'
import { checkGrads } from 'adjoint/laws'
import { thrown } from '../errors/thrown.js'

const key = random.key(0)
const draw = (k: number, shape: readonly number[]): Tensor => random.normal(random.key(k), shape, { dtype: 'float64' })
const close = (a: Tensor, b: Tensor) => np.allclose(a, b, { rtol: 1e-10, atol: 1e-10 })

describe('convTranspose', () => {
  it.each([
    [{ strides: 2, padding: 1 }, 1],
    [{ strides: 3, dilation: 2, padding: [[1, 0], 2] }, 1],
    [{ groups: 2, strides: 2 }, 2],
  ] as [nn.ConvTransposeGeometry, number][])('is the pull of conv: %j', (geometry, groups) => {
    const w = draw(1, [4, 2, 3, 2])
    const image = draw(0, [2, 2 * groups, 10, 9])
    const [y, pull] = vjp((t: Tensor) => nn.conv(t, w, geometry), image)
    const ct = draw(2, y.shape)
    const plain = nn.convTranspose(ct, w, geometry)
    const outputPadding = [10 - plain.shape[2]!, 9 - plain.shape[3]!]
    expect(close(nn.convTranspose(ct, w, { ...geometry, outputPadding }), pull(ct)[0])).toBe(true)
  })
  it("multiplies sizes by the stride with 'same'", () => {
    const shape = (window: number, strides: number) =>
      nn.convTranspose(np.ones([1, 1, 5]), np.ones([1, 1, window]), { strides, padding: 'same' }).shape[2]
    expect([shape(3, 2), shape(4, 2), shape(3, 1), shape(2, 3)]).toEqual([10, 10, 5, 15])
  })
  it('comes as layers', () => {
    const layer = nn.convTranspose2d(6, 4, 3, { strides: 2, groups: 2, padding: 'same' })
    const params = { ...layer.init(key), b: np.array([1, 2, 3, 4]) }
    expect(params.w.shape).toEqual([6, 2, 3, 3])
    const y = layer.apply(params)(np.zeros([1, 6, 2, 2]))
    expect([y.shape, Array.from(np.index(y, 0, ':', 0, 0).toTypedArray())]).toEqual([
      [1, 4, 4, 4],
      [1, 2, 3, 4],
    ])
    expect(nn.convTranspose1d(3, 5, { bias: false }).init(key, [1, 7, 4]).w.shape).toEqual([7, 3, 5])
    expect(nn.convTranspose3d(2, 3, 2).init(key).w.shape).toEqual([2, 3, 2, 2, 2])
  })
  it('has derivatives to second order', () => {
    checkGrads((x: Tensor, w: Tensor) => nn.convTranspose(x, w, { strides: 2 }), [draw(3, [1, 2, 3]), draw(4, [2, 2, 2])], { order: 2 })
  })
  it('says what does not fit', () => {
    expect(thrown(() => nn.convTranspose(np.ones([1, 3, 4]), np.ones([2, 2, 2])))).toMatch(
      /channels differ: 3 \(x axis 1\) and 2 \(w axis 0\)/,
    )
    expect(thrown(() => nn.convTranspose(np.ones([1, 3]), np.ones([2, 2, 2])))).toMatch(/x has 2 axes and w has 3/)
  })
})

describe('depthwise', () => {
  it('convolves every channel by itself', () => {
    const layer = nn.depthwiseConv2d(3, 2, { multiplier: 2 })
    const params = layer.init(key)
    const x = random.normal(random.key(5), [2, 3, 4, 4])
    const y = layer.apply(params)(x)
    const second = nn.conv(np.index(x, ':', '1:2'), np.index(params.w, '2:4'))
    expect([params.w.shape, y.shape]).toEqual([
      [6, 1, 2, 2],
      [2, 6, 3, 3],
    ])
    expect(np.allclose(np.index(y, ':', '2:4'), second, { rtol: 1e-5, atol: 1e-6 })).toBe(true)
    expect(nn.depthwiseConv1d(3).init(key, [1, 5, 9]).w.shape).toEqual([5, 1, 3])
    expect(nn.depthwiseConv3d(2, 3).init(key).w.shape).toEqual([2, 1, 3, 3, 3])
    expect(thrown(() => nn.depthwiseConv2d(3).init(key))).toMatch(/number of input channels is unknown/)
  })
})

describe('im2col and col2im', () => {
  const geometry = { strides: 2, padding: 1 }
  const [x, w] = [draw(6, [2, 3, 5, 4]), draw(7, [4, 3, 3, 2])]
  it('make a convolution a matrix product', () => {
    const columns = nn.im2col(x, [3, 2], geometry)
    const y = nn.conv(x, w, geometry)
    const product = np.matmul(columns, np.transpose(np.reshape(w, [4, -1])))
    expect(close(np.transpose(np.reshape(product, [2, y.shape[2]!, y.shape[3]!, 4]), [0, 3, 1, 2]), y)).toBe(true)
  })
  it('are adjoint', () => {
    const columns = nn.im2col(x, [3, 2], geometry)
    const c = draw(8, columns.shape)
    const back = nn.col2im(c, x.shape, [3, 2], geometry)
    expect(Number(np.sum(np.mul(c, columns)))).toBeCloseTo(Number(np.sum(np.mul(back, x))), 10)
    checkGrads((t: Tensor) => nn.col2im(np.square(t), x.shape, [3, 2], geometry), [c], { order: 2 })
  })
  it('say what does not fit', () => {
    expect(thrown(() => nn.im2col(np.ones([3]), 2))).toMatch(/is not \[N, C, spatial...\]/)
    expect(thrown(() => nn.col2im(np.ones([3, 4]), [1, 1, 3, 3], 2))).toMatch(/have the shape \[4,4\], not \[3,4\]/)
  })
})
