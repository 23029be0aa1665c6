import { describe, expectTypeOf, it } from 'vitest'
import {
  checkpoint,
  customJvp,
  evalShape,
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jit,
  np,
  random,
  scan,
  tree,
  valueAndGrad,
  vmap,
} from 'adjoint'
import type { Tensor } from 'adjoint'

interface Params {
  readonly w: Tensor
  readonly bias?: Tensor
}
declare const t: Tensor
declare const p: Params
declare const text: string

describe('a parameter without annotation is a tensor', () => {
  it('in every transform', () => {
    expectTypeOf(grad((x) => np.sum(x))).toEqualTypeOf<(x: Tensor) => Tensor>()
    expectTypeOf(jit((x, y) => np.add(x, y))).parameters.toEqualTypeOf<[x: Tensor, y: Tensor]>()
    expectTypeOf(vmap((x) => np.sum(x)))
      .parameter(0)
      .toEqualTypeOf<Tensor>()
    expectTypeOf(valueAndGrad((x) => np.sum(x))(t)).toEqualTypeOf<[Tensor, Tensor]>()
    // @ts-expect-error -- a tensor has no such property
    grad((x) => np.sum(x.nonsense))
    // @ts-expect-error -- nor here
    valueAndGrad((x) => np.sum(x.nonsense))
    // @ts-expect-error -- nor here
    jit((x) => np.sum(x.nonsense))
    // @ts-expect-error -- nor here
    vmap((x) => np.sum(x.nonsense))
    // @ts-expect-error -- nor here
    checkpoint((x) => np.sum(x.nonsense))
    // @ts-expect-error -- nor here
    jacfwd((x) => np.sum(x.nonsense))
    // @ts-expect-error -- nor here
    jacrev((x) => np.sum(x.nonsense))
    // @ts-expect-error -- nor here
    hessian((x) => np.sum(x.nonsense))
    // @ts-expect-error -- nor here
    hvp((x) => np.sum(x.nonsense))
    // @ts-expect-error -- nor here
    evalShape((x) => np.sum(x.nonsense), t)
    const rule = ([x]: readonly Tensor[]): readonly [Tensor, Tensor] => [x!, x!]
    // @ts-expect-error -- nor here
    customJvp((x) => np.sum(x.nonsense), rule)
    // @ts-expect-error -- nor with options
    grad((x) => np.sum(x.nonsense), { argnums: 0 })
  })
  it('beside annotated ones', () => {
    expectTypeOf(grad((q: Params, x) => np.sum(np.mul(q.w, x)))(p, t)).toEqualTypeOf<Params>()
    expectTypeOf(jit((x: Tensor, training: boolean) => (training ? x : t))).parameters.toEqualTypeOf<[x: Tensor, training: boolean]>()
    expectTypeOf(jit((x: Tensor, n?: number) => np.mul(x, n ?? 1))(t)).toEqualTypeOf<Tensor>()
  })
})

describe('static leaves', () => {
  type Model = { readonly kind: 'a'; readonly w: Tensor } | { readonly kind: 'b'; readonly u: Tensor; readonly act: (x: Tensor) => Tensor }
  it('keep their types through transforms', () => {
    expectTypeOf(grad((m: Model) => (m.kind === 'a' ? m.w : m.u))).returns.toEqualTypeOf<Model>()
    expectTypeOf(jit((m: Model, on: boolean) => ({ m, on, n: 1 }))).returns.toEqualTypeOf<{ m: Model; on: boolean; n: Tensor }>()
    expectTypeOf(tree.map((x: Tensor) => x.size, { kind: 'a' as const, w: t })).toEqualTypeOf<{ kind: 'a'; w: number }>()
    const [c] = scan((s: { kind: 'a'; w: Tensor }, x: Tensor) => [s, x] as const, { kind: 'a', w: t }, t)
    expectTypeOf(c).toEqualTypeOf<{ kind: 'a'; w: Tensor }>()
  })
  it('booleans of a loop are values', () => {
    const [c] = scan((done, _x: Tensor) => [np.logicalNot(done), null] as const, false, t)
    expectTypeOf(c).toEqualTypeOf<Tensor>()
  })
  it('partition and combine', () => {
    const [a, b] = tree.partition({ kind: 'a' as const, w: t, n: 3 }, (leaf) => typeof leaf !== 'number')
    expectTypeOf(a.w).toEqualTypeOf<Tensor | null>()
    expectTypeOf(a.kind).toEqualTypeOf<'a'>()
    expectTypeOf(tree.combine(a, b)).toEqualTypeOf<{ kind: 'a'; w: Tensor; n: number }>()
  })
  it('what no tree holds does not compile where it comes back', () => {
    // @ts-expect-error -- a promise is not a tree
    void jit(async (x: Tensor) => Promise.resolve(x))(t).shape
    // @ts-expect-error -- nor is a Map
    void vmap((x: Tensor) => new Map([['x', x]]))(t).get('x')
  })
})

describe('optional fields', () => {
  it('tree.map', () => {
    expectTypeOf(tree.map((x: Tensor) => np.neg(x), p)).toEqualTypeOf<Params>()
    expectTypeOf(tree.map((a, b) => np.add(a, b), p, p)).toEqualTypeOf<Params>()
    expectTypeOf(tree.map((x: Tensor) => x.size, p)).toEqualTypeOf<{ readonly w: number; readonly bias?: number }>()
    expectTypeOf(grad((q: Params) => np.sum(q.bias ?? q.w))(p)).toEqualTypeOf<Params>()
  })
})

describe('tuples where the number is known', () => {
  it('unstack, split, meshgrid, keys', () => {
    const [q, k, v] = np.unstack(t, { count: 3 })
    expectTypeOf([q, k, v]).toEqualTypeOf<Tensor[]>()
    expectTypeOf(np.unstack(t)).toEqualTypeOf<readonly Tensor[]>()
    expectTypeOf(np.split(t, 2)).toEqualTypeOf<readonly [Tensor, Tensor]>()
    expectTypeOf(np.split(t, [1, 3])).toEqualTypeOf<readonly [Tensor, Tensor, Tensor]>()
    expectTypeOf(np.arraySplit(t, 3)).toEqualTypeOf<readonly [Tensor, Tensor, Tensor]>()
    expectTypeOf(np.split(t, text.length)).toEqualTypeOf<readonly Tensor[]>()
    expectTypeOf(np.meshgrid([t, t])).toEqualTypeOf<readonly [Tensor, Tensor]>()
    expectTypeOf(np.broadcastArrays([t, 1, t])).toEqualTypeOf<readonly [Tensor, Tensor, Tensor]>()
    expectTypeOf(random.split(t, 8)).items.toEqualTypeOf<random.Key>()
    expectTypeOf(random.split(t, 8).length).toEqualTypeOf<8>()
    expectTypeOf(random.split(t, 1500)).toEqualTypeOf<readonly random.Key[]>()
  })
})

describe('index strings', () => {
  it('are slices', () => {
    np.index(t, '1:3', '...', '::-1', ':', null, 0, [1, 2])
    np.index(t, text)
    np.index(t, `${text.length}:`)
    np.at(t, '2:').set(0)
    // @ts-expect-error -- no slice
    np.index(t, 'nonsense')
    // @ts-expect-error -- nor among others
    np.index(t, 0, ':', 'all')
    // @ts-expect-error -- nor where it is replaced
    np.at(t, 'first')
  })
})
