import { describe, expectTypeOf, it } from 'vitest'
import type { Tensor } from 'adjoint'
import { debug, np, pureCallback } from 'adjoint'

const x = np.array([1, 2])
const scalar = { shape: [], dtype: 'float32' } as const

describe('functions of the host', () => {
  it('take tensors for the arguments, and give trees as declared', () => {
    expectTypeOf(pureCallback((v) => v, x, x)).toEqualTypeOf<Tensor>()
    expectTypeOf(
      pureCallback((v: Tensor, n: Tensor) => v.size + n.size, scalar, x, 3, { vmapMethod: 'expandDims' }),
    ).toEqualTypeOf<Tensor>()
    const tree = pureCallback(({ w, k }) => ({ sum: np.add(w, k), parts: [1, true] }), { sum: x, parts: [scalar, scalar] }, { w: x, k: 2 })
    expectTypeOf(tree.sum).toEqualTypeOf<Tensor>()
    expectTypeOf(tree.parts).toEqualTypeOf<readonly [Tensor, Tensor]>()
    pureCallback((v, name) => (expectTypeOf(v).toEqualTypeOf<Tensor>(), expectTypeOf(name).toEqualTypeOf<'a'>(), v), x, x, 'a' as const)
    debug.callback((v, { k }) => (expectTypeOf(v).toEqualTypeOf<Tensor>(), expectTypeOf(k).toEqualTypeOf<Tensor>()), x, { k: 1 })
    // @ts-expect-error a text is no result
    pureCallback(() => 'text', x)
    // @ts-expect-error a result that is not as declared
    pureCallback(() => ({ sum: 1 }), { total: scalar })
    // @ts-expect-error the argument is a tensor
    debug.callback((v: string) => v, x)
  })
})
