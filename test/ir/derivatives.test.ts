/** The programs of derivatives stay small. */
import { describe, expect, it } from 'vitest'
import type { Program, Tensor } from '../../src/index.js'
import { grad, np, shapeDtype, trace, viz } from '../../src/index.js'
import { checkProgram, optimizeProgram, runProgram } from '../../src/extend.js'

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

describe('derivatives of tanh', () => {
  const orders = derivatives(np.tanh)
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

  it('can be drawn: the eighth as a program, the first as a tape', () => {
    const drawn = viz.toDot(optimizeProgram(orders[7]!.program))
    expect([...drawn.matchAll(/shape=box/g)]).toHaveLength(655)
    expect([...viz.toDot(viz.tapeOf(np.tanh, 0.5)).matchAll(/shape=box/g)]).toHaveLength(1)
  })
})
