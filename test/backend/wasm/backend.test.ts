/** The wasm backend agrees with the reference, and Programs on it with evaluation. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configure, grad, hessian, jit, np, nn, reference, scan, vmap, whileLoop, cond, type Tensor } from '../../../src/index.js'
import { wasm } from '../../../src/wasm.js'
import { laws } from '../../../laws/index.js'
import { options } from '../../laws/options.js'
import { expectClose } from '../../expectClose.js'

describe('laws.backend', () => {
  it('holds for wasm', { timeout: 240_000 }, () => {
    laws.backend(wasm, options(25))
  })
})

describe('wasm', () => {
  beforeAll(() => {
    configure({ backend: wasm })
  })
  afterAll(() => {
    configure({ backend: reference })
  })
  const values = (x: Tensor): number[] => [...x.toTypedArray()]

  it('runs control flow, derivatives and batches', () => {
    const f = (x: Tensor): Tensor => {
      const [c, ys] = scan(
        (h: Tensor, e: Tensor) => [np.tanh(np.add(np.mul(h, 0.5), e)), np.mul(h, e)] as const,
        np.zeros([], { dtype: 'float64' }),
        x,
      )
      return np.add(c, np.sum(ys))
    }
    const x = np.array([0.5, -1, 2, 0.25], { dtype: 'float64' })
    const on = (backend: typeof wasm): number[][] => {
      configure({ backend })
      return [
        values(grad(f)(x)),
        values(jit(grad(f))(x)),
        values(hessian(f)(x)),
        values(vmap((e: Tensor) => np.exp(e))(x)),
        values(
          whileLoop(
            (s: Tensor) => np.less(s, 100),
            (s) => np.mul(s, 1.5),
            np.array(1, { dtype: 'float64' }),
          ),
        ),
        values(
          cond(
            np.greater(np.sum(x), 0),
            (v: Tensor) => np.sin(v),
            (v: Tensor) => np.cos(v),
            x,
          ),
        ),
      ]
    }
    const expected = on(reference)
    const got = on(wasm)
    expect(got.length).toBe(expected.length)
    expected.forEach((row, i) => {
      expectClose(got[i]!, row, { atol: 5e-13, what: `result ${i}` })
    })
  })

  it('trains with donated parameters as the reference does', () => {
    const loss = (w: Tensor, x: Tensor): Tensor => np.mean(np.square(nn.softmax(np.matmul(x, w))))
    const train = (backend: typeof wasm): number[] => {
      configure({ backend })
      const step = jit((w: Tensor, x: Tensor) => np.sub(w, np.mul(0.5, grad(loss)(w, x))), { donate: [0] })
      const x = np.reshape(np.linspace(-1, 1, 33 * 17, { dtype: 'float64' }), [33, 17])
      let w = np.reshape(np.linspace(1, -1, 17 * 9, { dtype: 'float64' }), [17, 9])
      for (let i = 0; i < 20; i++) w = step(w, x)
      return values(w)
    }
    const expected = train(reference)
    expectClose(train(wasm), expected, { atol: 5e-13 })
  })

  it('multiplies matrices of any size and order of axes', () => {
    configure({ backend: wasm })
    for (const [m, n, k] of [
      [1, 1, 1],
      [3, 5, 7],
      [4, 8, 16],
      [17, 33, 65],
      [130, 9, 400],
      [5, 2050, 3],
      [2, 3, 0],
      [0, 3, 2],
    ] as const)
      for (const dtype of ['float32', 'float64'] as const)
        for (const spec of ['ik,kj->ij', 'ki,kj->ij', 'ik,jk->ij', 'ki,jk->ij']) {
          const shape = (axes: string): number[] => [...axes].map((a) => ({ i: m, j: n, k })[a as 'i' | 'j' | 'k'])
          const [left, right] = spec.split('->')[0]!.split(',') as [string, string]
          const fill = (s: number[], seed: number): Tensor => np.reshape(np.sin(np.mul(seed, np.arange(s[0]! * s[1]!, { dtype }))), s)
          const a = fill(shape(left), 1.3)
          const b = fill(shape(right), 0.7)
          const got = values(np.einsum(spec, a, b))
          configure({ backend: reference })
          const expected = values(np.einsum(spec, a, b))
          configure({ backend: wasm })
          expectClose(got, expected, { atol: (dtype === 'float32' ? 2e-6 : 4e-15) * (k + 1), what: spec })
        }
  })
})
