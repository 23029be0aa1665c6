import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allGather,
  allToAll,
  axisIndex,
  cond,
  grad,
  jit,
  jvp,
  nn,
  np,
  optim,
  pmax,
  pmean,
  pmin,
  ppermute,
  pshuffle,
  psum,
  psumScatter,
  pureCallback,
  random,
  scan,
  shapeDtype,
  tree,
  valueAndGrad,
  vjp,
  vmap,
  whileLoop,
} from 'adjoint'
import type { Tensor } from 'adjoint'
import { spmd } from 'adjoint/distributed'
import { options } from '../laws/options.js'
import { thrown, untyped } from '../errors/thrown.js'

const axisName = 'i'
type F = (x: Tensor) => Tensor

const range = (n: number): number[] => Array.from({ length: n }, (_, k) => k)

/** What a member does with `x` of shape `[n, 3]`: functions from that shape to that shape. */
const steps = (n: number): Record<string, F> => ({
  psum: (x) => np.sub(x, psum(x, 'i')),
  pmean: (x) => np.mul(x, pmean(x, 'i')),
  pmax: (x) => np.sub(x, pmax(x, 'i')),
  pmin: (x) => np.mul(pmin(x, 'i'), x),
  allGather: (x) => np.sum(allGather(x, 'i'), { axis: 1 }),
  tiled: (x) => np.index(allGather(x, 'i', { tiled: true }), `0:${n}`),
  psumScatter: (x) => np.add(x, psumScatter(x, 'i')),
  allToAll: (x) => allToAll(x, 'i', 0, 0),
  ppermute: (x) => ppermute(x, 'i', range(n - 1).map((k) => [k, k + 1] as const)), // prettier-ignore
  pshuffle: (x) => pshuffle(x, 'i', range(n).reverse()),
  axisIndex: (x) => np.mul(x, np.add(axisIndex('i'), 1)),
  jit: jit((x: Tensor) => np.tanh(psum(x, 'i'))),
  scan: (x) => scan((c: Tensor, row: Tensor) => [np.add(psum(np.mul(c, row), 'i'), 1), c], np.ones([3], { dtype: x.dtype }), x)[1],
  cond: (x) => cond(np.greater(psum(np.sum(x), 'i'), 0), (v) => pmax(v, 'i'), (v) => np.mul(2, v), x), // prettier-ignore
  while: (x) => whileLoop(([k, s]: readonly [Tensor, Tensor]) => np.less(np.add(k, np.mul(0, pmax(np.sum(s), 'i'))), 2), ([k, s]: readonly [Tensor, Tensor]) => [np.add(k, 1), np.mul(0.5, psum(s, 'i'))] as const, [np.array(0), x] as const)[1], // prettier-ignore
  vmap: (x) => vmap((row: Tensor) => np.add(psum(row, 'i'), psum(row, 'j')), { axisName: 'j' })(x),
})

const sizes = [1, 2, 3, 4] as const

describe('spmd over threads is vmap', () => {
  const names = Object.keys(steps(2))
  const ulp = { float32: 2 ** -23, float64: 2 ** -52 } as const

  // vmap's sums of three and more float32 are rounded once or at every step, by the kernel that its compiler chooses; members round once.
  it('of random chains of every collective: to the last bit over two members, within 16 ulp of the largest element over more', () => {
    const reached = new Set<string>()
    fc.assert(
      fc.property(
        fc.constantFrom(...sizes),
        fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('float32', 'float64'),
        fc.array(fc.integer({ min: -64, max: 64 }), { minLength: 48, maxLength: 48 }),
        (n, chain, dtype, eighths) => {
          const all = steps(n)
          const f: F = (x) => chain.reduce((y, name) => all[name]!(y), x)
          for (const name of chain) reached.add(name)
          const x = np.array(eighths.slice(0, n * n * 3).map((k) => k / 8 + 0.1), { dtype }) // prettier-ignore
          const xs = np.reshape(x, [n, n, 3])
          const [y, z] = [spmd(f, { axisName, size: n })(xs), jit(vmap(f, { axisName }))(xs)]
          expect([y.shape, y.dtype]).toEqual([z.shape, z.dtype])
          if (n <= 2) expect(y.toArray()).toEqual(z.toArray())
          const apart = Number(np.max(np.abs(np.sub(y, z))))
          expect(apart).toBeLessThanOrEqual(16 * ulp[dtype] * Number(np.max(np.abs(z))))
        },
      ),
      options(60),
    )
    expect([...reached].sort()).toEqual([...names].sort())
  })

  it('of every collective to the last bit where sums are exact', () => {
    for (const n of sizes)
      for (const dtype of ['float32', 'float64'] as const)
        for (const name of names.filter((k) => n !== 3 || k !== 'pmean')) {
          const xs = np.reshape(
            np.array(
              range(n * n * 3).map((k) => ((k * 5) % 7) - 3),
              { dtype },
            ),
            [n, n, 3],
          )
          const f = steps(n)[name]!
          expect([n, name, spmd(f, { axisName, size: n })(xs).toArray()]).toEqual([n, name, vmap(f, { axisName })(xs).toArray()])
        }
  })

  it('whatever the dtype', () => {
    for (const dtype of ['int32', 'uint32', 'bool', 'float64'] as const) {
      const x = np.astype(np.array([[3, 0, 1], [2, 0, 7]]), dtype) // prettier-ignore
      for (const f of [
        (v: Tensor) => psum(v, 'i'),
        (v: Tensor) => pmax(v, 'i'),
        (v: Tensor) => allGather(v, 'i'),
        (v: Tensor) => ppermute(v, 'i', [[1, 0]]),
      ] as F[]) {
        // prettier-ignore
        const [y, z] = [spmd(f, { axisName, size: 2 })(x), vmap(f, { axisName })(x)]
        expect([y.dtype, y.toArray()]).toEqual([z.dtype, z.toArray()])
      }
    }
  })

  it('with shared arguments, trees, captures, other axes and results in common', () => {
    const w = np.array([1, 2, 3])
    const scale = np.array(2)
    const f = ({ a, b }: { a: Tensor; b: number }, x: Tensor) => ({ own: np.mul(np.mul(x, a), scale), all: psum(np.mul(x, b), 'i') })
    const x = np.array([[1, 2], [3, 4], [5, 6]]) // prettier-ignore
    const how = { inAxes: [null, 1], outAxes: { own: 1, all: null } } as const
    const [y, z] = [spmd(f, { ...how, axisName, size: 2 })({ a: w, b: 3 }, x), vmap(f, { ...how, axisName })({ a: w, b: 3 }, x)]
    expect([y.own.toArray(), y.all.toArray()]).toEqual([z.own.toArray(), z.all.toArray()])
    expect(y.all.toArray()).toEqual([9, 21, 33])
  })

  it('reads what f closes over at every call of another function, and traces a function once', () => {
    let traces = 0
    const f = spmd(
      (x: Tensor) => {
        traces++
        return psum(x, 'i')
      },
      { axisName, size: 2 },
    )
    for (const k of [1, 2, 3]) expect(f(np.array([k, k])).toArray()).toEqual([2 * k, 2 * k])
    expect(traces).toBe(1)
  })
})

describe('transforms of spmd are those of vmap', () => {
  const f: F = (x) => np.mul(np.sin(x), psum(np.mul(x, pmax(x, 'i')), 'i'))
  const x = np.array([[1, 2, 3], [0.5, -1, 4]], { dtype: 'float64' }) // prettier-ignore
  const v = np.array([[1, 0, 2], [1, 1, -3]], { dtype: 'float64' }) // prettier-ignore
  const s = spmd(f, { axisName, size: 2 })
  const m = vmap(f, { axisName })
  const close = (a: Tensor, b: Tensor): void => {
    expect(a.shape).toEqual(b.shape)
    expect(Number(np.max(np.abs(np.sub(a, b))))).toBeLessThan(1e-12)
  }

  it('jvp, vjp, their composition', () => {
    close(jvp(s, [x], [v])[1], jvp(m, [x], [v])[1])
    close(vjp(s, x)[1](v)[0], vjp(m, x)[1](v)[0])
    const total = (g: F) => (y: Tensor) => np.sum(np.square(g(y)))
    close(grad(total(s))(x), grad(total(m))(x))
    close(jvp(grad(total(s)), [x], [v])[1], jvp(grad(total(m)), [x], [v])[1])
    close(grad((y: Tensor) => np.sum(np.mul(grad(total(s))(y), v)))(x), grad((y: Tensor) => np.sum(np.mul(grad(total(m))(y), v)))(x))
  })

  it('derivatives of what members have in common sum over them', () => {
    const g = (w: Tensor, y: Tensor): Tensor => np.mul(w, psum(np.mul(w, y), 'i'))
    const w = np.array([1, 2, 3], { dtype: 'float64' })
    const loss = (h: (w: Tensor, y: Tensor) => Tensor) => (u: Tensor) => np.sum(np.square(h(u, x)))
    close(grad(loss(spmd(g, { axisName, size: 2, inAxes: [null, 0] })))(w), grad(loss(vmap(g, { axisName, inAxes: [null, 0] })))(w))
  })

  it('vmap, jit, scan around it', () => {
    const xs = np.stack([x, np.mul(x, 2), np.add(x, 1)])
    close(vmap(s)(xs), vmap(m)(xs))
    close(vmap(s, { axisName: 'i' })(xs), vmap(m, { axisName: 'i' })(xs))
    close(vmap((y: Tensor) => spmd((z: Tensor) => np.add(psum(z, 'i'), psum(z, 'j')), { axisName, size: 2 })(y), { axisName: 'j' })(xs), vmap((y: Tensor) => vmap((z: Tensor) => np.add(psum(z, 'i'), psum(z, 'j')), { axisName })(y), { axisName: 'j' })(xs)) // prettier-ignore
    close(vmap(grad((y: Tensor) => np.sum(s(y))))(xs), vmap(grad((y: Tensor) => np.sum(m(y))))(xs))
    close(jit(s)(x), m(x))
    close(jit(grad((y: Tensor) => np.sum(s(y))))(x), grad((y: Tensor) => np.sum(m(y)))(x))
    close(
      scan((c: Tensor, y: Tensor) => [np.add(c, s(y)), c], np.zeros([2, 3], { dtype: 'float64' }), xs)[0],
      np.sum(vmap(m)(xs), { axis: 0 }),
    )
  })
})

describe('data-parallel training', () => {
  const model = nn.sequential(nn.dense(4, 8), np.tanh, nn.dense(8, 3))
  type Params = ReturnType<typeof model.init>
  const optimizer = optim.adam(1e-2)
  const loss = (params: Params, x: Tensor, y: Tensor): Tensor => np.mean(np.square(np.sub(model.apply(params)(x), y)))
  const params = model.init(random.key(0))
  const x = random.normal(random.key(1), [8, 4])
  const y = random.normal(random.key(2), [8, 3])

  it('is the step of one process, over 2 and 4 threads', () => {
    const [value, grads] = valueAndGrad(loss)(params, x, y)
    const [updates] = optimizer.update(grads, optimizer.init(params), params)
    const expected = tree.leaves(optim.applyUpdates(params, updates))
    for (const size of [2, 4]) {
      const step = spmd(
        (p: Params, state: ReturnType<typeof optimizer.init>, xs: Tensor, ys: Tensor) => {
          const [own, g] = valueAndGrad(loss)(p, xs, ys)
          const [change, next] = optimizer.update(pmean(g, 'batch'), state, p)
          return [optim.applyUpdates(p, change), next, pmean(own, 'batch')] as const
        },
        { axisName: 'batch', size, inAxes: [null, null, 0, 0], outAxes: null },
      )
      const parts = (t: Tensor): Tensor => np.reshape(t, [size, 8 / size, ...t.shape.slice(1)])
      const [after, , mean] = step(params, optimizer.init(params), parts(x), parts(y))
      expect(Math.abs(Number(mean) - Number(value))).toBeLessThan(1e-6)
      const got = tree.leaves(after)
      expect(got.map((t) => t.shape)).toEqual(expected.map((t) => t.shape))
      const worst = got.map((t, k) => Number(np.max(np.abs(np.sub(t, expected[k]!)))))
      expect(Math.max(...worst)).toBeLessThan(1e-6)
    }
  })
})

describe('what spmd refuses', () => {
  const x = np.array([1, 2])
  const two = { axisName, size: 2 }
  it('options and sizes', () => {
    expect([
      thrown(() => spmd((v: Tensor) => v, untyped({ axisName }))),
      thrown(() => spmd((v: Tensor) => v, { axisName, size: 0 })),
      thrown(() => spmd((v: Tensor) => v, untyped({ ...two, threads: 2 }))),
      thrown(() => spmd((v: Tensor) => v, two)(np.ones([3]))),
      thrown(() => spmd((v: Tensor) => v, { ...two, inAxes: untyped([0, 0]) })(x)),
      thrown(() => spmd((v: Tensor) => v, { ...two, outAxes: null })(x)),
      thrown(() => spmd((v: Tensor) => psum(v, 'j'), two)(x)),
    ]).toMatchInlineSnapshot(`
      [
        "ValueError: spmd: size must be a whole number from 1 to 64, got undefined
        try: Math.floor or Math.round of a fraction, Number(text) of a text",
        "ValueError: spmd: size must be a whole number from 1 to 64, got 0
        try: Math.floor or Math.round of a fraction, Number(text) of a text",
        "ValueError: spmd: there is no option 'threads'
        try: its options are inAxes, outAxes, axisName, size",
        "ShapeError: spmd: 'i' has 2 members, but the mapped axes have size 3
        x0: float32[3]
        try: one entry for each member: np.reshape(x, [size, -1, ...]), and vmap inside",
        "ValueError: spmd: inAxes has 2 entries for 1 argument
        try: one axis, null or tree of them per argument",
        "ValueError: spmd: outAxes is null for a result that depends on the batch
        y: float32[2]
        try: an axis for it",
        "TraceError: psum: no axis is named 'j' here
        try: vmap(f, { axisName: 'j' })",
      ]
    `)
  })
  it('what no member can call', () => {
    expect([
      thrown(() => spmd((v: Tensor) => pureCallback((u: Tensor) => u, shapeDtype([]), v), two)(x)),
      thrown(() => spmd((v: Tensor) => spmd((u: Tensor) => u, two)(np.stack([v, v])), two)(x)),
    ]).toMatchInlineSnapshot(`
      [
        "ValueError: spmd: pureCallback calls a function of this thread, which no member has
        try: call it on the results, outside of the function that members run",
        "ValueError: spmd: members do not know the primitive spmd
        try: one spmd over all members, and vmap inside of it",
      ]
    `)
  })
  it('conditions that differ between the members; the team goes on', () => {
    const loop = (test: (n: Tensor) => Tensor) => (v: Tensor) =>
      whileLoop(([n]: readonly [Tensor, Tensor]) => test(n), ([n, s]: readonly [Tensor, Tensor]) => [np.sub(n, 1), psum(s, 'i')] as const, [v, v] as const)[1] // prettier-ignore
    expect(
      thrown(() =>
        spmd(
          loop((n) => np.greater(n, 0)),
          two,
        )(x),
      ),
    ).toMatchInlineSnapshot(`
      "DeviceError: spmd: member 1 of 'i' failed: spmd: the members of 'i' do not reach the same collectives in the same order
        try: conditions of whileLoop and cond that are equal for all members, by psum or pmax of them"
    `)
    expect(
      spmd(
        loop((n) => np.greater(psum(n, 'i'), 0)),
        two,
      )(x).toArray(),
    ).toEqual([6, 6])
  })
  it('memory that there is not', () => {
    const big = (v: Tensor): Tensor => np.broadcastTo(v, [2 ** 16, 2 ** 17])
    expect([
      thrown(() => spmd((v: Tensor) => np.sum(psum(big(v), 'i')), two)(x)),
      thrown(() => spmd((v: Tensor) => np.sum(np.sort(big(v))), two)(x)).replace(/member \d/, 'member k'),
    ]).toMatchInlineSnapshot(`
      [
        "DeviceError: spmd: there is no memory for what members give each other at once: 137438953536 bytes
        try: collectives of smaller tensors, or one after the other",
        "DeviceError: spmd: member k of 'i' failed: call: there is no memory for its result (wasm: memory is full: 1 MiB in use (working memory 1 MiB), 196864 MiB more needed, 4096 MiB at most)
        result: float32[]
        try: evalShape to see shapes without computing; smaller batches, checkpoint in the reverse pass, or donated arguments",
      ]
    `)
    expect(spmd((v: Tensor) => psum(v, 'i'), two)(x).toArray()).toEqual([3, 3])
  })
})
