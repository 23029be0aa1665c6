/** What a query does not see reaches neither its result nor any derivative of it: not even NaN and infinities. */
import { afterAll, describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { configure, grad, jit, np, nn, random, reference, vmap } from '../../src/index.js'
import type { AttentionOptions } from '../../src/nn/attention.js'
import { expectClose } from '../expectClose.js'

const [time, heads] = [5, 4]
/** From this position on there is what must not be seen. */
const from = 3
type Qkv = readonly [Tensor, Tensor, Tensor]

const draw = (k: number, shape: readonly number[]): Tensor => random.normal(random.key(k), shape, { dtype: 'float64' })
const inputs = (kvHeads: number): Qkv => [draw(0, [2, time, heads, 3]), draw(1, [2, time, kvHeads, 3]), draw(2, [2, time, kvHeads, 2])]
const early = (x: Tensor): Tensor => np.index(x, ':', `:${from}`)
const late = (x: Tensor): Tensor => np.index(x, ':', `${from}:`)
const spoil = (x: Tensor, value: number): Tensor =>
  np.concatenate([early(x), np.full(late(x).shape, value, { dtype: x.dtype })], { axis: 1 })

const padding = nn.keyMask(np.array([Array.from({ length: time }, (_, i) => i < from), Array.from({ length: time }, (_, i) => i < from)]))
const triangle = nn.causalMask(time)
const ways: Readonly<Record<string, AttentionOptions>> = {
  causal: { isCausal: true },
  'a causal mask': { mask: triangle },
  'a mask of keys': { mask: padding },
  'a mask of keys, causal': { mask: padding, isCausal: true },
  'a mask per head': { mask: np.broadcastTo(triangle, [1, heads, time, time]) },
  'a mask without axes of its own': { mask: np.index(triangle, 2) },
}
const backends = { wasm: 'wasm', reference } as const

afterAll(() => {
  configure({ backend: 'wasm' })
})

/** The results of early queries, weighted unevenly: a scalar. */
const ofEarly =
  (options: AttentionOptions) =>
  (q: Tensor, k: Tensor, v: Tensor): Tensor => {
    const y = early(nn.dotProductAttention(q, k, v, options))
    return np.sum(np.mul(y, np.sin(np.reshape(np.arange(y.size, { dtype: y.dtype }), y.shape))))
  }

for (const [backend, place] of Object.entries(backends))
  for (const kvHeads of [heads, 2])
    for (const [name, options] of Object.entries(ways))
      describe(`attention with ${name} on ${backend}, ${kvHeads} heads of keys`, () => {
        const clean = inputs(kvHeads)
        for (const value of [NaN, Infinity, -Infinity])
          it(`hides ${value}`, () => {
            configure({ backend: place })
            const spoilt = clean.map((x) => spoil(x, value)) as unknown as Qkv
            const f = (q: Tensor, k: Tensor, v: Tensor): Tensor => nn.dotProductAttention(q, k, v, options)
            const slope = grad(ofEarly(options), { argnums: [0, 1, 2] })
            const zeroed = clean.map((x) => spoil(x, 0)) as unknown as Qkv
            for (const wrap of [<F>(h: F): F => h, jit] as const) {
              expectClose(early((wrap as typeof jit)(f)(...spoilt)), early(f(...zeroed)), { rtol: 1e-14, atol: 1e-15 })
              const [found, right] = [(wrap as typeof jit)(slope)(...spoilt), slope(...zeroed)]
              found.forEach((g, i) => expectClose(g, right[i]!, { rtol: 1e-13, atol: 1e-14 }))
            }
          })
      })

describe('what a query sees that is no number', () => {
  const [q, k, v] = inputs(heads)
  it('reaches it, and the queries of the same head only', () => {
    const head = np.reshape(np.arange(heads), [1, 1, heads, 1])
    const wrong = np.where(np.logicalAnd(np.equal(head, 1), np.equal(np.reshape(np.arange(time), [1, time, 1, 1]), from)), NaN, 0)
    for (const [a, b, c] of [
      [q, np.add(k, wrong), v],
      [q, k, np.add(v, wrong)],
    ] as const) {
      const seen = np.all(np.isfinite(nn.dotProductAttention(a, b, c, { isCausal: true })), { axis: [0, 3] })
      expect(seen.toArray()).toEqual(Array.from({ length: time }, (_, t) => [true, t < from, true, true]))
    }
    const asked = np.all(np.isfinite(nn.dotProductAttention(np.add(q, wrong), k, v, { isCausal: true })), { axis: [0, 3] })
    expect(asked.toArray()).toEqual(Array.from({ length: time }, (_, t) => [true, t !== from, true, true]))
  })
  it('is NaN in the derivatives of a loss that is NaN', () => {
    const loss = (x: Tensor): Tensor => np.sum(np.square(nn.dotProductAttention(q, k, x, { isCausal: true })))
    expect(Number.isNaN(np.sum(grad(loss)(spoil(v, NaN))).item())).toBe(true)
  })
  it('is hidden from every example of a batch by its own mask', () => {
    const masks = np.array([
      [true, true, false, false, false],
      [true, true, true, true, false],
    ])
    const one = (a: Tensor, b: Tensor, c: Tensor, m: Tensor): Tensor => nn.dotProductAttention(a, b, c, { mask: m })
    const y = vmap(one)(q, k, spoil(v, NaN), masks)
    expect(np.all(np.isfinite(y), { axis: [1, 2, 3] }).toArray()).toEqual([true, false])
  })
})
