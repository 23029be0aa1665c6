/**
 * DeZero: gradient descent on Rosenbrock's function, with `cleargrad` before and `x.data -= ...` after each `backward`.
 * Here a step is a function from a point to the next one.
 */
import type { Tensor } from 'adjoint'
import { grad, jit, np } from 'adjoint'
import type { Plane } from './step24.js'
import type { Step } from './step.js'
import { float64 } from './step.js'

const rosenbrock: Plane = (x, y) => np.add(np.mul(100, np.square(np.sub(y, np.square(x)))), np.square(np.sub(x, 1)))

const descend = jit((x: Tensor, y: Tensor) => {
  const [dx, dy] = grad(rosenbrock, { argnums: [0, 1] })(x, y)
  return [np.sub(x, np.mul(0.001, dx)), np.sub(y, np.mul(0.001, dy))] as const
})

export const step28: Step = {
  title: 'Gradient descent',
  run: () => {
    let point: readonly [Tensor, Tensor] = [float64(0), float64(2)]
    const seen: string[] = []
    for (let i = 0; i <= 1000; i++) {
      if ([0, 1, 2, 1000].includes(i)) seen.push(`${i}: ${point.map((v) => Number(v.item()).toFixed(10)).join(' ')}`)
      point = descend(...point)
    }
    return seen
  },
}
