import { describe, expectTypeOf, it } from 'vitest'
import { customVjp, grad, hessian, jit, jvp, np, tree, valueAndGrad, vjp, vmap } from 'adjoint'
import type { Tensor } from 'adjoint'

interface Params {
  readonly w: Tensor
  readonly layers: readonly [Tensor, { readonly b: Tensor }]
}
declare const p: Params
declare const t: Tensor
declare const loss: (p: Params, x: Tensor) => Tensor

describe('derivatives keep the types of trees', () => {
  it('grad', () => {
    expectTypeOf(grad(loss)(p, t)).toEqualTypeOf<Params>()
    expectTypeOf(grad(loss, { argnums: 1 })(p, t)).toEqualTypeOf<Tensor>()
    expectTypeOf(grad(loss, { argnums: [1, 0] })(p, t)).toEqualTypeOf<[Tensor, Params]>()
    expectTypeOf(valueAndGrad(loss)(p, t)).toEqualTypeOf<[Tensor, Params]>()
  })
  it('aux', () => {
    const f = (x: Tensor): [Tensor, { n: number }] => [x, { n: 1 }]
    expectTypeOf(grad(f, { hasAux: true })(t)).toEqualTypeOf<[Tensor, { n: number }]>()
  })
  it('numbers become tensors', () => {
    expectTypeOf(grad(np.tanh)(0.5)).toEqualTypeOf<Tensor>()
    expectTypeOf(grad(grad(grad(np.tanh)))(0.5)).toEqualTypeOf<Tensor>()
  })
  it('jvp, vjp, hessian', () => {
    expectTypeOf(jvp(loss, [p, t], [p, t])).toEqualTypeOf<[Tensor, Tensor]>()
    expectTypeOf(vjp(loss, p, t)[1](t)[0]).toEqualTypeOf<Params>()
    const [y, pull, aux] = vjp((q: Params, x) => [loss(q, x), { x, of: 'aux' }], p, t, { hasAux: true })
    expectTypeOf(pull(y)[0]).toEqualTypeOf<Params>()
    expectTypeOf(aux).toEqualTypeOf<{ x: Tensor; of: string }>()
    expectTypeOf(hessian((x: Tensor) => np.sum(x))(t)).toEqualTypeOf<Tensor>()
  })
  it('a function generic in its tree needs no cast', () => {
    const hvp =
      <P>(f: (p: P) => Tensor) =>
      (p: P, v: P) =>
        jvp(grad(f), [p], [v])[1]
    expectTypeOf(hvp(np.sum as (x: Tensor) => Tensor)(t, t)).toEqualTypeOf<Tensor>()
  })
})

describe('inference through overloads', () => {
  it('data-first is what transforms see', () => {
    expectTypeOf(vmap(np.add)(t, t)).toEqualTypeOf<Tensor>()
    expectTypeOf(jit(np.mul)(t, 2)).toEqualTypeOf<Tensor>()
    expectTypeOf(np.add(1)).toBeFunction()
    expectTypeOf(np.add(1)(t)).toEqualTypeOf<Tensor>()
  })
  it('jit keeps the arguments', () => {
    expectTypeOf(jit(loss)).parameters.toEqualTypeOf<[Params, Tensor]>()
  })
  it('tree.map', () => {
    expectTypeOf(tree.map((x: Tensor) => x.size, p).layers[1].b).toEqualTypeOf<number>()
  })
})

describe('mistakes that do not compile', () => {
  it('a tangent with a missing key', () => {
    // @ts-expect-error -- layers is missing
    jvp(loss, [p, t], [{ w: t }, t])
  })
  it('a gradient of something that is not a tensor', () => {
    // @ts-expect-error -- the result is a record
    grad((x: Tensor) => ({ x }))
  })
  it('an argument of another type', () => {
    // @ts-expect-error -- a string is not a tensor
    grad(loss)(p, 'x')
  })
  it('a write to a tensor', () => {
    // @ts-expect-error -- shape is read-only
    t.shape = [1]
    // @ts-expect-error -- so are its elements
    t.shape[0] = 1
  })
  it('a rule whose pull does not match', () => {
    // @ts-expect-error -- bwd returns a list of cotangents
    customVjp((x: Tensor) => x, { fwd: (x: Tensor) => [x, null], bwd: (_saved: null, c: Tensor) => c })
  })
})
