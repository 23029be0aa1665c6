/** Problems on which an optimizer's character shows, and runs of optimizers on them. */
import type { Tensor } from '../../src/index.js'
import { jit, np, optim, valueAndGrad } from '../../src/index.js'

/** A number that is exact on every machine. */
const exact = (values: number | readonly number[]): Tensor => np.array(values, { dtype: 'float64' })

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

/** `log10` of the value before every step, and after the last, of a function of any tree. */
const run = <P>(f: (p: P) => Tensor, from: P, optimizer: optim.GradientTransformation, steps: number): readonly number[] => {
  const step = jit((p: P, state: optim.State) => {
    const [value, g] = valueAndGrad(f)(p) as unknown as readonly [Tensor, P]
    const [updates, next] = optimizer.update(g, state, p)
    return [value, optim.applyUpdates(p, updates), next] as const
  })
  let p = from
  let state = optimizer.init(p)
  const values: number[] = []
  for (let t = 0; t <= steps; t++) {
    const [value, moved, next] = step(p, state)
    values.push(shown(value))
    p = moved as P
    state = next
  }
  return values
}

/** `log10` of the value before every step, and after the last. */
export const descend = ({ f, from }: Problem, optimizer: optim.GradientTransformation, steps: number): readonly number[] =>
  run(f, exact(from), optimizer, steps)

/** The same where every layer, an element of the vector, is a leaf of its own: for steps that look at the size of a layer. */
export const descendByLayer = ({ f, from }: Problem, optimizer: optim.GradientTransformation, steps: number): readonly number[] =>
  run((layers: readonly Tensor[]) => f(np.stack(layers)), from.map(exact), optimizer, steps)

/** `log10` of the value before every step of a minimizer, and after the last. */
export const minimizeBy = ({ f, from }: Problem, method: optim.Minimizer, steps: number): readonly number[] => {
  const step = jit((state: optim.Minimum<Tensor>) => method.step(f, state))
  let state = method.init(f, exact(from))
  const values = [shown(state.value)]
  for (let t = 0; t < steps; t++) {
    state = step(state)
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
  const step = jit((p: Tensor, state: optim.State, slope: Tensor) => {
    const [updates, next] = optimizer.update(slope, state, p)
    return [np.clip(optim.applyUpdates(p, updates), -bound, bound), next] as const
  })
  let p = exact(from)
  let state = optimizer.init(p)
  const places: number[] = []
  for (let t = 0; t <= steps; t++) {
    places.push(Number(p))
    const [moved, next] = step(p, state, exact(g(t)))
    p = moved
    state = next
  }
  return places
}

/** The length of each step of `follow`. */
export const strides = (optimizer: optim.GradientTransformation, g: (t: number) => number, steps: number): readonly number[] => {
  const places = follow(optimizer, g, steps + 1)
  return places.slice(1).map((p, t) => Math.abs(p - places[t]!))
}
