/** checkGrads: what it accepts, what it finds, and what it says. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { customJvp, customVjp, np } from '../../src/index.js'
import { checkGrads, LawError, tensor } from '../../laws/index.js'

interface Params {
  readonly l1: { readonly w: Tensor; readonly b: Tensor }
  readonly l2: readonly [Tensor, number]
}

const params: Params = {
  l1: {
    w: np.array([
      [0.5, -1],
      [0.25, 2],
      [1, 0.125],
    ]),
    b: np.array([0.5, -0.25]),
  },
  l2: [np.array([1, -0.5]), 0.75],
}
const x = np.array([
  [1, 2, -0.5],
  [0.25, -1, 0.5],
])

const model = ({ l1, l2 }: Params, input: Tensor): Tensor =>
  np.sum(np.add(np.matmul(np.tanh(np.add(np.matmul(input, l1.w), l1.b)), l2[0]), l2[1]))

/** The square with a derivative that is wrong above 1. */
const wrongSquare = customVjp((y: Tensor) => np.square(y), {
  fwd: (y: Tensor) => [np.square(y), y] as const,
  bwd: (y: Tensor, ct: Tensor) => [np.mul(ct, np.where(np.greater(y, 1), np.mul(y, 2.001), np.mul(y, 2)))] as const,
})

const thrownBy = (f: () => void): Error | undefined => {
  try {
    f()
  } catch (error) {
    if (error instanceof Error) return error
  }
  return undefined
}

const messageOf = (f: () => void): string => thrownBy(f)?.message ?? 'nothing was thrown'

describe('checkGrads', () => {
  it('accepts trees, numbers, integers and booleans', () => {
    checkGrads(model, [params, x])
    checkGrads(
      (y: Tensor, n: Tensor, flag: boolean) => ({ a: np.mul(y, np.astype(n, 'float64')), b: flag ? [np.sin(y)] : [] }),
      [np.array([1, 2]), np.array([3, 4], { dtype: 'int32' }), true],
    )
    checkGrads((a: number, b: number) => np.mul(np.exp(a), b), [0.5, 2], { order: 3 })
  })
  it('accepts functions that compute in float32', () => {
    checkGrads((y: Tensor) => np.sin(np.astype(y, 'float32')), [np.array([0.5, 1])], { order: 1 })
  })
  it('checks one mode alone', () => {
    checkGrads(model, [params, x], { modes: ['fwd'] })
    checkGrads(model, [params, x], { modes: ['rev'] })
  })
  it('says which argument, entry and numbers are wrong', () => {
    const f = (p: { readonly a: Tensor; readonly b: Tensor }): Tensor => np.sum(np.add(np.sin(p.a), wrongSquare(p.b)))
    const wrong = (): void => {
      checkGrads(
        f,
        [
          {
            a: np.array([1, 2]),
            b: np.array([
              [0.5, 1.5],
              [0.25, -1],
            ]),
          },
        ],
        { order: 1 },
      )
    }
    expect(wrong).toThrow(LawError)
    expect(messageOf(wrong)).toMatchInlineSnapshot(`
      "the derivative is wrong: order 1, mode fwd
        argument 0 at 'b', entry [0, 1]; output 0, entry []
        derivative 3.0015
        difference 3   (relative difference 5.0e-4, allowed 1e-9)
        argument 0 at 'a': float64[2] {1, 2}
        argument 0 at 'b': float64[2,2] {0.5, 1.5, 0.25, -1}"
    `)
  })
  it('says so for reverse mode alone', () => {
    const wrong = (): void => {
      checkGrads((y: Tensor) => wrongSquare(y), [np.array([0.5, 1.5])], { order: 1, modes: ['rev'] })
    }
    expect(messageOf(wrong)).toMatchInlineSnapshot(`
      "the derivative is wrong: order 1, mode rev
        argument 0, entry [1]: the derivative of <ct, output>
        reverse mode 1.8759375
        difference   1.875   (relative difference 5.0e-4, allowed 1e-9)
        ct of output 0: float64[2] {-1, 0.625}
        argument 0: float64[2] {0.5, 1.5}"
    `)
  })
  it('finds a wrong second derivative behind a right first one', () => {
    const f = customJvp((y: Tensor) => np.sin(y), (([y]: readonly [Tensor], [dy]: readonly [Tensor]) => [
      np.sin(y),
      np.mul(dy, wrongCos(y)),
    ]) as never)
    const wrongCos = customJvp((y: Tensor) => np.cos(y), (([y]: readonly [Tensor], [dy]: readonly [Tensor]) => [
      np.cos(y),
      np.mul(dy, np.sin(y)),
    ]) as never)
    checkGrads(f, [np.array([0.5])], { order: 1 })
    expect(
      messageOf(() => {
        checkGrads(f, [np.array([0.5])], { order: 2 })
      }),
    ).toMatchInlineSnapshot(`
      "the derivative is wrong: order 2, mode fwd over fwd
        argument 0, entry [0]; output 0, entry [0]
        derivative -0.17978457697657613
        difference 0.17978457698   (relative difference 2.0e+0, allowed 1e-9)
        argument 0: float64[1] {0.5}"
    `)
  })
  it('refuses a derivative that is not finite', () => {
    expect(
      messageOf(() => {
        checkGrads((y: Tensor) => np.sqrt(y), [np.array([0])], { order: 1 })
      }),
    ).toContain('the derivative is wrong')
  })
  it('gives the shrunk input under fast-check', () => {
    const property = fc.property(tensor([2]), (y) => {
      checkGrads((z: Tensor) => wrongSquare(z), [y], { order: 1 })
    })
    const error = thrownBy(() => {
      fc.assert(property, { seed: 1, numRuns: 100 })
    })
    expect(error?.message).toContain('Counterexample: [[1.125 0.   ]]')
    expect((error?.cause as Error).message).toContain('argument 0, entry [0]')
  })
  it.each([
    [['fwd'], 'fwd'],
    [['rev'], 'rev'],
    [['fwd', 'rev'], 'fwd'],
  ] as const)('compares fwd of a customVjp with the function, in modes %j', (modes, mode) => {
    const off = customVjp((y: Tensor) => np.sin(y), {
      fwd: (y: Tensor) => [np.add(np.sin(y), 0.001), y] as const,
      bwd: (y: Tensor, ct: Tensor) => [np.mul(ct, np.cos(y))] as const,
    })
    const message = messageOf(() => {
      checkGrads((y: Tensor) => off(y), [np.array([0.5])], { order: 1, modes })
    })
    expect(message).toContain(`order 1, mode ${mode}: the value that comes with the derivative`)
    expect(message).toContain('entry [0] is 0.480425538604203, expected 0.479425538604203')
  })
  it('compares the shapes of both too', () => {
    const longer = customVjp((y: Tensor) => np.sum(y), {
      fwd: (y: Tensor) => [np.stack([np.sum(y), np.sum(y)]), y] as const,
      bwd: (y: Tensor, ct: Tensor) => [np.mul(np.ones(y.shape, { dtype: 'float64' }), np.sum(ct))] as const,
    })
    expect(
      messageOf(() => {
        checkGrads((y: Tensor) => longer(y), [np.array([0.5, 1])], { order: 1 })
      }),
    ).toContain('float64[2], expected float64[]')
  })
  it.each([
    [{ modes: ['forward'] }, /modes must be a list of 'fwd' and 'rev', got \[the string 'forward'\]/],
    [{ modes: [] }, /modes must be a list/],
    [{ modes: 'fwd' }, /modes must be a list/],
    [{ mode: ['fwd'] }, /there is no option 'mode'/],
    [{ order: 0 }, /order must be a whole number from 1, got 0/],
    [{ order: 1.5 }, /order must be a whole number/],
    [{ order: NaN }, /order must be a whole number/],
    [{ eps: 0 }, /eps must be a number above 0/],
    [{ rtol: -1 }, /rtol must be a number above 0/],
    [{ atol: NaN }, /atol must be a number from 0/],
    [{ seed: 0.5 }, /seed must be a whole number/],
  ])('refuses %j, with which nothing would be checked', (options, message) => {
    expect(
      messageOf(() => {
        checkGrads((y: Tensor) => wrongSquare(y), [np.array([1.5])], options as never)
      }),
    ).toMatch(message)
  })
})
