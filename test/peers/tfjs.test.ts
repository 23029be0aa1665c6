/** What TensorFlow.js 4.22 gets wrong, one test per defect: each must come out right here. */
import { describe, expect, it } from 'vitest'
import { grad, hessian, jit, jvp, lax, losses, nn, np, optim, random } from 'adjoint'
import type { Tensor } from 'adjoint'
import { expectClose } from '../expectClose.js'

const f64 = (x: number | readonly number[]): Tensor => np.array(x, { dtype: 'float64' })
const number = (t: Tensor): number => Number(t.item())
type Scalar = (x: Tensor) => Tensor

/** Five-point difference of the first derivative: the second derivative without its own rule. */
const difference = (f: Scalar, x: number, h = 1e-3): number => {
  const d = (v: number): number => number(grad(f)(f64(v)))
  return (d(x - 2 * h) - 8 * d(x - h) + 8 * d(x + h) - d(x + 2 * h)) / (12 * h)
}
const second = (f: Scalar, x: number): number => number(grad(grad(f))(f64(x)))

describe('1: second derivatives through saved outputs', () => {
  const sigmoid = 1 / (1 + Math.exp(-0.7))
  const slope = sigmoid * (1 - sigmoid)
  const t = Math.tanh(0.7)
  const table: readonly (readonly [string, Scalar, number])[] = [
    ['x exp(x)', (x) => np.mul(x, np.exp(x)), 2.7 * Math.exp(0.7)],
    ['exp(x)^2', (x) => np.square(np.exp(x)), 4 * Math.exp(1.4)],
    ['exp(sin x)', (x) => np.exp(np.sin(x)), Math.exp(Math.sin(0.7)) * (Math.cos(0.7) ** 2 - Math.sin(0.7))],
    ['x tanh(x)', (x) => np.mul(x, np.tanh(x)), 2 * (1 - t * t) - 2 * 0.7 * t * (1 - t * t)],
    ['tanh(x)^2', (x) => np.square(np.tanh(x)), 2 * (1 - t * t) * (1 - 3 * t * t)],
    ['swish', nn.silu, 2 * slope + 0.7 * slope * (1 - 2 * sigmoid)],
    ['sigmoid', nn.sigmoid, slope * (1 - 2 * sigmoid)],
    ['exp', np.exp, Math.exp(0.7)],
    ['tanh', np.tanh, -2 * t * (1 - t * t)],
  ]
  for (const [name, f, right] of table)
    it(name, () => {
      expect(second(f, 0.7)).toBeCloseTo(right, 12)
      expect(number(jvp(grad(f), [f64(0.7)], [f64(1)])[1])).toBeCloseTo(right, 12)
      expect(number(jit(grad(grad(f)))(f64(0.7)))).toBeCloseTo(right, 12)
    })
  it('the numbers that the peer prints are not ours', () => {
    expect(second((x) => np.square(np.tanh(x)), 0.7)).toBeCloseTo(-0.122, 3)
    expect(second((x) => np.mul(x, np.exp(x)), 0.7)).toBeCloseTo(5.4371, 4)
  })
  it('softmax, logSoftmax and cross entropies', () => {
    const rest = f64([0.3, -1, 2])
    const vary =
      (f: Scalar): Scalar =>
      (x) =>
        f(np.concatenate([np.reshape(x, [1]), rest]))
    const cases: Scalar[] = [
      vary((v) => np.sum(np.square(nn.softmax(v)))),
      vary((v) => np.sum(np.square(nn.logSoftmax(v)))),
      vary((v) => losses.softmaxCrossEntropy(v, np.array(2, { dtype: 'int32' }))),
      vary((v) => np.sum(losses.sigmoidCrossEntropy(v, f64([1, 0, 0, 1])))),
    ]
    for (const f of cases) expect(second(f, 0.7)).toBeCloseTo(difference(f, 0.7), 9)
  })
})

describe('2: second derivatives that throw', () => {
  const table: Readonly<Record<string, Scalar>> = {
    leakyRelu: (x) => np.square(nn.leakyRelu(x)),
    relu6: (x) => np.pow(nn.relu6(x), 3),
    selu: (x) => np.square(nn.selu(np.neg(x))),
    elu: (x) => np.square(nn.elu(np.neg(x))),
    clip: (x) => np.pow(np.clip(x, 0, 1), 3),
    maximum: (x) => np.pow(np.maximum(x, 0.5), 3),
    minimum: (x) => np.pow(np.minimum(x, 0.5), 3),
    max: (x) => np.max(np.stack([np.pow(x, 3), x, np.sin(x)])),
    min: (x) => np.min(np.stack([np.pow(x, 3), x, np.sin(x)])),
    'pow(x, x)': (x) => np.pow(x, x),
    prod: (x) => np.prod(np.stack([x, np.sin(x), f64(3)])),
    cumprod: (x) => np.sum(np.cumprod(np.stack([x, np.sin(x), f64(3), x]))),
    maxPool: (x) => np.sum(lax.reduceWindow(np.pow(np.mul(x, f64([1, 3, 2, 5])), 3), 'max', { window: [2], strides: 2 })),
    avgPool: (x) => np.sum(lax.reduceWindow(np.pow(np.mul(x, f64([1, 3, 2, 5])), 3), 'sum', { window: [2], strides: 2 })),
    'conv3d, depthwise': (x) => {
      const image = np.mul(x, np.reshape(np.sin(np.arange(54, { dtype: 'float64' })), [1, 2, 3, 3, 3]))
      const kernel = np.mul(x, np.reshape(np.cos(np.arange(16, { dtype: 'float64' })), [2, 1, 2, 2, 2]))
      return np.sum(np.square(lax.convGeneralDilated(image, kernel, { groups: 2 })))
    },
    gather: (x) => np.sum(np.pow(np.take(np.stack([x, np.square(x)]), [1, 0, 1]), 2)),
    sort: (x) => np.sum(np.mul(np.sort(np.stack([x, np.pow(x, 3), np.sin(x)])), f64([1, 2, 3]))),
    huber: (x) => np.where(np.less(np.abs(x), 1), np.mul(0.5, np.square(x)), np.sub(np.abs(x), 0.5)),
  }
  for (const [name, f] of Object.entries(table)) it(name, () => expect(second(f, 0.7)).toBeCloseTo(difference(f, 0.7), 8))
  it('of a linear function: zero', () => {
    expect(second((x) => np.mul(x, 3), 1)).toBe(0)
    expect(number(grad(grad(grad((x: Tensor) => np.square(x))))(f64(2)))).toBe(0)
    expect(hessian((x: Tensor) => np.sum(x))(f64([1, 2])).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect(number(grad((_: Tensor) => f64(1))(f64(1)))).toBe(0)
  })
})

describe('3: mirror padding', () => {
  it('sends every reflected cotangent back', () => {
    const g = grad((x: Tensor) => np.sum(np.pad(x, 1, { mode: 'reflect' })))(np.ones([3, 3]))
    expect(number(np.sum(g))).toBe(25)
    expect(g.toArray()).toEqual([
      [1, 3, 1],
      [3, 9, 3],
      [1, 3, 1],
    ])
    expect(grad((x: Tensor) => np.sum(np.pad(x, 1, { mode: 'symmetric' })))(np.ones([3])).toArray()).toEqual([2, 1, 2])
    expect(grad((x: Tensor) => np.sum(np.pad(x, 2, { mode: 'edge' })))(np.ones([3])).toArray()).toEqual([3, 1, 3])
  })
})

describe('4: sums of many float32', () => {
  it('3 * 10^7 ones, 10^7 times 0.1', () => {
    expect(number(np.sum(np.ones([3e7])))).toBe(3e7)
    expect(Math.abs(number(np.sum(np.full([1e7], 0.1))) - 1e6)).toBeLessThan(1)
  })
})

describe('5: batched and transposed products', () => {
  it('with a long inner dimension and a bias', () => {
    const [x, w] = [np.full([2, 3, 100], 0.01), np.full([2, 100, 4], 0.3)]
    const y = np.add(np.matmul(x, w), 10)
    expect(y.shape).toEqual([2, 3, 4])
    expectClose(y, np.full([2, 3, 4], 10.3), { atol: 5e-5 })
    const z = nn.relu(np.add(np.matmul(np.full([3, 100], 0.01), np.transpose(np.full([4, 100], 0.3))), 10))
    expectClose(z, np.full([3, 4], 10.3), { atol: 5e-5 })
  })
})

describe('6: convolution in three dimensions', () => {
  it('the gradient of the input', () => {
    const draw = (k: number, shape: number[]): Tensor => random.normal(random.key(k), shape, { dtype: 'float64' })
    const [x, w] = [draw(0, [1, 2, 3, 4, 3]), draw(1, [3, 2, 2, 2, 2])]
    const f = (v: Tensor): Tensor => np.sum(np.square(lax.convGeneralDilated(v, w, { strides: 2, padding: 1 })))
    const g = grad(f)(x)
    const v = draw(2, [1, 2, 3, 4, 3])
    const h = 1e-4
    const along = (s: number): number => number(f(np.add(x, np.mul(v, s))))
    const slope = (along(-2 * h) - 8 * along(-h) + 8 * along(h) - along(2 * h)) / (12 * h)
    expect(number(np.sum(np.mul(g, v)))).toBeCloseTo(slope, 7)
  })
})

describe('7: empty and high-dimensional tensors', () => {
  it('reductions of nothing', () => {
    expect(np.sum(np.zeros([0, 3]), { axis: 0 }).toArray()).toEqual([0, 0, 0])
    expect(np.prod(np.zeros([0, 3]), { axis: 0 }).toArray()).toEqual([1, 1, 1])
    expect(np.mean(np.zeros([0, 2]), { axis: 0 }).toArray()).toEqual([NaN, NaN])
    expect(np.sum(np.zeros([3, 0]), { axis: 0 }).shape).toEqual([0])
    expect([np.any(np.zeros([0])).item(), np.all(np.zeros([0])).item()]).toEqual([false, true])
  })
  it('[2,0] x [0,3]', () => {
    expect(np.matmul(np.zeros([2, 0]), np.zeros([0, 3])).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ])
    expect(np.matmul(np.zeros([0, 2]), np.zeros([2, 3])).shape).toEqual([0, 3])
    expect(grad((x: Tensor) => np.sum(np.matmul(x, np.zeros([0, 3]))))(np.zeros([2, 0])).shape).toEqual([2, 0])
  })
  it('broadcasting of seven axes and more', () => {
    const a = np.reshape(np.arange(8), [2, 1, 2, 1, 2, 1, 1])
    const b = np.reshape(np.mul(np.arange(16), 10), [1, 2, 1, 2, 1, 2, 2])
    const y = np.add(a, b)
    expect(y.shape).toEqual([2, 2, 2, 2, 2, 2, 2])
    const [p, q] = [a.toTypedArray(), b.toTypedArray()]
    y.toTypedArray().forEach((v, i) => {
      const bit = (k: number): number => (i >> (6 - k)) & 1
      expect(v).toBe(p[bit(0) * 4 + bit(2) * 2 + bit(4)]! + q[bit(1) * 8 + bit(3) * 4 + bit(5) * 2 + bit(6)]!)
    })
    expect(np.sum(np.ones([2, 1, 2, 1, 2, 1, 2, 1, 2]), { axis: [0, 4, 8] }).shape).toEqual([1, 2, 1, 1, 2, 1])
  })
})

/** JAX's choices: a derivative is that of the formula; where it has none, infinity and NaN show it. */
describe('8: derivatives at singular points', () => {
  const at0 = (f: Scalar): number => number(grad(f)(np.array(0)))
  it('abs, relu and ties: as in JAX', () => {
    expect([at0(np.abs), at0(nn.relu)]).toEqual([0, 0])
    expect(grad((x: Tensor) => np.max(x))(np.array([1, 1])).toArray()).toEqual([0.5, 0.5])
  })
  it('sqrt, log and pow(0.5) at 0: Infinity, as in JAX', () =>
    expect([at0(np.sqrt), at0(np.log), at0((x) => np.pow(x, 0.5))]).toEqual([Infinity, Infinity, Infinity]))
  it('a norm written out, at 0: NaN, as in JAX', () =>
    expect(grad((x: Tensor) => np.sqrt(np.sum(np.square(x))))(np.zeros([2])).toArray()).toEqual([NaN, NaN]))
  it('hypot at 0: 0, the middle of all directional derivatives', () => expect(at0((x) => np.hypot(x, x))).toBe(0))
  it('clipping gradients that are all 0 is safe', () => {
    const params = { w: np.zeros([2]) }
    const clip = optim.clipByGlobalNorm(1)
    expect(clip.update(params, clip.init(params), params)[0].w.toArray()).toEqual([0, 0])
  })
  it('where(mask, x, log x) at 0: NaN, as in JAX; a safe argument makes it finite', () => {
    const naive = (x: Tensor): Tensor => np.where(np.lessEqual(x, 0), x, np.log(x))
    const safe = (x: Tensor): Tensor => np.where(np.lessEqual(x, 0), x, np.log(np.where(np.lessEqual(x, 0), 1, x)))
    expect(at0(naive)).toBeNaN()
    expect(at0(safe)).toBe(1)
  })
  it('log(sigmoid(-100)): logSigmoid is exact', () =>
    expect([number(nn.logSigmoid(np.array(-100))), number(grad(nn.logSigmoid)(np.array(-100)))]).toEqual([-100, 1]))
  it('argmax sees NaN', () => expect([number(np.argmax(np.array([1, NaN, 2]))), number(np.max(np.array([1, NaN, 2])))]).toEqual([1, NaN]))
})

describe('and', () => {
  it('slices may begin and end with negative numbers', () => {
    const x = np.arange(5)
    expect(np.index(x, '-2:').toArray()).toEqual([3, 4])
    expect(np.index(x, { stop: -2 }).toArray()).toEqual([0, 1, 2])
    expect(np.index(x, -1).item()).toBe(4)
  })
  it('the gradient of an integer is refused', () =>
    expect(() => grad((x: Tensor) => np.sum(x))(np.array([1], { dtype: 'int32' }))).toThrow(/int32/))
})
