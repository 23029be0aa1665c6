import { describe, expect, it } from 'vitest'
import type { Tensor } from 'adjoint'
import { grad, jit, np, nn, random, vmap } from 'adjoint'
import { checkGrads } from 'adjoint/laws'
import { thrown } from '../errors/thrown.js'
import { expectClose } from '../expectClose.js'

const key = random.key(0)
const f64 = { dtype: 'float64' } as const
const draw = (k: number, shape: readonly number[]): Tensor => random.normal(random.key(k), shape, f64)

/** The convolution written out: one product per element of the window. */
const byHand = (x: Tensor, w: Tensor, stride: number, pad: number, dilation: number): number[] => {
  const [n, c, h] = x.shape as [number, number, number]
  const [o, , k] = w.shape as [number, number, number]
  const out = Math.floor((h + 2 * pad - (k - 1) * dilation - 1) / stride) + 1
  const at = (t: Tensor, ...i: readonly number[]): number => Number(np.index(t, ...i).item())
  const result: number[] = []
  for (let i = 0; i < n; i++)
    for (let j = 0; j < o; j++)
      for (let p = 0; p < out; p++) {
        let sum = 0
        for (let a = 0; a < c; a++)
          for (let q = 0; q < k; q++) {
            const place = p * stride + q * dilation - pad
            if (place >= 0 && place < h) sum += at(x, i, a, place) * at(w, j, a, q)
          }
        result.push(sum)
      }
  return result
}

describe('conv', () => {
  it.each([
    [1, 0, 1],
    [2, 1, 1],
    [1, 2, 2],
    [3, 1, 2],
  ])('is the sum of products, for stride %i, padding %i, dilation %i', (strides, padding, dilation) => {
    const [x, w] = [draw(0, [2, 3, 9]), draw(1, [4, 3, 3])]
    expectClose(nn.conv(x, w, { strides, padding, dilation }), byHand(x, w, strides, padding, dilation), { atol: 5e-13 })
  })
  it('pads by name, by number, per axis and per side', () => {
    const shape = (padding: nn.Padding, strides: nn.PerAxis = 1) =>
      nn.conv(np.ones([1, 1, 7, 6]), np.ones([1, 1, 3, 2]), { padding, strides }).shape.slice(2)
    expect(shape('valid')).toEqual([5, 5])
    expect(shape('same')).toEqual([7, 6])
    expect(shape('same', 2)).toEqual([4, 3])
    expect(shape(1)).toEqual([7, 7])
    expect(shape([1, 0])).toEqual([7, 5])
    expect(shape([[1, 0], 2])).toEqual([6, 9])
  })
  it('takes groups', () => {
    const [x, w] = [draw(2, [1, 4, 5]), draw(3, [6, 2, 3])]
    const [a, b] = [nn.conv(np.index(x, ':', ':2'), np.index(w, ':3')), nn.conv(np.index(x, ':', '2:'), np.index(w, '3:'))]
    expect(nn.conv(x, w, { groups: 2 }).toArray()).toEqual(np.concatenate([a, b], { axis: 1 }).toArray())
  })
  it('has derivatives to second order', () => {
    checkGrads((x: Tensor, w: Tensor) => nn.conv(x, w, { strides: 2, padding: 'same' }), [draw(4, [1, 2, 5, 4]), draw(5, [2, 2, 3, 2])], {
      order: 2,
    })
  })
})

describe('conv layers', () => {
  it('draw windows [out, in / groups, ...] and biases [out]', () => {
    const { w, b } = nn.conv2d(6, 4, [3, 5], { groups: 2 }).init(key)
    expect([w.shape, b.shape]).toEqual([[4, 3, 3, 5], [4]])
    expect(nn.conv1d(3, 8, 5).init(key).w.shape).toEqual([8, 3, 5])
    expect(nn.conv3d(3, 8, 2).init(key).w.shape).toEqual([8, 3, 2, 2, 2])
    expect(Object.keys(nn.conv2d(3, 4, 3, { bias: false }).init(key))).toEqual(['w'])
    expect(nn.conv2d(3, 4, 3, { dtype: 'float64' }).init(key).w.dtype).toBe('float64')
  })
  it('draw weights whose products keep the variance', () => {
    const { w } = nn.conv2d(16, 64, 5).init(key)
    expect(Number(np.var(w)) * 16 * 25).toBeCloseTo(1, 1)
  })
  it('take channels from the input shape', () => {
    expect(nn.conv2d(4, 3).init(key, [1, 7, 5, 5]).w.shape).toEqual([4, 7, 3, 3])
    expect(Object.keys(nn.conv2d(4, 3, { bias: false }).init(key, [1, 7, 5, 5]))).toEqual(['w'])
  })
  it('are conv plus bias', () => {
    const x = random.normal(key, [2, 3, 6, 6])
    const layer = nn.conv2d(3, 4, 3, { strides: 2, padding: 1 })
    const params = { ...layer.init(key), b: np.array([1, 2, 3, 4]) }
    const y = np.add(nn.conv(x, params.w, { strides: 2, padding: 1 }), np.reshape(params.b, [1, 4, 1, 1]))
    expect(layer.apply(params)(x).toArray()).toEqual(y.toArray())
  })
  it('work under jit and for an ensemble under vmap', () => {
    const layer = nn.conv2d(2, 3, 3, { padding: 'same', dtype: 'float64' })
    const x = draw(6, [2, 2, 4, 4])
    const models = vmap((k: Tensor) => layer.init(k))(random.split(key, [3]))
    const f = (p: nn.Affine) => np.sum(np.square(layer.apply(p)(x)))
    const eager = grad(f)(layer.init(random.split(key, 3)[1]))
    const batched = jit(vmap(grad(f)))(models)
    expect(np.allclose(np.index(batched.w, 1), eager.w, { rtol: 1e-12 })).toBe(true)
  })
  it('say what does not fit, and where', () => {
    const model = nn.sequential(nn.conv2d(3, 4, 3), nn.relu, nn.conv2d(8, 4, 3))
    expect(thrown(() => model.apply(model.init(key))(np.ones([1, 3, 8, 8])))).toMatch(
      /^ShapeError: conv: channels differ: 4 \(x axis 1\) and 8[\s\S]*in: sequential \/ conv2d\[2\] \/ conv/,
    )
    const large = nn.conv2d(1, 1, 7)
    expect(thrown(() => large.apply(large.init(key))(np.ones([1, 1, 4, 4])))).toMatch(/output height is \(4 \+ 2\*0 - 7\)\/1 \+ 1 = -2/)
    expect(thrown(() => nn.conv2d(4, 3).init(key))).toMatch(
      /number of input channels is unknown[\s\S]*try: conv2d\(in, out, window\), or init/,
    )
    expect(thrown(() => nn.conv2d(3, 0, 3))).toMatch(/^ValueError: conv2d: outputs must be a whole number from 1, got 0/)
    expect(thrown(() => nn.conv2d(3, 4, [3, 3, 3]))).toMatch(/window has 3 numbers for 2 spatial axes/)
    expect(thrown(() => nn.conv2d(3, 4, 3, { groups: 2 }).init(key))).toMatch(/3 channels in and 4 out do not divide into 2 groups/)
    expect(thrown(() => nn.conv2d(1, 1, 3, { padding: 'SAME' as never }))).toMatch(
      /padding must be 'same', 'valid', .*, got the string 'SAME'/,
    )
    expect(thrown(() => nn.conv(np.ones([1, 1, 4, 4]), np.ones([1, 1, 3, 3]), { strides: 0 }))).toMatch(
      /strides must be a whole number from 1, or a list, each entry a whole number from 1, got 0/,
    )
    expect(thrown(() => nn.conv(np.ones([1, 1, 4, 4]), np.ones([1, 1, 3, 3]), { padding: [1] }))).toMatch(/padding has 1 entries for 2/)
  })
})
