/** What the closest peer gets wrong, one test per defect: each must come out right here. */
import { describe, expect, it } from 'vitest'
import {
  configure,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  lax,
  nn,
  np,
  optim,
  random,
  TraceError,
  tree,
  TreeError,
  valueAndGrad,
  vmap,
} from 'adjoint'
import type { Tensor } from 'adjoint'
import { cacheSize } from '../../src/device/cache.js'

const f64 = (...xs: number[]): Tensor => np.array(xs, { dtype: 'float64' })
const at = (x: number): Tensor => np.array(x)
const at64 = (x: number): Tensor => np.array(x, { dtype: 'float64' })
const number = (t: Tensor): number => Number(t.item())
const derivative = (f: (x: Tensor) => Tensor, x: number): number => number(grad(f)(at(x)))
const derivative64 = (f: (x: Tensor) => Tensor, x: number): number => number(grad(f)(at64(x)))
const heap = (): number => {
  globalThis.gc!()
  return process.memoryUsage().heapUsed
}

describe('no ownership', () => {
  it('one tensor on both sides: x.add(x)', () => {
    const x = np.array([1, 2])
    expect(np.add(x, x).toArray()).toEqual([2, 4])
    expect(np.mul(np.add(x, x), x).toArray()).toEqual([2, 8])
    expect(x.toArray()).toEqual([1, 2])
  })
  it('reading twice', () => {
    const x = np.square(np.array([1, 2]))
    expect([x.toArray(), x.toArray(), [...x.toTypedArray()], x.shape]).toEqual([[1, 4], [1, 4], [1, 4], [2]])
  })
  it('closures that capture an array, called twice, eagerly and compiled', () => {
    const w = np.array([1, 2])
    const x = np.array([3, 4])
    const f = (v: Tensor): Tensor => np.sum(np.mul(w, v))
    for (const g of [f, jit(f)]) expect([g(x).item(), g(x).item()]).toEqual([11, 11])
    for (const g of [grad(f), jit(grad(f))])
      expect([g(x).toArray(), g(x).toArray()]).toEqual([
        [1, 2],
        [1, 2],
      ])
    const rows = vmap(f)
    for (let i = 0; i < 2; i++) expect(rows(np.stack([x, w])).toArray()).toEqual([11, 5])
    expect(w.toArray()).toEqual([1, 2])
  })
  it('String(x) and template literals print the value', () => {
    expect(
      String(
        np.array([
          [1, 2],
          [3, 4.5],
        ]),
      ),
    ).toBe('[[1.  2. ]\n [3.  4.5]]')
    expect(`${String(np.array(7, { dtype: 'int32' }))} steps`).toBe('7 steps')
  })
  it('arguments of a transform survive it', () => {
    const x = np.array([1, 2])
    grad((v: Tensor) => np.sum(np.mul(v, v)))(x)
    jit(np.sin)(x)
    vmap(np.sin)(x)
    expect(x.toArray()).toEqual([1, 2])
  })
  it('20 000 gradients in one synchronous loop keep nothing', () => {
    configure({ trackBuffers: false }) // counting takes memory itself
    const x = np.array([1, 2, 3])
    const g = grad((v: Tensor) => np.sum(np.mul(np.sin(v), v)))
    for (let i = 0; i < 1000; i++) g(x)
    const before = heap()
    for (let i = 0; i < 20_000; i++) g(x)
    expect(heap() - before).toBeLessThan(1e6) // 50 B per call; the peer keeps 2 600 to 4 100
  })
})

describe('jit: static arguments by identity', () => {
  it('functions', () => {
    const apply = jit((x: Tensor, f: (x: Tensor) => Tensor) => f(x), { static: [1] })
    expect(number(apply(at(1), np.sin))).toBeCloseTo(Math.sin(1), 6)
    expect(number(apply(at(1), np.cos))).toBeCloseTo(Math.cos(1), 6)
    expect(number(apply(at(1), np.sin))).toBeCloseTo(Math.sin(1), 6)
  })
  it('NaN, Infinity, undefined, null, 0 and -0 are all different', () => {
    let traces = 0
    const f = jit(
      (x: Tensor, v: unknown) => {
        traces++
        return np.add(
          x,
          [NaN, Infinity, undefined, null, 0, -0].findIndex((w) => Object.is(w, v)),
        )
      },
      { static: [1] },
    )
    for (let round = 0; round < 2; round++)
      [NaN, Infinity, undefined, null, 0, -0].forEach((v, k) => {
        expect(number(f(at(0), v))).toBe(k)
      })
    expect(traces).toBe(6)
  })
  it('equal objects that are not the same are different, the same one is traced once', () => {
    let traces = 0
    const f = jit(
      (x: Tensor, o: { readonly k: number }) => {
        traces++
        return np.mul(x, o.k)
      },
      { static: [1] },
    )
    const o = { k: 2 }
    expect([number(f(at(3), o)), number(f(at(4), o)), number(f(at(4), { k: 5 }))]).toEqual([6, 8, 20])
    expect(traces).toBe(2)
  })
})

describe('control flow on traced values', () => {
  const branch = (x: Tensor): Tensor => ((np.sum(x) as unknown as number) > 0 ? np.mul(x, 2) : np.neg(x))
  it('throws under jit and vmap instead of taking the false branch', () => {
    expect(() => jit(branch)(np.array([1, 2]))).toThrow(TraceError)
    expect(() =>
      vmap(branch)(
        np.array([
          [1, 2],
          [3, 4],
        ]),
      ),
    ).toThrow(TraceError)
  })
  it('takes the true branch under grad', () => expect(grad((x: Tensor) => np.sum(branch(x)))(np.array([1, 2])).toArray()).toEqual([2, 2]))
})

describe('trees', () => {
  it('tree.map matches records by key', () => {
    const sum = tree.map((a: Tensor, b: Tensor) => np.add(a, b), { x: at(1), y: at(2) }, { y: at(10), x: at(20) })
    expect([sum.x.item(), sum.y.item()]).toEqual([21, 12])
  })
  it('and refuses other structures', () => expect(() => tree.map((a: Tensor) => a, { x: at(1) }, { y: at(1) })).toThrow(TreeError))
  it('gradients keep null leaves and the order of keys', () => {
    const p = { w: at(2), rest: null, a: [at(3)] as const }
    const g = grad((q: typeof p) => np.mul(q.w, q.a[0]))(p)
    expect(Object.keys(g)).toEqual(['w', 'rest', 'a'])
    expect([g.w.item(), g.rest, g.a[0].item()]).toEqual([3, null, 2])
  })
})

describe('powers', () => {
  it('3**2 is 9', () => expect([number(np.pow(at(3), 2)), number(np.pow(2, at(10))), number(np.pow(at(-2), 3))]).toEqual([9, 1024, -8]))
  it('gradients at 0', () => {
    expect([0, 1, 2, 3].map((n) => derivative((x) => np.pow(x, n), 0))).toEqual([0, 1, 0, 0])
    expect(number(grad(grad((x: Tensor) => np.pow(x, 2)))(at(0)))).toBe(2)
    expect(number(grad(grad((x: Tensor) => np.pow(x, 1)))(at(0)))).toBe(0)
  })
  it('gradients at 0 with an exponent that is a tensor', () => {
    expect(derivative((x) => np.pow(x, at(2)), 0)).toBe(0)
    expect(derivative((y) => np.pow(at(0), y), 2)).toBe(0)
    expect(derivative((y) => np.pow(at(2), y), 3)).toBeCloseTo(8 * Math.LN2, 4)
  })
})

describe('products with zeros', () => {
  it('prod', () => {
    const g = grad((x: Tensor) => np.prod(x))
    expect(g(np.array([0, 2, 3])).toArray()).toEqual([6, 0, 0])
    expect(g(np.array([0, 0, 3])).toArray()).toEqual([0, 0, 0])
    expect(g(np.array([1, 2, 3])).toArray()).toEqual([6, 3, 2])
  })
  it('prod, twice', () =>
    expect(hessian((x: Tensor) => np.prod(x))(np.array([0, 0, 3])).toArray()).toEqual([
      [0, 3, 0],
      [3, 0, 0],
      [0, 0, 0],
    ]))
  it('cumprod', () => {
    expect(grad((x: Tensor) => np.sum(np.cumprod(x)))(np.array([0, 2, 3])).toArray()).toEqual([9, 0, 0])
    expect(grad((x: Tensor) => np.sum(np.cumprod(x)))(np.array([2, 0, 3])).toArray()).toEqual([1, 8, 0])
  })
})

describe('activations far from 0', () => {
  it('sigmoid(-90)', () => expect(derivative(nn.sigmoid, -90)).toBeCloseTo(0, 30))
  it('sigmoid(-90) keeps its relative accuracy in float64', () => expect(derivative64(nn.sigmoid, -90) / Math.exp(-90)).toBeCloseTo(1, 12))
  it('silu(-100)', () => expect(Math.abs(derivative(nn.silu, -100))).toBeLessThan(1e-40))
  it('logSigmoid(-100) and its gradient', () =>
    expect([number(nn.logSigmoid(at(-100))), derivative(nn.logSigmoid, -100)]).toEqual([-100, 1]))
  it('softplus(89), softplus(1e4) and their gradients', () =>
    expect([89, 1e4].flatMap((x) => [number(nn.softplus(at(x))), derivative(nn.softplus, x)])).toEqual([89, 1, 1e4, 1]))
  it('second derivatives are finite too', () => {
    for (const f of [nn.sigmoid, nn.silu, nn.logSigmoid, nn.softplus, nn.gelu, np.tanh])
      for (const x of [-1e4, -100, -90, 89, 100, 1e4]) expect(Number.isFinite(number(grad(grad(f))(at(x))))).toBe(true)
  })
  it('softmax and logSoftmax of large numbers', () => {
    expect(nn.softmax(np.array([1000, 0])).toArray()).toEqual([1, 0])
    expect(nn.logSoftmax(np.array([1000, 0])).toArray()).toEqual([0, -1000])
  })
  it('logsumexp of nothing but -inf', () => {
    expect(number(np.logsumexp(np.array([-Infinity, -Infinity])))).toBe(-Infinity)
    expect(number(np.logsumexp(np.array([-Infinity, 3])))).toBe(3)
    expect(grad((x: Tensor) => np.logsumexp(x))(np.array([-Infinity, 3])).toArray()).toEqual([0, 1])
  })
})

describe('accuracy', () => {
  const relative = (got: number, right: number): number => Math.abs(got - right) / Math.abs(right)
  it('exp(88.5) does not overflow', () => expect(relative(number(np.exp(at(88.5))), 2.723088e38)).toBeLessThan(1e-6))
  it('exp(-88) is subnormal, not 0', () => expect(relative(number(np.exp(at(-88))), 6.0546e-39)).toBeLessThan(1e-5))
  it('log near 1', () => {
    const xs = Float32Array.from({ length: 4001 }, (_, i) => 1 + (i - 2000) * 2 ** -20)
    const ys = np.log(np.array(xs)).toTypedArray()
    const worst = Math.max(...xs.map((x, i) => (x === 1 ? Math.abs(ys[i]!) : relative(ys[i]!, Math.log(x)))))
    expect(worst).toBeLessThan(2 ** -23)
  })
  it('sines of large numbers', () => {
    expect(relative(number(np.sin(at(1e5))), Math.sin(1e5))).toBeLessThan(2 ** -22)
    expect(relative(number(np.sin(at(1e6))), Math.sin(1e6))).toBeLessThan(2 ** -22)
    expect(relative(number(np.cos(at(1e6))), Math.cos(1e6))).toBeLessThan(2 ** -22)
  })
  it('float64 is computed in float64', () => {
    const cases: readonly (readonly [(x: Tensor) => Tensor, number, number])[] = [
      [np.exp, 1, 2.718281828459045],
      [np.exp, 0.1, 1.1051709180756477],
      [np.log, 3, 1.0986122886681098],
      [np.log, 1.0000001, 9.999999505838704e-8],
      [np.sin, 1e4, -0.30561438888825215],
      [np.cos, 1e4, -0.9521553682590149],
      [np.tanh, 0.3, 0.2913126124515909],
      [nn.sigmoid, 0.3, 0.574442516811659],
      [np.expm1, 1e-9, 1.0000000005e-9],
      [np.log1p, 1e-9, 9.999999995e-10],
    ]
    for (const [f, x, y] of cases) expect(relative(number(f(at64(x))), y)).toBeLessThan(4e-16)
  })
  it('so that differences of 1e-6 can test derivatives', () => {
    const h = 1e-6
    const f = (x: Tensor): Tensor => np.mul(np.exp(np.sin(x)), np.log(x))
    expect((number(f(at64(2 + h))) - number(f(at64(2 - h)))) / (2 * h)).toBeCloseTo(derivative64(f, 2), 8)
  })
  it('the mean of 10 000 000 times 0.1', () => expect(number(np.mean(np.full([1e7], 0.1)))).toBeCloseTo(0.1, 7))
  it('the sum of 2^25 ones', () => expect(number(np.sum(np.ones([2 ** 25])))).toBe(2 ** 25))
})

describe('derivatives at the edges', () => {
  it('x * (int(x) mod 2) at 5', () => {
    const parity = (x: Tensor): Tensor => np.astype(np.mod(np.astype(x, 'int32'), 2), 'float32')
    expect(derivative((x) => np.mul(x, parity(x)), 5)).toBe(1)
    expect(derivative((x) => np.mul(x, np.remainder(np.floor(x), 2)), 5)).toBe(1)
    expect(derivative((x) => np.mul(x, np.fmod(np.trunc(x), 2)), 5)).toBe(1)
  })
  it('max(x, c) at a tie is one half, as in JAX', () => {
    expect([derivative((x) => np.maximum(x, 3), 3), derivative((x) => np.minimum(x, 3), 3)]).toEqual([0.5, 0.5])
    expect(grad((x: Tensor) => np.max(x))(np.array([2, 2, 1])).toArray()).toEqual([0.5, 0.5, 0])
  })
  it('relu, abs and sign at 0, as in JAX', () => expect([nn.relu, np.abs, np.sign].map((f) => derivative(f, 0))).toEqual([0, 0, 0]))
})

describe('second derivatives of any shape', () => {
  const x = f64(1, 2, 3, 4, 5, 6)
  it('hessian of a matrix', () => {
    const h = hessian((m: Tensor) => np.sum(np.pow(m, 3)))(np.reshape(x, [2, 3]))
    expect(h.shape).toEqual([2, 3, 2, 3])
    expect(np.einsum('ijij->ij', h).toArray()).toEqual([
      [6, 12, 18],
      [24, 30, 36],
    ])
  })
  it('hessian of a tree', () => {
    const h = hessian((p: { readonly a: Tensor; readonly b: Tensor }) => np.sum(np.mul(np.square(p.a), p.b)))({
      a: f64(1, 2),
      b: f64(3, 4),
    })
    expect(h.a.a.toArray()).toEqual([
      [6, 0],
      [0, 8],
    ])
    expect(h.a.b.toArray()).toEqual([
      [2, 0],
      [0, 4],
    ])
    expect(h.b.a.toArray()).toEqual([
      [2, 0],
      [0, 4],
    ])
    expect(h.b.b.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ])
  })
  it('jacfwd and jacrev of matrices and trees', () => {
    const f = (m: Tensor) => ({ s: np.sum(m, { axis: 0 }), t: np.transpose(m) })
    const [a, b] = [jacfwd(f)(np.reshape(x, [2, 3])), jacrev(f)(np.reshape(x, [2, 3]))]
    expect([a.s.shape, a.t.shape]).toEqual([
      [3, 2, 3],
      [3, 2, 2, 3],
    ])
    expect([a.s.toArray(), a.t.toArray()]).toEqual([b.s.toArray(), b.t.toArray()])
  })
})

describe('compiled programs', () => {
  it('jit(grad(take)): embeddings train inside jit', () => {
    const table = np.array([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    const loss = (w: Tensor): Tensor => np.sum(np.square(np.take(w, [0, 2, 2], { axis: 0 })))
    expect(jit(grad(loss))(table).toArray()).toEqual([
      [2, 4],
      [0, 0],
      [20, 24],
    ])
    const byIds = (w: Tensor, ids: Tensor): Tensor => np.sum(np.square(np.take(w, ids, { axis: 0 })))
    expect(jit(grad(byIds))(table, np.array([1, 1], { dtype: 'int32' })).toArray()).toEqual([
      [0, 0],
      [12, 16],
      [0, 0],
    ])
  })
  const chain =
    (n: number) =>
    (x: Tensor): Tensor => {
      let y = x
      for (let i = 0; i < n; i++) y = np.add(np.mul(np.sin(y), 0.5), 0.1)
      return y
    }
  it('a chain of 350 x 3 operations, and one of 5 000 x 3', () => {
    for (const n of [350, 5000]) {
      const [eager, compiled] = [number(chain(n)(at64(0.5))), number(jit(chain(n))(at64(0.5)))]
      expect(compiled).toBeCloseTo(eager, 14)
    }
    expect(number(jit(grad(chain(350)))(at64(0.5)))).toBeCloseTo(number(grad(chain(350))(at64(0.5))), 14)
  })
  it('an unrolled recurrent network compiles in time that grows linearly', () => {
    const cell = (w: Tensor, n: number): Tensor => {
      let h = np.zeros([4])
      for (let i = 0; i < n; i++) h = np.tanh(np.add(np.matmul(w, h), 1))
      return np.sum(h)
    }
    const w = random.normal(random.key(0), [4, 4])
    for (const n of [10, 160]) expect(jit(grad((v: Tensor) => cell(v, n)))(w).shape).toEqual([4, 4])
  })
  it('caches are bounded: 10 000 shapes', () => {
    for (let n = 1; n <= 10_000; n++) np.add(np.zeros([n % 100, Math.ceil(n / 100)]), 1)
    expect(cacheSize()).toBeLessThanOrEqual(4096)
  })
  it('optimizers run compiled', () => {
    const adam = optim.adam(0.1)
    const loss = (p: { readonly w: Tensor }): Tensor => np.sum(np.square(p.w))
    const step = jit((p: { readonly w: Tensor }, s: ReturnType<typeof adam.init>) => {
      const [value, g] = valueAndGrad(loss)(p)
      const [updates, next] = adam.update(g, s, p)
      return [optim.applyUpdates(p, updates), next, value] as const
    })
    let params = { w: np.array([1, -2]) }
    let state = adam.init(params)
    for (let i = 0; i < 200; i++) {
      const [p, s] = step(params, state)
      params = p
      state = s
    }
    expect(number(loss(params))).toBeLessThan(1e-2)
  })
})

describe('what the peer does not have', () => {
  it('foldIn, outAxes, axis sizes of 0, printing of empty tensors', () => {
    expect(random.foldIn(random.key(0), 1).shape).toEqual([2])
    expect(vmap((x: Tensor) => np.mul(x, 2), { outAxes: 1 })(np.ones([2, 3])).shape).toEqual([3, 2])
    expect(vmap(np.sin)(np.zeros([0, 3])).shape).toEqual([0, 3])
    expect(String(np.zeros([0]))).toBe('[]')
  })
  it('pads and strides', () => expect(lax.pad(np.array([1, 2, 3]), 0, [[-1, 1, 1]]).toArray()).toEqual([0, 2, 0, 3, 0]))
})
