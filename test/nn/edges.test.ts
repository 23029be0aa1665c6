/** Activations, softmax, attention and recurrent layers at infinities, kinks, masks and where there is nothing. */
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, jit, jvp, nn, np, random } from '../../src/index.js'

const I = Infinity
const f64 = (v: unknown): Tensor => np.array(v as number[], { dtype: 'float64' })
const numbers = (t: Tensor): readonly number[] => [...t.toTypedArray()].map(Number)
const plain = (t: Tensor): readonly number[] => numbers(t).map((v) => v + 0)

/** Value and slope at -Infinity and Infinity, and the slope at 0. */
const limits: Readonly<Record<string, readonly [(x: Tensor) => Tensor, number, number, number, number, number]>> = {
  relu: [nn.relu, 0, I, 0, 1, 0],
  relu6: [nn.relu6, 0, 6, 0, 0, 0],
  sigmoid: [nn.sigmoid, 0, 1, 0, 0, 0.25],
  tanh: [np.tanh, -1, 1, 0, 0, 1],
  softplus: [nn.softplus, 0, I, 0, 1, 0.5],
  logSigmoid: [nn.logSigmoid, -I, 0, 1, 0, 0.5],
  silu: [nn.silu, 0, I, 0, 1, 0.5],
  elu: [nn.elu, -1, I, 0, 1, 1],
  celu: [nn.celu, -1, I, 0, 1, 1],
  leakyRelu: [nn.leakyRelu, -I, I, 0.01, 1, 0.01],
  'leakyRelu without a slope': [(x) => nn.leakyRelu(x, { negativeSlope: 0 }), 0, I, 0, 1, 0],
  softSign: [nn.softSign, -1, 1, 0, 0, 1],
  hardTanh: [nn.hardTanh, -1, 1, 0, 0, 1],
  hardSigmoid: [nn.hardSigmoid, 0, 1, 0, 0, 1 / 6],
  hardSwish: [nn.hardSwish, 0, I, 0, 1, 0.5],
  gelu: [nn.gelu, 0, I, 0, 1, 0.5],
  geluErf: [(x) => nn.gelu(x, { approximate: false }), 0, I, 0, 1, 0.5],
  mish: [nn.mish, 0, I, 0, 1, 0.6],
  squareplus: [nn.squareplus, 0, I, 0, 1, 0.5],
  hardShrink: [nn.hardShrink, -I, I, 1, 1, 0],
  softShrink: [nn.softShrink, -I, I, 1, 1, 0],
  tanhShrink: [nn.tanhShrink, -I, I, 1, 1, 0],
}

describe('activations', () => {
  for (const [name, [f, low, high, slopeLow, slopeHigh, slope]] of Object.entries(limits))
    it(`${name} at infinities, at 0 and at NaN`, () => {
      for (const dtype of ['float64', 'float32'] as const) {
        const x = np.array([-I, I, NaN], { dtype })
        for (const g of [f, jit(f)]) expect(plain(g(x))).toEqual([low, high, NaN])
        const total = (y: Tensor): Tensor => np.sum(f(y))
        const ends = np.array([-I, I, 0, -0], { dtype })
        const near = (v: number) => expect.closeTo(v, 6) as number
        for (const g of [grad(total), jit(grad(total))])
          expect(plain(g(ends))).toEqual([near(slopeLow), slopeHigh, near(slope), near(slope)])
        expect(numbers(jvp(f, [ends], [np.onesLike(ends)])[1])).toEqual(numbers(grad(total)(ends)))
        const second = grad((y: Tensor) => np.sum(grad(total)(y)))(np.array([-I, I], { dtype }))
        expect(plain(second)).toEqual([0, 0])
      }
    })
  it('at a kink take the slope of the flat side', () => {
    const slope = (f: (x: Tensor) => Tensor, x: number) => grad(f)(f64(x)).item()
    expect([
      slope(nn.hardTanh, 1),
      slope(nn.hardTanh, -1),
      slope(nn.hardSigmoid, 3),
      slope(nn.hardSwish, -3),
      slope(nn.hardSwish, 3),
    ]).toEqual([0, 0, 0, 0, 1])
    const layer = nn.prelu(1, { initial: 0.25 })
    const params = layer.init(random.key(0))
    expect(grad((x: Tensor) => layer.apply(params)(x))(np.array(0)).item()).toBe(0.25)
  })
  it('geluErf keeps its digits where erfc is subnormal', () => {
    const f = (x: Tensor): Tensor => nn.gelu(x, { approximate: false })
    const wide = f(f64([-13, -13.5, -14])).toTypedArray()
    const narrow = f(np.array([-13, -13.5, -14])).toTypedArray()
    const unit = (y: number): number => Math.max(2 ** (Math.floor(Math.log2(Math.abs(y))) - 23), 2 ** -149)
    expect([...narrow].map((v, k) => Math.abs(Number(v) - Number(wide[k])) <= 2 * unit(Number(wide[k])))).toEqual([true, true, true])
  })
})

describe('softmax', () => {
  it('of nothing', () => {
    for (const f of [nn.softmax, nn.logSoftmax]) {
      expect(f(np.zeros([2, 0])).shape).toEqual([2, 0])
      expect(grad((x: Tensor) => np.sum(f(x)))(np.zeros([2, 0])).shape).toEqual([2, 0])
      expect(f(np.zeros([0, 2]), { axis: 0 }).shape).toEqual([0, 2])
    }
  })
  it('of -Infinity beside numbers', () => {
    const x = f64([0, -I, 0])
    expect(numbers(nn.softmax(x))).toEqual([0.5, 0, 0.5])
    expect(plain(grad((y: Tensor) => np.index(nn.softmax(y), 0))(x))).toEqual([0.25, 0, -0.25])
    expect(plain(grad((y: Tensor) => np.index(nn.logSoftmax(y), 0))(x))).toEqual([0.5, 0, -0.5])
  })
})

describe('attention', () => {
  const q = np.ones([1, 2, 1, 2], { dtype: 'float64' })
  const memory = f64([[[[1, 2]], [[3, 4]], [[NaN, I]]]]) // prettier-ignore
  const short = f64([[[[1, 2]], [[3, 4]]]]) // prettier-ignore
  const masks = { keys: np.array([true, true, false]), 'queries and keys': np.array([[true, true, false], [true, true, false]]), 'all axes': np.array([[[[true, true, false]]]]) } // prettier-ignore
  for (const [name, mask] of Object.entries(masks))
    it(`what a mask of ${name} hides from all adds nothing, to derivatives either`, () => {
      const f = (a: Tensor, k: Tensor, v: Tensor): Tensor => nn.dotProductAttention(a, k, v, { mask })
      const total = (a: Tensor, k: Tensor, v: Tensor): Tensor => np.sum(f(a, k, v))
      const close = (t: Tensor) => numbers(t).map((v) => expect.closeTo(v, 13) as number)
      const wanted = nn.dotProductAttention(q, short, short)
      for (const g of [f, jit(f)]) expect(numbers(g(q, memory, memory))).toEqual(close(wanted))
      const plainTotal = (a: Tensor, k: Tensor, v: Tensor): Tensor => np.sum(nn.dotProductAttention(a, k, v))
      for (const at of [0, 1, 2]) {
        const expected = grad(plainTotal, { argnums: at })(q, short, short)
        const got = grad(total, { argnums: at })(q, memory, memory)
        expect(numbers(got)).toEqual([...close(expected), ...(at === 0 ? [] : [0, 0])].map((v) => (v === 0 ? expect.closeTo(0, 13) : v)))
      }
      const tangents = [np.zerosLike(q), np.onesLike(memory), np.onesLike(memory)] as [Tensor, Tensor, Tensor]
      expect(numbers(jvp(f, [q, memory, memory], tangents)[1]).every(Number.isFinite)).toBe(true)
    })
  it('per head, and with heads that share keys', () => {
    const three = np.ones([1, 1, 2, 2], { dtype: 'float64' })
    const keys = f64([[[[1, 2], [NaN, NaN]], [[NaN, NaN], [3, 4]]]]) // prettier-ignore
    const mask = np.array([[[[true, false]], [[false, true]]]]) // [1, heads, 1, keys]
    expect(numbers(nn.dotProductAttention(three, keys, keys, { mask }))).toEqual([1, 2, 3, 4])
  })
  it('without keys, and without queries', () => {
    const none = np.zeros([1, 0, 1, 2], { dtype: 'float64' })
    expect(numbers(nn.dotProductAttention(q, none, none))).toEqual([0, 0, 0, 0])
    expect(numbers(grad((a: Tensor) => np.sum(nn.dotProductAttention(a, none, none)))(q))).toEqual([0, 0, 0, 0])
    expect(nn.dotProductAttention(none, short, short).shape).toEqual([1, 0, 1, 2])
  })
})

describe('sequences of no steps', () => {
  for (const [name, make] of Object.entries({ lstm: nn.lstm, gru: nn.gru, rnn: nn.rnn } as unknown as Readonly<
    Record<string, typeof nn.rnn>
  >))
    it(`${name} gives no outputs and its state back`, () => {
      for (const options of [{}, { reverse: true }, { truncate: 2 }]) {
        const model = make(3, 4, options)
        const params = model.init(random.key(0))
        const [y, state] = model.applyWithState(params)(np.zeros([2, 0, 3]))
        expect(y.shape).toEqual([2, 0, 4])
        expect(JSON.stringify(state)).toMatch(/0,0,0,0/)
        const slopes = grad((p: typeof params) => np.sum(model.apply(p)(np.zeros([2, 0, 3]))))(params) as Record<string, Tensor>
        expect(
          Object.values(slopes)
            .flatMap(plain)
            .every((v) => v === 0),
        ).toBe(true)
      }
      const last = make(3, 4, { returnSequences: false })
      expect(() => last.apply(last.init(random.key(0)))(np.zeros([2, 0, 3]))).toThrow(/no steps has no last output/)
    })
})

describe('convTranspose', () => {
  it("'same' begins where the input does when the window is shorter than the stride", () => {
    const [x, w] = [f64([[[1, 2]]]), f64([[[1]]])]
    expect(numbers(nn.convTranspose(x, w, { strides: 2, padding: 'same' }))).toEqual([1, 0, 2, 0])
    expect(numbers(nn.convTranspose(x, f64([[[1, 1]]]), { strides: 3, padding: 'same' }))).toEqual([1, 1, 0, 2, 2, 0])
    // the pull of the convolution that it transposes
    const pulled = grad((y: Tensor) => np.sum(np.mul(nn.conv(y, f64([[[1, 1]]]), { strides: 3, padding: 'same' }), x)))(
      np.zeros([1, 1, 6], { dtype: 'float64' }),
    )
    expect(numbers(pulled)).toEqual([1, 1, 0, 2, 2, 0])
  })
})
