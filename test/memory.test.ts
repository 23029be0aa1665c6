/** In synchronous loops that never yield, with nothing freed by hand, memory stays where it was. */
import { beforeEach, describe, expect, it } from 'vitest'
import { configure, grad, jit, jvp, linearize, liveBuffers, np, optim, scan, valueAndGrad, vjp, vmap } from 'adjoint'
import type { Tensor } from 'adjoint'
import { cacheSize } from '../src/device/cache.js'

const MB = 2 ** 20
/** Twice: arrays are swept in the background after a collection, and the next one waits for that. */
const collect = (): void => {
  globalThis.gc!()
  globalThis.gc!()
}

/** Growth of resident memory over `steps` runs of `step`, in MB, after a warm-up. The loop is synchronous. */
const growth = (steps: number, step: (i: number) => unknown): number => {
  for (let i = 0; i < Math.min(steps / 10, 3000); i++) step(i)
  collect()
  const before = process.memoryUsage().rss
  for (let i = 0; i < steps; i++) step(i)
  return (process.memoryUsage().rss - before) / MB
}

/** Memory in use after a collection, in bytes. */
const used = (): number => {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/**
 * What a run keeps, in bytes: the least growth of six rounds, because the engine compiles and shrinks its tables when it
 * likes to (single rounds measure between -200 and 500). A leak is in all of them.
 */
const kept = (steps: number, step: (i: number) => unknown): number => {
  let i = 0
  const round = (): number => {
    const before = used()
    for (let k = 0; k < steps; k++) step(i++)
    return (used() - before) / steps
  }
  return Math.min(...Array.from({ length: 6 }, round))
}

describe('synchronous loops', () => {
  // Counting live buffers registers each of them, which is freed between tasks only.
  beforeEach(() => {
    configure({ trackBuffers: false })
  })

  const target = np.array([1, -2, 3])
  const number = (t: Tensor): number => Number(t.item())
  const loss = (w: Tensor): Tensor => np.sum(np.square(np.sub(w, target)))

  it('100 000 eager gradient steps', () => {
    const step = grad(loss)
    let w = np.zeros([3])
    expect(
      growth(100_000, () => {
        w = np.sub(w, np.mul(0.1, step(w)))
      }),
    ).toBeLessThan(40)
    expect(number(loss(w))).toBeLessThan(1e-9)
  })
  it('100 000 compiled steps, with and without donation', () => {
    const plain = jit((w: Tensor) => np.sub(w, np.mul(0.1, grad(loss)(w))))
    const donating = jit((w: Tensor) => np.sub(w, np.mul(0.1, grad(loss)(w))), { donate: [0] })
    for (const step of [plain, donating]) {
      let w = np.zeros([3])
      expect(
        growth(50_000, () => {
          w = step(w)
        }),
      ).toBeLessThan(40)
      expect(number(loss(w))).toBeLessThan(1e-9)
    }
  })
  it('10 000 dropped tensors of 1 MB', () => {
    expect(growth(10_000, (i) => np.full([2 ** 18], i % 100))).toBeLessThan(400) // of 10 000 MB
  })
  it('2 000 dropped results of 1 MB of an operation, and of its gradient', () => {
    const x = np.ones([2 ** 18])
    const f = grad((v: Tensor) => np.sum(np.add(v, x)))
    expect(growth(1000, (i) => [np.add(x, i % 100), f(x)])).toBeLessThan(400) // of 3 000 MB
  })
  it('an optimizer over a tree of parameters', () => {
    const adam = optim.adam(0.01)
    const fit = (p: { readonly w: Tensor; readonly b: Tensor }): Tensor => np.add(loss(p.w), np.square(p.b))
    let params = { w: np.zeros([3]), b: np.array(1) }
    let state = adam.init(params)
    expect(
      growth(3000, () => {
        const [, g] = valueAndGrad(fit)(params)
        const [updates, next] = adam.update(g, state, params)
        params = optim.applyUpdates(params, updates)
        state = next
      }),
    ).toBeLessThan(40)
  })
})

describe('nothing is kept', () => {
  beforeEach(() => {
    configure({ trackBuffers: false })
  })
  const x = np.array([1, 2, 3])
  const f = (v: Tensor): Tensor => np.sum(np.mul(np.sin(v), v))
  const cases: Readonly<Record<string, () => unknown>> = {
    'an operation': () => np.add(x, x),
    grad: () => grad(f)(x),
    'grad of grad': () => grad((v: Tensor) => np.sum(grad(f)(v)))(x),
    vjp: () => vjp(f, x)[1](np.array(1)),
    jvp: () => jvp(f, [x], [x]),
    linearize: () => linearize(f, x)[1](x),
    vmap: () => vmap(np.sin)(x),
    scan: () => scan((c, v: Tensor) => [np.add(c, v), c], np.array(0), x),
    'a new jit every time': () => jit((v: Tensor) => np.sin(v))(x),
    'jit of grad, new every time': () => jit(grad(f))(x),
    'grad of jit, new every time': () => grad(jit(f))(x),
  }
  for (const [name, run] of Object.entries(cases)) it(`by ${name}`, () => expect(kept(1500, run)).toBeLessThan(100))
  it('by functions that throw', () => {
    expect(
      kept(1500, () => {
        try {
          grad((v: Tensor) => {
            np.sin(v)
            throw new Error('stop')
          })(x)
        } catch {
          // expected
        }
      }),
    ).toBeLessThan(100)
  })
  it('of the arguments of a compiled function', () => {
    const g = jit((v: Tensor) => np.sum(v))
    g(np.ones([1, 1]))
    const before = used()
    for (let n = 1000; n < 1050; n++) g(np.ones([n, 1000]))
    expect((used() - before) / MB).toBeLessThan(20) // of 200
  })
})

/** Buffers alive after collection and finalizers, which run between tasks. */
const live = async (wanted: number): Promise<number> => {
  for (let k = 0; k < 50 && liveBuffers().count > wanted; k++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return liveBuffers().count
}

describe('liveBuffers', () => {
  it('returns to the baseline when pulls are dropped', async () => {
    const before = liveBuffers().count
    const x = np.ones([1000])
    let pulls: unknown[] | null = Array.from({ length: 50 }, () => vjp((v: Tensor) => np.tanh(np.sin(v)), x)[1])
    expect(liveBuffers().count - before).toBeGreaterThanOrEqual(100)
    expect(pulls.length).toBe(50)
    pulls = null
    expect(await live(before + 1)).toBeLessThanOrEqual(before + 1)
  })
  it('counts what is kept', async () => {
    const before = liveBuffers().count
    const ys = Array.from({ length: 10 }, (_, i) => np.mul(np.ones([100]), i))
    expect(await live(before + ys.length)).toBe(before + ys.length)
    expect(liveBuffers().bytes).toBeGreaterThanOrEqual(10 * 400)
    expect(ys[3]!.toTypedArray()[0]).toBe(3)
  })
})

describe('caches are bounded', () => {
  beforeEach(() => {
    configure({ trackBuffers: false })
  })
  it('10 000 shapes', () => {
    for (let n = 1; n <= 10_000; n++) np.neg(np.zeros([1 + (n % 100), Math.ceil(n / 100)]))
    expect(cacheSize()).toBeLessThanOrEqual(4096)
  })
  it('10 000 parameters', () => {
    const x = np.ones([100, 100])
    for (let n = 0; n < 10_000; n++) np.index(x, n % 100, Math.floor(n / 100))
    expect(cacheSize()).toBeLessThanOrEqual(4096)
  })
  it('and so is the memory of jit over many shapes, and over many static arguments', { timeout: 240_000 }, () => {
    const g = jit((v: Tensor, k: number) => np.mul(v, k), { static: [1] })
    const x = np.ones([4])
    expect(kept(2000, (i) => g(x, i))).toBeLessThan(500)
    const h = jit((v: Tensor) => np.sum(np.sin(v)))
    expect(kept(2000, (i) => h(np.ones([1 + i])))).toBeLessThan(2500) // shapes are interned; programs are not kept
  })
  // A number is part of the code: every one makes a Program, and on wasm a module, that is not kept anywhere yet.
  it('and so is what 10 000 compiled Programs take, the engine included', { timeout: 600_000 }, () => {
    const x = np.linspace(0, 1, 8)
    const miss = (i: number): Tensor => jit((v: Tensor) => np.mul(np.sin(v), i + 0.5))(x)
    const resident = (round: number): number => {
      for (let i = 2000 * round; i < 2000 * (round + 1); i++) miss(i)
      collect()
      return process.memoryUsage().rss / MB
    }
    const after = [0, 1, 2, 3, 4].map(resident)
    // The first round fills every cache. Modules that stay take 8 kB each or more, 16 MB in every round.
    expect(Math.min(...after.slice(1).map((x, k) => x - after[k]!))).toBeLessThan(8)
  })
})
