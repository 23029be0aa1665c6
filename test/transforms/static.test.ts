/** Trees with static leaves through every transform: they come back unchanged, and functions see them as they are. */
import { describe, expect, it } from 'vitest'
import {
  associativeScan,
  checkpoint,
  cond,
  customJvp,
  customVjp,
  evalShape,
  foriLoop,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linearize,
  linearTranspose,
  map,
  np,
  scan,
  switch_,
  tree,
  valueAndGrad,
  vjp,
  vmap,
  whileLoop,
} from 'adjoint'
import type { Tensor } from 'adjoint'

type Unit = (x: Tensor) => Tensor
interface Layer {
  readonly kind: 'layer'
  readonly act: 'tanh' | 'relu'
  readonly post: Unit
  readonly bias: boolean
  readonly w: Tensor
}
const layer: Layer = { kind: 'layer', act: 'tanh', post: np.sin, bias: true, w: np.array([1, 2]) }
const x = np.array([0.5, -1])

/** Reads every static leaf as ordinary JavaScript. */
const apply = (p: Layer, v: Tensor): Tensor => {
  if (p.kind !== 'layer') throw new Error('no layer')
  const y = p.post(np.mul(p.w, v))
  const z = p.act === 'tanh' ? np.tanh(y) : np.maximum(y, 0)
  return p.bias ? np.add(z, 1) : z
}
const loss = (p: Layer, v: Tensor): Tensor => np.sum(apply(p, v))
const plain = (w: Tensor, v: Tensor): Tensor => np.sum(np.add(np.tanh(np.sin(np.mul(w, v))), 1))

const { w: _, ...statics } = layer
const rest = ({ w: _w, ...others }: Layer): unknown => others
const same = (a: Tensor, b: Tensor): void => expect(np.allclose(a, b)).toBe(true)

describe('derivatives', () => {
  const expected = grad(plain)(layer.w, x)
  it('grad and valueAndGrad', () => {
    const g = grad(loss)(layer, x)
    expect(rest(g)).toStrictEqual(statics)
    same(g.w, expected)
    const [value, h] = valueAndGrad(loss)({ ...layer, bias: false }, x)
    expect(Number(value)).toBeCloseTo(Number(plain(layer.w, x)) - 2, 5)
    expect(h.bias).toBe(false)
  })
  it('aux keeps its static leaves', () => {
    const f = (v: Tensor) => [np.sum(v), { name: 'aux', seen: v, flag: true }] as const
    const [, aux] = grad(f, { hasAux: true })(x)
    expect([aux.name, aux.flag]).toEqual(['aux', true])
    const [, , more] = vjp(f, x, { hasAux: true })
    expect([more.name, more.flag]).toEqual(['aux', true])
  })
  it('vjp, jvp, linearize, linearTranspose', () => {
    const [y, pull] = vjp(apply, layer, x)
    const [dp, dx] = pull(np.onesLike(y))
    expect(rest(dp)).toStrictEqual(statics)
    same(dp.w, expected)
    expect(dx.shape).toEqual([2])
    const direction = { ...layer, w: np.array([1, 0]) }
    const [, dy] = jvp(loss, [layer, x], [direction, np.zeros([2])])
    const slope = Number(np.index(expected, 0))
    expect(dy.item()).toBeCloseTo(slope, 5)
    expect(linearize((p: Layer) => loss(p, x), layer)[1](direction).item()).toBeCloseTo(slope, 5)
    const [back] = linearTranspose((p: { kind: 'lin'; w: Tensor }) => np.mul(p.w, 3), { kind: 'lin', w: x })(np.ones([2]))
    expect(back.kind).toBe('lin')
    expect(back.w.toArray()).toEqual([3, 3])
  })
  it('a result with static leaves, and its cotangent', () => {
    const [y, pull] = vjp((v: Tensor) => ({ name: 'out', y: np.mul(v, 2), ok: true }), x)
    expect([y.name, y.ok]).toEqual(['out', true])
    expect(pull({ ...y, y: np.ones([2]) })[0].toArray()).toEqual([2, 2])
    expect(() => pull({ ...y, name: 'other' })).toThrow(/cotangent: trees differ at 'name': 'out' and 'other'/)
  })
  it('Jacobians and Hessians', () => {
    for (const jac of [jacfwd, jacrev]) {
      const j = jac((p: Layer) => ({ tag: 'y', y: apply(p, x) }))(layer)
      expect(j.tag).toBe('y')
      expect(rest(j.y)).toStrictEqual(statics)
      expect(j.y.w.shape).toEqual([2, 2])
    }
    const h = hessian((p: Layer) => loss(p, x))(layer)
    expect([h.act, h.w.act, h.w.w.shape]).toEqual(['tanh', 'tanh', [2, 2]])
  })
  it('an argument that is itself static has no derivative', () => {
    for (const flag of ['relu', true, 1n, np.tanh])
      expect(() => grad((a: typeof flag, v: Tensor) => np.sum(a === 'relu' ? v : v))(flag, x)).toThrow(/argument 0 is .*no derivative/)
    same(grad((a: string, v: Tensor) => np.sum(a === 'double' ? np.mul(v, 2) : v), { argnums: 1 })('double', x), np.array([2, 2]))
  })
  it('rules of one’s own', () => {
    const viaJvp = customJvp(apply, ([p, v], [dp, dv]) => jvp(apply, [p, v], [dp, dv]))
    same(grad((p: Layer) => np.sum(viaJvp(p, x)))(layer).w, expected)
    const viaVjp = customVjp((p: Layer, v: Tensor, how: string) => (how === 'on' ? apply(p, v) : v), {
      fwd: (p, v, how) => [how === 'on' ? apply(p, v) : v, { p, v, how }],
      bwd: ({ p, v, how }, c) => [...(how === 'on' ? vjp(apply, p, v)[1](c) : [null, c]), null],
    })
    same(grad((p: Layer) => np.sum(viaVjp(p, x, 'on')))(layer).w, expected)
    same(jit(grad((p: Layer) => np.sum(viaVjp(p, x, 'on'))))(layer).w, expected)
  })
})

describe('a discriminated union of parameters', () => {
  type Model = { readonly kind: 'line'; readonly w: Tensor } | { readonly kind: 'bump'; readonly u: Tensor; readonly at: Tensor }
  const run = (m: Model, v: Tensor): Tensor =>
    m.kind === 'line' ? np.mul(m.w, v) : np.mul(m.u, np.exp(np.neg(np.square(np.sub(v, m.at)))))
  const models: readonly Model[] = [
    { kind: 'line', w: np.array(2) },
    { kind: 'bump', u: np.array(3), at: np.array(0.5) },
  ]
  it.each(models)('$kind', (m) => {
    const cost = (p: Model): Tensor => np.sum(run(p, x))
    const g = grad(cost)(m)
    expect(g.kind).toBe(m.kind)
    expect(tree.sameStructure(g, m)).toBe(true)
    const compiled = jit(grad(cost))(m)
    tree.map((a: Tensor, b: Tensor) => same(a, b), g, compiled)
  })
  it('both through one jitted function', () => {
    const f = jit(run)
    expect(models.map((m) => np.allclose(f(m, x), run(m, x)))).toEqual([true, true])
  })
})

describe('batches', () => {
  const batch = np.stack([x, np.mul(x, 2)])
  it('carry what is static, whatever inAxes says', () => {
    const stacked = { ...layer, w: np.stack([layer.w, layer.w]) }
    for (const inAxes of [0, [{ w: 0 }, 0], [{ w: 0, kind: null, bias: 0 }, 0]] as const) {
      const y = vmap((p: Layer, v: Tensor) => ({ tag: 'y', on: p.bias, y: apply(p, v) }), { inAxes: inAxes as never })(stacked, batch)
      expect([y.tag, y.on]).toEqual(['y', true])
      same(y.y, np.stack([apply(layer, x), apply(layer, np.mul(x, 2))]))
    }
    expect(vmap((v: Tensor, training: boolean) => (training ? np.mul(v, 2) : v))(x, true).toArray()).toEqual([1, -2])
    expect(vmap(grad(loss), { inAxes: [null, 0] })(layer, batch).act).toBe('tanh')
  })
})

describe('control flow', () => {
  it('scan carries them, and steps see them', () => {
    const step = (c: Layer, v: Tensor) =>
      [
        { ...c, w: apply(c, v) },
        { name: 'step', v },
      ] as const
    const [end, ys] = scan(step, layer, np.stack([x, x]))
    expect(rest({ ...end, bias: true })).toStrictEqual(statics)
    expect(ys.name).toBe('step')
    same(end.w, apply({ ...layer, w: apply(layer, x) }, x))
    expect(() =>
      scan((c: { k: string; n: Tensor }) => [{ ...c, k: `${c.k}!` }, null] as const, { k: 'a', n: x }, null, { length: 2 }),
    ).toThrow(/scan[^]*trees differ at 'k': 'a' and 'a!'/)
    const [total] = scan((c: Tensor, s: { how: string; v: Tensor }) => [np.add(c, s.how === 'double' ? np.mul(s.v, 2) : s.v), null] as const, np.array(0), { how: 'double', v: np.array([1, 2]) }) // prettier-ignore
    expect(total.item()).toBe(6)
  })
  it('a boolean in the state of a loop is a value, as before', () => {
    const { done, n } = whileLoop((s) => np.logicalNot(s.done), (s) => ({ done: np.greater(s.n, 2), n: np.add(s.n, 1) }), { done: false, n: 0 }) // prettier-ignore
    expect([done.dtype, done.item(), n.item()]).toEqual(['bool', true, 4])
    const [seen, each] = scan((c, v: Tensor) => [np.logicalOr(c, np.greater(v, 1)), true] as const, false, np.array([0, 3]))
    expect([seen.item(), each.toArray()]).toEqual([true, [true, true]])
    expect(cond(np.array(true), () => true, () => false).item()).toBe(true) // prettier-ignore
  })
  it('loops, branches, maps', () => {
    const state = { name: 'state', n: np.array(0) }
    expect(foriLoop(0, 3, (_i, s) => ({ ...s, n: np.add(s.n, s.name === 'state' ? 2 : 0) }), state).n.item()).toBe(6)
    expect(whileLoop((s) => np.less(s.n, 5), (s) => ({ ...s, n: np.add(s.n, 2) }), state).name).toBe('state') // prettier-ignore
    const chosen = cond(np.array(false), (p: Layer) => ({ ...p, w: np.neg(p.w) }), (p: Layer) => p, layer) // prettier-ignore
    expect([chosen.act, chosen.w.toArray()]).toEqual(['tanh', [1, 2]])
    expect(() => cond(np.array(true), () => 'a', () => 'b')).toThrow(/onFalse and onTrue: trees differ at the root: 'b' and 'a'/) // prettier-ignore
    expect(switch_(1, [(p: Layer) => p.w, (p: Layer) => (p.bias ? np.neg(p.w) : p.w)], layer).toArray()).toEqual([-1, -2])
    expect(map((r: { tag: string; v: Tensor }) => ({ tag: r.tag, y: np.mul(r.v, 2) }), { tag: 't', v: x })).toMatchObject({ tag: 't' })
    const sums = associativeScan((a, b) => ({ ...a, v: np.add(a.v, b.v) }), { tag: 't', v: np.array([1, 2, 3]) })
    expect([sums.tag, sums.v.toArray()]).toEqual(['t', [1, 3, 6]])
  })
  it('checkpoint and evalShape', () => {
    same(grad((p: Layer) => np.sum(checkpoint(apply)(p, x)))(layer).w, grad(loss)(layer, x).w)
    const s = evalShape((p: Layer) => ({ ...p, y: apply(p, x) }), layer)
    expect([s.kind, s.bias, s.y.shape]).toEqual(['layer', true, [2]])
  })
})
