/** Parts, repairs and averages of a training run; optimizers under every transform. */
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, jit, np, optim, random, scan, tree, vmap } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

const f64 = (data: number | readonly (number | readonly number[])[]): Tensor => np.array(data, { dtype: 'float64' })
const flat = (t: unknown): number[] => [...(t as Tensor).toTypedArray()]
const params = { body: { b: f64([1]), w: f64([2, -3]) }, head: { w: f64([4]) } }
const ones = tree.map((p: Tensor) => np.onesLike(p), params)
const body = (path: string): boolean => path.startsWith('body/')

describe('parts of a tree', () => {
  it('masked leaves take no room in the state, which prints by path', () => {
    const state = optim.masked(optim.adam(0.1), body).init(params)
    expect(tree.paths(state)).toEqual([
      '0/inner/0/count',
      '0/inner/0/mu/body/b',
      '0/inner/0/mu/body/w',
      '0/inner/0/nu/body/b',
      '0/inner/0/nu/body/w',
    ])
  })
  it('frozen leaves do not move, whatever comes before', () => {
    const optimizer = optim.chain(optim.adamw(0.1, { weightDecay: 0.5 }), optim.freeze(body))
    const [u] = optimizer.update(ones, optimizer.init(params), params)
    expect([flat(u.body.b), flat(u.body.w)]).toEqual([[0], [0, 0]])
    expect(flat(u.head.w)[0]).toBeLessThan(0)
  })
  it('every group by its own learning rate; the state is a record by group', () => {
    const optimizer = optim.multiTransform({ slow: optim.sgd(0.01), fast: optim.momentum(1) }, (path) => (body(path) ? 'slow' : 'fast'))
    const state = optimizer.init(params)
    expect(tree.paths(state)).toEqual(['0/fast/0/trace/head/w'])
    const [u] = optimizer.update(ones, state, params)
    expect([flat(u.body.w), flat(u.head.w)]).toEqual([[-0.01, -0.01], [-1]])
  })
  it('a label without a transformation is named', () => {
    const optimizer = optim.multiTransform({ a: optim.identity }, (() => 'z') as never)
    expect(() => optimizer.init(params)).toThrow(/'body\/b' is labelled 'z'[\s\S]*one of: a/)
  })
})

describe('gradients that are not finite', () => {
  it('NaNs become zeros, infinities stay', () => {
    const [u] = optim.zeroNans().update(f64([NaN, 1, Infinity]), [[]], f64([0, 0, 0]))
    expect(flat(u)).toEqual([0, 1, Infinity])
  })
  it('are skipped, counted, and let through in the end', () => {
    const optimizer = optim.applyIfFinite(optim.momentum(1), 2)
    const p = f64([1])
    let state = optimizer.init(p)
    const run = jit((g: Tensor, s: typeof state) => optimizer.update(g, s, p))
    const seen: number[] = []
    for (const g of [1, NaN, Infinity, 1, NaN, NaN, NaN]) {
      const [u, next] = run(f64([g]), state)
      seen.push(flat(u)[0]!)
      state = next
    }
    expect(seen).toEqual([-1, 0, 0, -1.9, 0, 0, NaN])
    expect(['notFiniteCount', 'totalNotFinite', 'lastFinite'].map((name) => Number(tree.get(state, `0/${name}`)))).toEqual([3, 5, 0])
  })
})

describe('time', () => {
  it('micro-batches of equal size are one large batch', () => {
    const grads = [f64([1, 5]), f64([3, -1]), f64([-4, 2])]
    const p = f64([0, 0])
    const large = optim.adam(0.1)
    const small = optim.multiSteps(large, 3)
    const [expected] = large.update(
      np.div(
        grads.reduce((a, b) => np.add(a, b)),
        3,
      ),
      large.init(p),
      p,
    )
    let state = small.init(p)
    const updates = grads.map((g) => {
      const [u, next] = small.update(g, state, p)
      state = next
      return flat(u)
    })
    expect(updates.slice(0, 2).flat()).toEqual([0, 0, 0, 0])
    expectClose(updates[2]!, flat(expected), { atol: 5e-15 })
    expect([Number(tree.get(state, '0/miniStep')), Number(tree.get(state, '0/gradientStep'))]).toEqual([0, 1])
    expect(() => optim.multiSteps(large, 0)).toThrow(/a whole number from 1, got 0/)
  })
  it('lookahead gives its slow weights away with the state, and donates', () => {
    const optimizer = optim.lookahead(optim.sgd(1), { syncPeriod: 2, slowStepSize: 0.5 })
    const step = jit(
      (p: Tensor, s: ReturnType<typeof optimizer.init>) => {
        const [u, next] = optimizer.update(np.onesLike(p), s, p)
        return [optim.applyUpdates(p, u), next] as const
      },
      { donate: [0, 1] },
    )
    const start = f64([8])
    let [p, s] = [start, optimizer.init(start)]
    const path: number[] = []
    for (let i = 0; i < 4; i++) {
      ;[p, s] = step(p, s)
      path.push(flat(p)[0]!)
    }
    expect(path).toEqual([7, 7, 6, 6])
    expect(flat(tree.get(s, '0/slow'))).toEqual([6])
    expect(() => optim.lookahead(optim.sgd(1), { syncPeriod: 1.5 })).toThrow(/a whole number from 1/)
  })
  it('noise: the same key the same run, new in every update, of the stated variance', () => {
    const noise = optim.addNoise({ eta: 4, gamma: 1, key: random.key(3) })
    const p = np.zeros([20000])
    const [a, s] = noise.update(p, noise.init(p), p)
    const [b] = noise.update(p, s, p)
    expect(flat(noise.update(p, noise.init(p), p)[0])).toEqual(flat(a))
    expect([Number(np.std(a)), Number(np.std(b))].map((v) => Math.round(v * 10) / 10)).toEqual([2, 1.4])
    expect(Math.abs(Number(np.mean(np.mul(a, b))))).toBeLessThan(0.1)
  })
  it('hyperparameters are read and changed by path without a new trace', () => {
    let traces = 0
    const optimizer = optim.injectHyperparams(({ rate }) => optim.sgd(rate), { rate: 0.5 })
    const step = jit((g: Tensor, s: ReturnType<typeof optimizer.init>) => {
      traces++
      return optimizer.update(g, s, g)
    })
    const state = optimizer.init(f64([1]))
    const slower = tree.at(state, '0/hyperparams/rate', () => f64(0.125))
    expect([flat(step(f64([1]), state)[0]), flat(step(f64([1]), slower)[0]), traces]).toEqual([[-0.5], [-0.125], 1])
  })
  it('the centred gradient of a filter sums to zero, per unit of a matrix too', () => {
    const g = { conv: random.normal(random.key(0), [3, 2, 2, 2]), dense: random.normal(random.key(1), [4, 3]), bias: np.ones([3]) }
    const [u] = optim.centralize().update(g, [[]], g)
    for (const s of [np.sum(u.conv, { axis: [1, 2, 3] }), np.sum(u.dense, { axis: 0 })]) expectClose(s, [0, 0, 0], { atol: 5e-6 })
    expect(flat(u.bias)).toEqual([1, 1, 1])
  })
  it('clipByNorm bounds each leaf, and leaves zeros and small ones', () => {
    const g = { a: f64([3, 4]), b: f64([0.3, 0.4]), c: f64([0]) }
    const [u] = optim.clipByNorm(1).update(g, [[]], g)
    expect([flat(u.a), flat(u.b), flat(u.c)]).toEqual([[0.6000000000000001, 0.8], [0.3, 0.4], [0]])
    expect(flat(grad((c: Tensor) => np.sum(optim.clipByNorm(1).update(c, [[]], c)[0]))(f64([0])))).toEqual([1])
  })
  it('an average of parameters', () => {
    expect(flat(optim.incrementalUpdate(f64([4]), f64([0]), 0.25))).toEqual([1])
  })
})

/** Optimizers that can be differentiated at ordinary points. */
const smooth: Readonly<Record<string, optim.GradientTransformation>> = {
  nesterov: optim.nesterov(0.1),
  nadam: optim.nadam(0.1, { epsRoot: 1e-6 }),
  radam: optim.radam(0.1, { b2: 0.7, epsRoot: 1e-6 }),
  lamb: optim.lamb(0.1, { epsRoot: 1e-6 }),
  adafactor: optim.adafactor(0.1, { minDimSizeToFactor: 1, eps: 1e-3 }),
  yogi: optim.yogi(0.1, { epsRoot: 1e-6 }),
  multiSteps: optim.multiSteps(optim.sgd(0.1), 2),
  applyIfFinite: optim.applyIfFinite(optim.sgd(0.1), 1),
  lookahead: optim.lookahead(optim.sgd(0.1), { syncPeriod: 2 }),
  masked: optim.masked(optim.sgd(0.1), () => true),
  clipped: optim.chain(optim.clipByNorm(0.5), optim.adaptiveGradClip(2), optim.sgd(0.1)),
  lbfgs: optim.chain(optim.scaleByLbfgs({ memorySize: 2 }), optim.scale(-0.1)),
}

describe('differentiated through: one MAML step', () => {
  const task = (w: Tensor, at: number): Tensor => np.sum(np.square(np.sub(np.sin(w), at)))
  for (const [name, optimizer] of Object.entries(smooth))
    it(name, () => {
      /** The loss on the query after two steps on the support. */
      const adapted = (w: Tensor): Tensor => {
        let [p, s] = [w, optimizer.init(w)] as readonly [Tensor, optim.State]
        for (let i = 0; i < 2; i++) {
          const [u, next] = optimizer.update(grad((v: Tensor) => task(v, 0.25))(p), s, p)
          ;[p, s] = [optim.applyUpdates(p, u), next]
        }
        return task(p, 0.5)
      }
      const [at, along, h] = [
        f64([
          [0.3, -0.7],
          [1.1, 0.4],
        ]),
        f64([
          [1, 0.5],
          [-0.25, 1],
        ]),
        1e-5,
      ]
      const y = (s: number): number => Number(adapted(np.add(at, np.mul(along, s))))
      const slope = Number(np.sum(np.mul(grad(adapted)(at), along)))
      expect(slope).toBeCloseTo((y(-2 * h) - 8 * y(-h) + 8 * y(h) - y(2 * h)) / (12 * h), 6)
      expect(Number(np.sum(np.mul(jit(grad(adapted))(at), along)))).toBeCloseTo(slope, 10)
    })
})

describe('ensembles by vmap, epochs by scan', () => {
  const loss = (w: Tensor, x: Tensor): Tensor => np.sum(np.square(np.sub(np.mul(w, x), 1)))
  for (const [name, optimizer] of Object.entries(smooth))
    it(name, () => {
      const epoch = (w: Tensor, xs: Tensor): Tensor => {
        const step = ([p, s]: readonly [Tensor, optim.State], x: Tensor): readonly [unknown, Tensor] => {
          const [u, next] = optimizer.update(grad(loss)(p, x), s, p)
          return [[optim.applyUpdates(p, u), next], loss(p, x)]
        }
        const [[p]] = scan(step as never, [w, optimizer.init(w)] as const, xs) as unknown as readonly [readonly [Tensor]]
        return p
      }
      const byHand = (w: Tensor, xs: Tensor): Tensor => {
        let [p, s] = [w, optimizer.init(w)] as readonly [Tensor, optim.State]
        for (const x of np.unstack(xs)) {
          const [u, next] = optimizer.update(grad(loss)(p, x), s, p)
          ;[p, s] = [optim.applyUpdates(p, u), next]
        }
        return p
      }
      const models = f64([
        [0.5, -1.5],
        [2, 0.25],
        [-0.75, 1],
      ])
      const xs = f64([
        [1, 2],
        [0.5, -1],
        [1.5, 1],
      ])
      const together = flat(jit(vmap(epoch, { inAxes: [0, null] }))(models, xs))
      const alone = np.unstack(models).flatMap((w) => flat(byHand(w, xs)))
      expectClose(together, alone, { atol: 5e-12 })
    })
})

describe('lbfgs', () => {
  const rosenbrock = (p: Tensor): Tensor => {
    const [a, b] = np.unstack(p)
    return np.add(np.mul(100, np.square(np.sub(b!, np.square(a!)))), np.square(np.sub(1, a!)))
  }
  it('finds the minimum of the Rosenbrock function, eagerly, compiled, and several at once', () => {
    const start = f64([-1.2, 1])
    const found = optim.minimize(rosenbrock, start, { tolerance: 1e-9 })
    expectClose(found.params, [1, 1], { atol: 5e-9 })
    expect(Number(found.count)).toBeLessThan(60)
    const compiled = jit((p: Tensor) => optim.minimize(rosenbrock, p, { tolerance: 1e-9 }).params)
    expect(flat(compiled(start)).map((v) => v.toFixed(8))).toEqual(['1.00000000', '1.00000000'])
    const several = vmap((p: Tensor) => optim.minimize(rosenbrock, p, { tolerance: 1e-9 }).params)(
      f64([
        [-1.2, 1],
        [2, -2],
        [1, 1],
      ]),
    )
    expectClose(several, np.ones(several.shape), { atol: 5e-8 })
  })
  it('minimises over a tree, and a step never raises the value', () => {
    const f = (p: { a: Tensor; b: Tensor }): Tensor => np.add(np.sum(np.exp(np.square(p.a))), np.square(np.sub(p.b, 2)))
    const method = optim.lbfgs({ memorySize: 4 })
    let state = method.init(f, { a: f64([1, -2]), b: f64(0) })
    for (let i = 0; i < 12; i++) {
      const next = method.step(f, state)
      expect(Number(next.value)).toBeLessThanOrEqual(Number(state.value))
      state = next
    }
    expect(Number(state.value)).toBeCloseTo(2, 6)
  })
  it('the search meets both Wolfe conditions, or takes no step where there is none', () => {
    const f = (x: Tensor): readonly [Tensor, Tensor] => [np.sum(np.square(x)), np.mul(x, 2)]
    const from = { params: f64([100]), value: f64(10000), grads: f64([200]) }
    const found = optim.wolfeSearch(f, from, f64([-1]))
    expect(Number(found.value)).toBeLessThan(10000 - 1e-4 * Number(found.stepSize) * 200)
    expect(-Number(np.sum(found.grads))).toBeGreaterThan(0.9 * -200)
    const up = optim.wolfeSearch(f, from, f64([1]), { maxSteps: 5 })
    expect([Number(up.stepSize), flat(up.params)]).toEqual([0, [100]])
  })
  it('says what memory it needs', () => {
    expect(() => optim.scaleByLbfgs({ memorySize: 0 })).toThrow(/a whole number from 1, got 0/)
  })
})
