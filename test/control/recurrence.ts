/** A recurrence over the entries of a vector, and the same with JavaScript's numbers: what loops are compared with. */
import type { Tensor } from '../../src/index.js'
import { np, scan } from '../../src/index.js'

export const f64 = (x: unknown): Tensor => np.array(x as number[], { dtype: 'float64' })

export const places = [0.5, -1.25, 2]

/** c' = sin(c x + x), from 0.3; the last c plus the sum of all c' c. */
export const recurrence = (xs: Tensor, options = {}): Tensor => {
  const [c, ys] = scan(
    (c: Tensor, x: Tensor) => {
      const next = np.sin(np.add(np.mul(c, x), x))
      return [next, np.mul(next, c)]
    },
    f64(0.3),
    xs,
    options,
  )
  return np.add(c, np.sum(ys))
}

/** The same by hand, with its gradient by the rules of a first course. */
export const byHand = (xs: readonly number[]): { readonly value: number; readonly slope: readonly number[] } => {
  let [c, total] = [0.3, 0]
  let [dc, dTotal] = [xs.map(() => 0), xs.map(() => 0)]
  xs.forEach((x, k) => {
    const inner = c * x + x
    const next = Math.sin(inner)
    const dNext = dc.map((d, i) => Math.cos(inner) * (d * x + (i === k ? c + 1 : 0)))
    dTotal = dTotal.map((d, i) => d + dNext[i]! * c + next * dc[i]!)
    total += next * c
    ;[c, dc] = [next, dNext]
  })
  return { value: c + total, slope: dc.map((d, i) => d + dTotal[i]!) }
}

export const near = { atol: 1e-13, rtol: 1e-13 } as const
