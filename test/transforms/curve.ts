/** A function whose derivatives are known by hand: the sum of sin(x) x^2. Tests of transforms ask for them in every way. */
import type { Tensor } from '../../src/index.js'
import { np } from '../../src/index.js'

export const f64 = (x: unknown): Tensor => np.array(x as number[], { dtype: 'float64' })

const places = [0.5, -1.25, 2]

/** Where it is looked at. */
export const point = f64(places)
/** The function. */
export const curve = (x: Tensor): Tensor => np.sum(np.mul(np.sin(x), np.square(x)))
/** Its value at `point`. */
export const value = places.reduce((sum, x) => sum + Math.sin(x) * x * x, 0)

const slopeAt = (x: number): number => Math.cos(x) * x * x + 2 * x * Math.sin(x)
/** Its gradient at `point`. */
export const slope = places.map(slopeAt)
/** Its gradient at the squares of numbers, times the derivative of the squares. */
export const slopeOfSquares = (xs: readonly number[]): number[] => xs.map((x) => slopeAt(x * x) * 2 * x)

const curvature = places.map((x) => -Math.sin(x) * x * x + 4 * x * Math.cos(x) + 2 * Math.sin(x))
/** Its Hessian at `point`. */
export const bend = curvature.map((c, i) => curvature.map((_, k) => (i === k ? c : 0)))
/** Its Hessian times ones. */
export const bendOfOnes = curvature

/** What double precision leaves of a handful of operations. */
export const near = { rtol: 1e-14, atol: 1e-14 } as const
