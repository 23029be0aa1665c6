/** Problems on which an optimizer's character shows, and runs of optimizers on them. */
import type { Tensor } from '../../src/index.js'
import { grad, np, optim, valueAndGrad } from '../../src/index.js'

/** A number that is exact on every machine. */
const exact = (values: number | readonly number[]): Tensor => np.array(values as number[], { dtype: 'float64' })

/** A function and where to start. */
export interface Problem {
  readonly f: (p: Tensor) => Tensor
  readonly from: readonly number[]
}

/** A quadratic valley, 25 times as steep across as along: `(x^2 + 25 y^2) / 2` from `(4, 1)`. */
export const valley: Problem = { f: (p) => np.mul(0.5, np.sum(np.mul(np.square(p), exact([1, 25])))), from: [4, 1] }

/** Rosenbrock's curved valley, `100 (y - x^2)^2 + (1 - x)^2` from `(-1.2, 1)`. */
export const rosenbrock: Problem = {
  f: (p) => {
    const [x, y] = np.unstack(p) as readonly [Tensor, Tensor]
    return np.add(np.mul(100, np.square(np.sub(y, np.square(x)))), np.square(np.sub(1, x)))
  },
  from: [-1.2, 1],
}

/** Two parameters, one a thousand times as large as the other, each to be doubled: the error is relative to the size of each. */
export const scales: Problem = {
  f: (p) => np.sum(np.square(np.sub(np.div(p, exact([100, 0.1])), 2))),
  from: [100, 0.1],
}

const shown = (value: Tensor): number => Math.log10(Math.max(Number(value), 1e-8))

/** Every second number. */
export const halved = (values: readonly number[]): readonly number[] => values.filter((_, k) => k % 2 === 0)

/** `log10` of the value before every step, and after the last. */
export const descend = ({ f, from }: Problem, optimizer: optim.GradientTransformation, steps: number): readonly number[] => {
  let p = exact(from)
  let state = optimizer.init(p)
  const values: number[] = []
  for (let t = 0; t <= steps; t++) {
    const [value, g] = valueAndGrad(f)(p)
    values.push(shown(value))
    const [updates, next] = optimizer.update(g, state, p)
    p = optim.applyUpdates(p, updates)
    state = next
  }
  return values
}

/** The same where every layer, an element of the vector, is a leaf of its own: for steps that look at the size of a layer. */
export const descendByLayer = ({ f, from }: Problem, optimizer: optim.GradientTransformation, steps: number): readonly number[] => {
  let p = from.map(exact)
  const whole = (layers: readonly Tensor[]): Tensor => f(np.stack(layers))
  let state = optimizer.init(p)
  const values: number[] = []
  for (let t = 0; t <= steps; t++) {
    values.push(shown(whole(p)))
    const [updates, next] = optimizer.update(grad(whole)(p) as Tensor[], state, p)
    p = optim.applyUpdates(p, updates)
    state = next
  }
  return values
}

/** `log10` of the value before every step of a minimizer, and after the last. */
export const minimizeBy = ({ f, from }: Problem, method: optim.Minimizer, steps: number): readonly number[] => {
  let state = method.init(f, exact(from))
  const values = [shown(state.value)]
  for (let t = 0; t < steps; t++) {
    state = method.step(f, state)
    values.push(shown(state.value))
  }
  return values
}

/** Where one parameter goes that starts at `from` and meets the gradients `g(0)`, `g(1)`, ... whatever it does; kept within `bound`. */
export const follow = (
  optimizer: optim.GradientTransformation,
  g: (t: number) => number,
  steps: number,
  { from = 0, bound = Infinity }: { readonly from?: number; readonly bound?: number } = {},
): readonly number[] => {
  let p = exact(from)
  let state = optimizer.init(p)
  const places: number[] = []
  for (let t = 0; t <= steps; t++) {
    places.push(Number(p))
    const [updates, next] = optimizer.update(exact(g(t)), state, p)
    p = np.clip(optim.applyUpdates(p, updates), -bound, bound)
    state = next
  }
  return places
}

/** The length of each step of `follow`. */
export const strides = (optimizer: optim.GradientTransformation, g: (t: number) => number, steps: number): readonly number[] => {
  const places = follow(optimizer, g, steps + 1)
  return places.slice(1).map((p, t) => Math.abs(p - places[t]!))
}
