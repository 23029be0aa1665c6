/** Scalar functions: values, gradients, higher derivatives, and loops that depend on data. */
import type { Tensor } from '../../../src/index.js'
import { grad, hessian, np, valueAndGrad } from '../../../src/index.js'
import type { DezeroCase, Entry } from '../dezero.js'
import { f64 } from '../fixture.js'

type Plane = (x: Tensor, y: Tensor) => Tensor
type Line = (x: Tensor) => Tensor

const { add, sub, mul, pow, square } = np

const sphere: Plane = (x, y) => add(square(x), square(y))
const matyas: Plane = (x, y) => sub(mul(0.26, sphere(x, y)), mul(0.48, mul(x, y)))
const goldstein: Plane = (x, y) => {
  const sum = (...terms: Tensor[]): Tensor => terms.reduce((a, b) => add(a, b))
  const xy = mul(x, y)
  const left = sum(sub(19, mul(14, x)), mul(3, square(x)), mul(-14, y), mul(6, xy), mul(3, square(y)))
  const right = sum(sub(18, mul(32, x)), mul(12, square(x)), mul(48, y), mul(-36, xy), mul(27, square(y)))
  return mul(add(1, mul(square(sum(x, y, f64(1))), left)), add(30, mul(square(sub(mul(2, x), mul(3, y))), right)))
}
const rosenbrock: Plane = (x, y) => add(mul(100, square(sub(y, square(x)))), square(sub(x, 1)))
const beale: Plane = (x, y) => {
  const term = (c: number, n: number): Tensor => square(add(sub(c, x), mul(x, pow(y, n))))
  return add(add(term(1.5, 1), term(2.25, 2)), term(2.625, 3))
}

const gradientOf =
  (f: Plane): Entry =>
  ({ inputs: { x, y } }) => {
    const [value, gradient] = valueAndGrad(f, { argnums: [0, 1] })(f64(x), f64(y))
    return { value, grad: gradient }
  }
/** The Hessian of a function of the plane, as one matrix. */
const hessianOf =
  (f: Plane): Entry =>
  ({ inputs: { x, y } }) => {
    const packed = (p: Tensor): Tensor => f(np.index(p, 0), np.index(p, 1))
    return { hessian: hessian(packed)(np.array([x, y], { dtype: 'float64' })) }
  }
const slopeOf =
  (f: Line): Entry =>
  ({ inputs: { x } }) => {
    const [y, dx] = valueAndGrad(f)(f64(x))
    return { y, dx }
  }
/** A function and its derivatives up to `order`, of every element. */
const derivatives = (f: Line, order: number): Line[] => {
  const total = (g: Line): Line => grad((x: Tensor) => np.sum(g(x)))
  return Array.from({ length: order }).reduce<Line[]>((fs) => [...fs, total(fs.at(-1)!)], [f])
}
const tensorOf = (x: Tensor | number): Tensor => (typeof x === 'number' ? f64(x) : x)
const nth =
  (f: Line, order: number): Entry =>
  ({ inputs: { x } }) => ({
    [`derivs_0_to_${order}`]: derivatives(f, order).map((g) => g(tensorOf(x))),
  })

/** `sin` by its Taylor series, as long as its terms matter. */
const taylorSin = ({ inputs: { x, threshold }, through }: DezeroCase): unknown => {
  let terms = 0
  const follow = through((term: Tensor, v: Tensor, n: Tensor): Tensor => mul(term, np.div(np.neg(square(v)), mul(n, add(n, 1)))))
  const series = (v: Tensor): Tensor => {
    terms = 0
    let term = v
    let sum = v
    for (;;) {
      terms++
      if (Math.abs(Number(term.item())) < threshold) return sum
      term = follow(term, v, f64(2 * terms))
      sum = add(sum, term)
    }
  }
  const [y, dx] = valueAndGrad(series)(f64(x))
  return { y, dx, terms }
}

const descent: Entry = ({ inputs: { x0, x1, lr }, outputs, through }) => {
  const wanted = Object.keys(outputs.iterates as object).map(Number)
  const iterates: Record<number, readonly Tensor[]> = {}
  const slope = through(grad(rosenbrock, { argnums: [0, 1] }))
  let [x, y] = [f64(x0), f64(x1)]
  for (let i = 0; i <= Math.max(...wanted); i++) {
    if (wanted.includes(i)) iterates[i] = [x, y]
    const [dx, dy] = slope(x, y)
    ;[x, y] = [sub(x, mul(dx, lr)), sub(y, mul(dy, lr))]
  }
  return { iterates }
}

const newton: Entry = ({ inputs: { x0, iters } }) => {
  const f: Line = (x) => sub(pow(x, 4), mul(2, square(x)))
  const [df, ddf] = [grad(f), grad(grad(f))]
  const iterates: Tensor[] = []
  let x = f64(x0)
  for (let i = 0; i < iters; i++) {
    iterates.push(x)
    x = sub(x, np.div(df(x), ddf(x)))
  }
  return { iterates }
}

/** Families `core.*`. */
export const core: Readonly<Record<string, Entry>> = {
  'core.grad.sphere': gradientOf(sphere),
  'core.grad.matyas': gradientOf(matyas),
  'core.grad.goldstein': gradientOf(goldstein),
  'core.grad.rosenbrock': gradientOf(rosenbrock),
  'core.grad.beale': gradientOf(beale),
  'core.hessian.rosenbrock': hessianOf(rosenbrock),
  'core.hessian.beale': hessianOf(beale),
  'core.chain.exp_sq': slopeOf((x) => square(np.exp(square(x)))),
  'core.dag.shared': slopeOf((x) => {
    const a = square(x)
    return add(square(a), square(a))
  }),
  'core.dag.x+x+x': slopeOf((x) => add(add(x, x), x)),
  'core.ops.a*b+c': ({ inputs: { a, b, c } }) => {
    const f = (x: Tensor, y: Tensor, z: Tensor): Tensor => add(mul(x, y), z)
    const [y, gradient] = valueAndGrad(f, { argnums: [0, 1, 2] })(f64(a), f64(b), f64(c))
    return { y, grad: gradient }
  },
  'core.ops.(x+3)^2': slopeOf((x) => pow(add(x, 3), 2)),
  'core.double.step36': ({ inputs: { x } }) => {
    const y: Line = square
    return { 'dz/dx': grad((v: Tensor) => add(pow(grad(y)(v), 3), y(v)))(f64(x)) }
  },
  'core.nth.sin': nth(np.sin, 3),
  'core.nth.tanh': nth(np.tanh, 4),
  'core.nth.log': nth(np.log, 3),
  'core.taylor_sin': taylorSin,
  'core.gd.rosenbrock': descent,
  'core.newton.quartic': newton,
  'core.chain.blog41': ({ inputs: { x, y } }) => {
    const z: Plane = (a, b) => add(add(add(square(a), a), 1), add(mul(2, b), 1))
    const [dx, dy] = grad(z, { argnums: [0, 1] })(f64(x), f64(y))
    return { 'dz/dx': dx, 'dz/dy': dy }
  },
}
