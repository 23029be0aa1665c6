import { describe, expect, it } from 'vitest'
import { grad, jit, np, optim } from 'adjoint'
import type { Tensor } from 'adjoint'

const x = np.array([1, 2])

/** `f`, and how often it was traced. */
const counted = <A extends readonly unknown[], R>(f: (...args: A) => R): { f: (...args: A) => R; traces: () => number } => {
  let n = 0
  return {
    f: (...args) => {
      n++
      return f(...args)
    },
    traces: () => n,
  }
}

describe('what is static by itself', () => {
  it('booleans choose by if, one trace for each', () => {
    const { f, traces } = counted((v: Tensor, training: boolean) => (training ? np.mul(v, 2) : v))
    const g = jit(f)
    for (let i = 0; i < 3; i++) {
      expect(g(x, true).toArray()).toEqual([2, 4])
      expect(g(x, false).toArray()).toEqual([1, 2])
    }
    expect(traces()).toBe(2)
  })
  it('strings by value, functions by identity, bigints, and any of them within a tree', () => {
    type Options = { readonly act: string; readonly f: (v: Tensor) => Tensor; readonly times: bigint; readonly on: boolean }
    const { f, traces } = counted((v: Tensor, o: Options) => (o.act === 'neg' ? np.neg(v) : o.on ? np.mul(o.f(v), Number(o.times)) : v))
    const g = jit(f)
    const o: Options = { act: 'f', f: np.square, times: 3n, on: true }
    expect(g(x, o).toArray()).toEqual([3, 12])
    expect(g(x, { ...o, act: ['f'].join('') }).toArray()).toEqual([3, 12])
    expect(traces()).toBe(1)
    expect(g(x, { ...o, act: 'neg' }).toArray()).toEqual([-1, -2])
    expect(g(x, { ...o, f: np.neg }).toArray()).toEqual([-3, -6])
    expect(g(x, { ...o, times: 4n }).toArray()).toEqual([4, 16])
    expect(g(x, { ...o, on: false }).toArray()).toEqual([1, 2])
    expect(traces()).toBe(5)
  })
  it('numbers are traced: a new one compiles nothing', () => {
    const { f, traces } = counted((v: Tensor, n: number) => np.mul(v, n))
    const g = jit(f)
    expect([1, 2, Number.NaN, Infinity].map((n) => np.index(g(x, n), 0).item())).toEqual([1, 2, Number.NaN, Infinity])
    expect(traces()).toBe(1)
  })
  it('results keep their static leaves', () => {
    const y = jit((v: Tensor, name: string) => ({ name, ok: true, f: np.sin, v: np.neg(v) }))(x, 'y')
    expect([y.name, y.ok, y.f === np.sin, y.v.toArray()]).toEqual(['y', true, true, [-1, -2]])
  })
  it('static positions are compared by Object.is', () => {
    const { f, traces } = counted((v: Tensor, n: number) => np.mul(v, Number.isNaN(n) ? 2 : 1 / n))
    const g = jit(f, { static: [1] })
    expect(g(x, Number.NaN).toArray()).toEqual([2, 4])
    expect(g(x, Number.NaN).toArray()).toEqual([2, 4])
    expect(traces()).toBe(1)
    expect(g(x, 0).toArray()).toEqual([Infinity, Infinity])
    expect(g(x, -0).toArray()).toEqual([-Infinity, -Infinity])
    expect(traces()).toBe(3)
  })
  it('donation counts the leaves that are traced', () => {
    const step = jit((p: { kind: string; on: boolean; w: Tensor }, v: Tensor) => ({ ...p, w: np.add(p.w, v) }), { donate: [0] })
    const [w, v] = [np.array([1, 1]), np.array([2, 2])]
    expect(step({ kind: 'a', on: true, w }, v).w.toArray()).toEqual([3, 3])
    expect(v.toArray()).toEqual([2, 2])
    expect(() => w.toArray()).toThrow(/donated/)
  })
})

describe('the cache', () => {
  it('keeps 64 Programs: functions made anew on every call do not pile up', async () => {
    const g = jit((f: (v: Tensor) => Tensor, v: Tensor) => f(v))
    const seen: WeakRef<object>[] = []
    for (let i = 0; i < 200; i++) {
      const f = (v: Tensor): Tensor => np.add(v, i)
      seen.push(new WeakRef(f))
      expect(g(f, np.array(1)).item()).toBe(i + 1)
    }
    await new Promise((done) => setTimeout(done, 0))
    globalThis.gc!()
    expect(seen.filter((r) => r.deref() !== undefined).length).toBeLessThanOrEqual(64)
  })
  it('a closure over a value being differentiated is not kept', () => {
    const apply = jit((f: (v: Tensor) => Tensor, v: Tensor) => f(v))
    const slope = grad((a: Tensor) => np.sum(apply((v) => np.mul(v, a), x)))
    expect([slope(np.array(1)).item(), slope(np.array(5)).item()]).toEqual([3, 3])
  })
})

describe('optimizers on parameters with static leaves', () => {
  const params = {
    kind: 'net',
    act: np.tanh,
    bias: true,
    l: [
      { name: 'first', w: np.array([1, 2]) },
      { name: 'second', w: np.array([3]) },
    ],
  }
  const bare = { l: [{ w: np.array([1, 2]) }, { w: np.array([3]) }] }
  const rules: Readonly<Record<string, optim.GradientTransformation>> = {
    adamw: optim.adamw(0.1),
    chain: optim.chain(
      optim.clipByGlobalNorm(1),
      optim.addDecayedWeights(0.1, { mask: (p) => p.endsWith('w') }),
      optim.sgd(0.1, { momentum: 0.9 }),
    ),
    adafactor: optim.adafactor(0.1, { minDimSizeToFactor: 1 }),
    freeze: optim.chain(
      optim.adam(0.1),
      optim.freeze((p) => p.startsWith('l/0')),
    ),
  }
  it.each(Object.entries(rules))('%s moves what it would move without them', (_, rule) => {
    const train = <P>(start: P): P => {
      const step = jit((p: P, s: optim.State): readonly [P, optim.State] => {
        const [u, next] = rule.update(p, s, p)
        return [optim.applyUpdates(p, u), next]
      }) as (p: P, s: optim.State) => readonly [P, optim.State]
      let [p, s] = [start, rule.init(start)]
      for (let i = 0; i < 3; i++) [p, s] = step(p, s)
      return p
    }
    const [a, b] = [train(params), train(bare)]
    expect([a.kind, a.act === np.tanh, a.bias, a.l[0]!.name]).toEqual(['net', true, true, 'first'])
    expect(a.l.map((l) => l.w.toArray())).toEqual(b.l.map((l) => l.w.toArray()))
  })
})
