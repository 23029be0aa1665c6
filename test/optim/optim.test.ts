import * as fc from 'fast-check'
import { concatAll } from 'fp-ts/lib/Monoid.js'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, jit, np, optim, tree, vmap } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

const f64 = (data: readonly number[]): Tensor => np.array(data, { dtype: 'float64' })
const w0 = [1.25, -1.875, 0.125]
const gradients = [
  [0.875, 1.875, -0.125],
  [0.375, -2, -0.375],
  [-1.125, -0.125, 0.875],
  [-1.125, -1.25, 1],
]

/** Parameters after every update. */
const run = (optimizer: optim.GradientTransformation, start = w0, grads = gradients): number[][] => {
  let params = { w: f64(start) }
  let state = optimizer.init(params)
  return grads.map((g) => {
    const [updates, next] = optimizer.update({ w: f64(g) }, state, params)
    params = optim.applyUpdates(params, updates)
    state = next
    return [...params.w.toTypedArray()]
  })
}

/** The textbook recurrences, element by element in plain numbers. */
type Rule = (g: number, w: number, memory: Record<string, number>, t: number) => number
const textbook = (rule: Rule, start = w0, grads = gradients): number[][] => {
  const memories = start.map(() => ({}))
  let w = start
  return grads.map((g, i) => (w = w.map((v, k) => v + rule(g[k]!, v, memories[k]!, i + 1))))
}
const read = (m: Record<string, number>, name: string): number => m[name] ?? 0

const rules: Readonly<Record<string, readonly [optim.GradientTransformation, Rule]>> = {
  sgd: [optim.sgd(0.1), (g) => -0.1 * g],
  momentum: [optim.momentum(0.1), (g, _w, m) => -0.1 * (m.v = 0.9 * read(m, 'v') + g)],
  nesterov: [optim.sgd(0.1, { momentum: 0.8, nesterov: true }), (g, _w, m) => -0.1 * (g + 0.8 * (m.v = 0.8 * read(m, 'v') + g))],
  adagrad: [optim.adagrad(0.1, { eps: 1e-3 }), (g, _w, m) => (-0.1 * g) / (Math.sqrt((m.h = read(m, 'h') + g * g)) + 1e-3)],
  adadelta: [
    optim.adadelta(1, { rho: 0.95, eps: 1e-6 }),
    (g, _w, m) => {
      m.g = 0.95 * read(m, 'g') + 0.05 * g * g
      const dx = Math.sqrt((read(m, 'x') + 1e-6) / (m.g + 1e-6)) * g
      m.x = 0.95 * read(m, 'x') + 0.05 * dx * dx
      return -dx
    },
  ],
  rmsprop: [optim.rmsprop(0.1), (g, _w, m) => (-0.1 * g) / Math.sqrt((m.v = 0.9 * read(m, 'v') + 0.1 * g * g) + 1e-8)],
  'rmsprop, centred, with momentum, eps outside': [
    optim.rmsprop(0.1, { centered: true, epsInRoot: false, eps: 0.01, momentum: 0.5 }),
    (g, _w, m) => {
      m.v = 0.9 * read(m, 'v') + 0.1 * g * g
      m.m = 0.9 * read(m, 'm') + 0.1 * g
      return (m.t = 0.5 * read(m, 't') - (0.1 * g) / (Math.sqrt(m.v - m.m * m.m) + 0.01))
    },
  ],
  adam: [
    optim.adam(0.1, { eps: 1e-3 }),
    (g, _w, m, t) => {
      m.m = 0.9 * read(m, 'm') + 0.1 * g
      m.v = 0.999 * read(m, 'v') + 0.001 * g * g
      return (-0.1 * (m.m / (1 - 0.9 ** t))) / (Math.sqrt(m.v / (1 - 0.999 ** t)) + 1e-3)
    },
  ],
  'adam, epsilon hat': [
    optim.adam(0.1, { eps: 1e-3, epsHat: true }),
    (g, _w, m, t) => {
      m.m = 0.9 * read(m, 'm') + 0.1 * g
      m.v = 0.999 * read(m, 'v') + 0.001 * g * g
      return (((-0.1 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t)) * m.m) / (Math.sqrt(m.v) + 1e-3)
    },
  ],
  adamw: [
    optim.adamw(0.1, { weightDecay: 0.2 }),
    (g, w, m, t) => {
      m.m = 0.9 * read(m, 'm') + 0.1 * g
      m.v = 0.999 * read(m, 'v') + 0.001 * g * g
      return -0.1 * (m.m / (1 - 0.9 ** t) / (Math.sqrt(m.v / (1 - 0.999 ** t)) + 1e-8) + 0.2 * w)
    },
  ],
  'decay before sgd': [optim.chain(optim.addDecayedWeights(0.4), optim.sgd(0.1)), (g, w) => -0.1 * (g + 0.4 * w)],
  schedule: [optim.sgd(optim.exponentialDecay({ initValue: 0.5, decayRate: 0.5, transitionSteps: 1 })), (g, _w, _m, t) => -(0.5 ** t) * g],
  clip: [optim.chain(optim.clip(0.5), optim.scale(-1)), (g) => -Math.max(-0.5, Math.min(0.5, g))],
}

describe('optimizers follow their formulas', () => {
  for (const [name, [optimizer, rule]] of Object.entries(rules))
    it(name, () => {
      const expected = textbook(rule)
      expectClose(run(optimizer), expected, { atol: 5e-13 })
    })

  it('Adam after four steps is what DeZero printed', () => {
    // optimizers.Adam(alpha=0.001, eps=1e-8), its first element of a 2x3 weight.
    const w = run(optim.adam(0.001, { epsHat: true }), [1.25], [[0.875], [0.375]])
    expect(w[0]![0]).toBeCloseTo(1.249000000361403, 14)
    expect(w[1]![0]).toBeCloseTo(1.248090914019317, 14)
  })

  it('the two forms of epsilon differ', () => {
    const [a, b] = [run(optim.adam(0.1, { eps: 1e-3 })), run(optim.adam(0.1, { eps: 1e-3, epsHat: true }))]
    expect(Math.abs(a[3]![0]! - b[3]![0]!)).toBeGreaterThan(1e-5)
  })
})

describe('clipByGlobalNorm', () => {
  const clipped = (g: { a: Tensor; b: Tensor }, max: number): { a: Tensor; b: Tensor } => {
    const t = optim.clipByGlobalNorm(max)
    return t.update(g, t.init(g), g)[0]
  }
  it('scales all leaves by one factor, and only when their common norm is too large', () => {
    const g = { a: f64([3, 0]), b: f64([4]) }
    expect(clipped(g, 1).a.toArray()).toEqual([0.6000000000000001, 0])
    expect(clipped(g, 1).b.toArray()).toEqual([0.8])
    expect(clipped(g, 6).b.toArray()).toEqual([4])
  })
  it('keeps zeros, dtypes, and has finite derivatives at zero', () => {
    const g = { a: f64([0, 0]), b: np.zeros([1]) }
    expect(clipped(g, 1).a.toArray()).toEqual([0, 0])
    expect(clipped({ a: f64([3]), b: np.array([4]) }, 1).b.dtype).toBe('float32')
    const slope = grad((a: Tensor) => np.sum(clipped({ a, b: np.zeros([1]) }, 1).a))(f64([0, 0]))
    expect(slope.toArray()).toEqual([1, 1])
  })
})

describe('addDecayedWeights', () => {
  it('spares what the mask does not name', () => {
    const t = optim.addDecayedWeights(0.5, { mask: (path) => path.endsWith('w') })
    const params = { w: f64([2]), b: f64([2]) }
    const [u] = t.update({ w: f64([1]), b: f64([1]) }, t.init(params), params)
    expect([u.w.toArray(), u.b.toArray()]).toEqual([[2], [1]])
  })
})

describe('chain is a strict monoid', () => {
  const steps = [
    optim.scale(2),
    optim.clip(1),
    optim.trace({ decay: 0.5 }),
    optim.scaleByAdam(),
    optim.addDecayedWeights(0.1),
    optim.identity,
  ]
  const one = fc.integer({ min: 0, max: steps.length - 1 }).map((i) => steps[i]!)
  const some = fc.array(one, { maxLength: 4 }).map((ts) => optim.chain(...ts))
  const { Monoid: M, Eq } = optim
  const behaves = (t: optim.GradientTransformation): unknown => {
    const params = { w: f64(w0) }
    const [updates, state] = t.update({ w: f64(gradients[0]!) }, t.init(params), params)
    return JSON.stringify([updates, state])
  }

  it('associativity and unit, on steps with ===, on updates and on states', () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const [left, right] = [M.concat(M.concat(a, b), c), M.concat(a, M.concat(b, c))]
        expect(Eq.equals(left, right)).toBe(true)
        expect(behaves(left)).toBe(behaves(right))
        for (const t of [M.concat(M.empty, a), M.concat(a, M.empty)]) {
          expect(Eq.equals(t, a)).toBe(true)
          expect(behaves(t)).toBe(behaves(a))
        }
      }),
      { numRuns: 200 },
    )
  })
  it('Eq tells different chains apart', () => {
    expect(Eq.equals(optim.chain(steps[0]!, steps[1]!), optim.chain(steps[1]!, steps[0]!))).toBe(false)
    expect(Eq.equals(optim.scale(1), optim.scale(1))).toBe(false)
  })
  it('folds with fp-ts', () => {
    const adamw = concatAll(M)([optim.clipByGlobalNorm(1), optim.scaleByAdam(), optim.addDecayedWeights(1e-4), optim.scale(-1e-3)])
    expect(adamw.steps.map((s) => s.name)).toEqual(['clipByGlobalNorm', 'scaleByAdam', 'addDecayedWeights', 'scale'])
  })
  it('order matters: decay then clip is not clip then decay', () => {
    const params = { w: f64([3]) }
    const [decay, clip] = [optim.addDecayedWeights(1), optim.clip(1)]
    const of = (t: optim.GradientTransformation) => t.update({ w: f64([0.5]) }, t.init(params), params)[0].w.toArray()
    expect([of(optim.chain(decay, clip)), of(optim.chain(clip, decay))]).toEqual([[1], [3.5]])
  })
})

describe('states and transforms', () => {
  const params = { l1: { w: f64([1, 2]), b: f64([0]) } }
  const loss = (p: typeof params): Tensor => np.sum(np.square(np.add(np.mul(p.l1.w, 3), p.l1.b)))

  it('is a tree that prints by path; the count is an int32', () => {
    const state = optim.adam(1e-3).init(params)
    expect(tree.paths(state)).toEqual(['0/count', '0/mu/l1/b', '0/mu/l1/w', '0/nu/l1/b', '0/nu/l1/w'])
    expect((tree.get(state, '0/count') as Tensor).dtype).toBe('int32')
  })

  for (const optimizer of <readonly optim.GradientTransformation[]>[
    optim.adam(optim.cosineDecaySchedule({ initValue: 0.1, decaySteps: 10 })),
    optim.rmsprop(0.01),
    optim.adadelta(),
  ])
    it(`jit with donation gives the eager numbers: ${optimizer.steps.map((s) => s.name).join(', ')}`, () => {
      const step = (p: typeof params, s: optim.State) => {
        const [updates, next] = optimizer.update(grad(loss)(p), s, p)
        return [optim.applyUpdates(p, updates), next] as const
      }
      const fast = jit(step, { donate: [0, 1] })
      const start = () => {
        const p = tree.map((x: Tensor) => np.array(x.toArray() as number[], { dtype: 'float64' }), params)
        return [p, optimizer.init(p)] as const
      }
      let [p, s] = start() as readonly [typeof params, optim.State]
      let [q, t] = start() as readonly [typeof params, optim.State]
      for (let i = 0; i < 4; i++) {
        ;[p, s] = step(p, s)
        ;[q, t] = fast(q, t) as readonly [typeof params, optim.State]
      }
      expectClose(q.l1.w, p.l1.w, { atol: 5e-13 })
    })

  it('trains an ensemble under vmap, and differentiates through an update', () => {
    const optimizer = optim.adam(0.1, { epsRoot: 1e-8 })
    const after = (w: Tensor): Tensor => {
      const [u] = optimizer.update(grad((v: Tensor) => np.sum(np.square(v)))(w), optimizer.init(w), w)
      return optim.applyUpdates(w, u)
    }
    const both = vmap(after)(
      np.array([
        [1, 2],
        [3, -4],
      ]),
    )
    expect(both.toArray()).toEqual([after(np.array([1, 2])).toArray(), after(np.array([3, -4])).toArray()])
    const slope = (x: number) => Number(np.sum(after(f64([x]))))
    const d = Number(grad((x: Tensor) => np.sum(after(np.reshape(x, [1]))))(np.array(0.01, { dtype: 'float64' })))
    expect(d).toBeCloseTo((slope(0.01 + 1e-6) - slope(0.01 - 1e-6)) / 2e-6, 5)
  })

  it('keeps float32 parameters float32, and rejects other trees', () => {
    const p = { w: np.array([1, 2]) }
    const optimizer = optim.adam(1e-3)
    const [u] = optimizer.update({ w: np.array([1, 1]) }, optimizer.init(p), p)
    expect(optim.applyUpdates(p, u).w.dtype).toBe('float32')
    expect(() => optim.applyUpdates<object>(p, { v: p.w })).toThrow(/TreeError|trees differ/)
  })
})
