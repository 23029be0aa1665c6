/** The programs of derivatives stay small. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pass } from '../../laws/program.js'
import { programs } from '../../laws/index.js'
import type { Program, Tensor } from '../../src/index.js'
import { checkProgram, grad, np, optimizeProgram, printProgram, runProgram, shapeDtype, trace, viz } from '../../src/index.js'
import { bind } from '../../src/ir/bind.js'
import { OUT } from '../../src/ir/linear.js'
import { reassociate } from '../../src/ir/passes/reassociate.js'
import { none } from '../../src/ir/primitive.js'
import { s } from '../../src/kernel/scalar.js'
import { elementwise, reads } from '../../src/prim/define.js'
import { options } from '../laws/options.js'
import { expectClose } from '../expectClose.js'

type Line = (x: Tensor) => Tensor

/** The programs of the first eight derivatives. */
const derivatives = (of: Line): readonly { readonly f: Line; readonly program: Program }[] => {
  const orders: { f: Line; program: Program }[] = []
  let f: Line = of
  for (let n = 1; n <= 8; n++) {
    f = grad(f)
    orders.push({ f, program: trace(f, shapeDtype([], 'float64')).program })
  }
  return orders
}
const sizes = (programs: readonly Program[]): readonly number[] => programs.map((p) => p.equations.length)

/** tanh with the derivative 1 - y^2 of the textbooks: those of higher order are polynomials in y, whose like terms can be collected. */
const textbookP = elementwise('tanh', { scalar: (x) => s.tanh(x), partials: [reads([OUT], (y) => np.sub(1, np.mul(y, y)))] })
const textbook: Line = (x) => bind(textbookP, [x], none)

describe('derivatives of tanh', () => {
  const orders = derivatives(np.tanh)
  const polynomials = derivatives(textbook)
  /** Functions in DeZero's graphs of the same derivatives. */
  const dezero = [4, 9, 21, 51, 129, 339, 921, 2571]
  const x = np.array(0.3, { dtype: 'float64' })

  it('lose two thirds of their equations without losing a bit', () => {
    const optimized = orders.map(({ program }) => checkProgram(optimizeProgram(program)))
    expect(sizes(optimized)).toEqual([1, 4, 9, 18, 43, 103, 254, 655])
    expect(optimized.length).toBe(orders.length)
    orders.forEach(({ program }, k) => {
      expect(optimized[k]!.equations.length).toBeLessThan(dezero[k]!)
      expect(runProgram(optimized[k]!, [x])[0]!.item()).toBe(runProgram(program, [x])[0]!.item())
    })
  })

  it('stay small when like terms are collected', () => {
    const optimized = polynomials.map(({ program }) => checkProgram(optimizeProgram(program, { reassociate: true })))
    expect(sizes(optimized)).toEqual([3, 5, 7, 11, 21, 38, 70, 122])
    expect(optimized.length).toBe(polynomials.length)
    polynomials.forEach(({ f }, k) => {
      const expected = Number(f(x).item())
      expect(Math.abs(Number(runProgram(optimized[k]!, [x])[0]!.item()) - expected)).toBeLessThan(1e-12 * Math.abs(expected))
    })
  })

  it('can be drawn: the eighth as a program, the first as a tape', () => {
    const drawn = viz.toDot(optimizeProgram(polynomials[7]!.program, { reassociate: true }))
    expect([...drawn.matchAll(/shape=box/g)]).toHaveLength(122)
    expect([...viz.toDot(viz.tapeOf(np.tanh, 0.5)).matchAll(/shape=box/g)]).toHaveLength(1)
  })
})

describe('reassociate', () => {
  const shorter = (f: (...xs: Tensor[]) => Tensor, n: number, shape: number[] = []): string =>
    printProgram(optimizeProgram(trace(f, ...Array.from({ length: n }, () => shapeDtype(shape, 'float64'))).program, { reassociate: true }))

  it('collects like terms', () => {
    expect(shorter((a, b, c) => np.sub(np.add(np.mul(a, b), c), np.mul(3, np.mul(b, a))), 3)).toBe(
      [
        '{ (a:float64[] b:float64[] c:float64[]) =>',
        '    d:float64[] = mul a b',
        '    e:float64[] = mul 2:float64[] d',
        '    f:float64[] = sub c e',
        '  in (f) }',
      ].join('\n'),
    )
  })

  it('knows sums that are multiples of each other', () => {
    const f = (a?: Tensor, b?: Tensor): Tensor => np.mul(np.sub(np.mul(2, a!), np.mul(2, b!)), np.sub(b!, np.add(a!, np.mul(0, a!))))
    expect(shorter(f, 2, [3])).toBe(
      [
        '{ (a:float64[3] b:float64[3]) =>',
        '    c:float64[3] = sub a b',
        '    d:float64[3] = mul c c',
        '    e:float64[3] = broadcast[shape=[3] axes=[]] -2:float64[]',
        '    f:float64[3] = mul e d',
        '  in (f) }',
      ].join('\n'),
    )
  })

  it('keeps fractions as they are written', () => {
    expect(shorter((a, b, c) => np.mul(np.sub(np.add(np.mul(0.5, a), np.mul(0.75, b)), np.mul(2, a)), np.add(c, 1)), 3)).toBe(
      [
        '{ (a:float64[] b:float64[] c:float64[]) =>',
        '    d:float64[] = mul 1.5:float64[] a',
        '    e:float64[] = mul 0.75:float64[] b',
        '    f:float64[] = sub d e',
        '    g:float64[] = add 1:float64[] c',
        '    h:float64[] = mul f g',
        '    i:float64[] = mul -1:float64[] h',
        '  in (i) }',
      ].join('\n'),
    )
  })

  it('leaves alone what does not become shorter', () => {
    const { program } = trace((x: Tensor) => np.add(np.mul(x, x), np.sub(x, 1)), shapeDtype([], 'float64'))
    expect(reassociate(program)).toBe(program)
  })

  it('is not recursive in the length of the program', () => {
    const long = (x: Tensor): Tensor => {
      let y = x
      for (let i = 0; i < 20_000; i++) y = np.sub(np.add(np.mul(y, 2), x), np.mul(x, 3))
      return y
    }
    const { program } = trace(long, shapeDtype([], 'float64'))
    expect(reassociate(program).equations.length).toBeLessThan(program.equations.length)
  })

  /** Random programs of sums and products of few values, in which like terms abound. */
  const polynomials = fc
    .array(fc.tuple(fc.nat(5), fc.nat(3), fc.nat(3)), { minLength: 4, maxLength: 14, size: 'max' })
    .map((steps) => (...xs: Tensor[]): readonly Tensor[] => {
      const values = [...xs]
      for (const [op, i, j] of steps) {
        const [x, y] = [values[values.length - 1 - (i % values.length)]!, values[j % values.length]!]
        const made = [
          () => np.add(x, y),
          () => np.sub(x, y),
          () => np.mul(x, np.tanh(y)),
          () => np.neg(x),
          () => np.mul(x, 2 - j),
          () => np.add(x, 0.5),
        ]
        values.push(made[op]!())
      }
      return values.slice(-2)
    })
  const points = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 6, maxLength: 6 }).map((ns) => {
    const rows = ns.map((n) => n / 4)
    return [np.array(rows.slice(0, 3), { dtype: 'float64' }), np.array(rows.slice(3), { dtype: 'float64' })]
  })

  it('preserves meaning up to rounding, and shortens', () => {
    let shortened = 0
    fc.assert(
      fc.property(polynomials, points, (f, xs) => {
        const { program, captures } = trace(f, ...xs)
        const before = optimizeProgram(program)
        const after = checkProgram(optimizeProgram(program, { reassociate: true }))
        if (after.equations.length < before.equations.length) shortened++
        const expected = runProgram(before, [...captures, ...xs])
        const shorter = runProgram(after, [...captures, ...xs])
        expect(shorter.length).toBe(expected.length)
        shorter.forEach((y, k) => {
          expectClose(y, expected[k]!, { atol: 1e-9, rtol: 1e-9 })
        })
      }),
      { numRuns: 300, seed: 1 },
    )
    expect(shortened).toBeGreaterThan(50)
  })

  it('preserves meaning up to rounding on programs of all kinds', () => {
    pass('reassociate', (p) => optimizeProgram(p, { reassociate: true }), programs(12), { ...options(150), bound: 1e-9 })
  })
})
