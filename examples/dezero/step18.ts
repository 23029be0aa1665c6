/**
 * DeZero: `retain_grad` throws gradients of intermediate values away, `no_grad` is a global switch that turns recording off.
 * Here nothing is recorded unless a transform asks, and then only what depends on its arguments: there is nothing to switch or to clear.
 */
import type { Tensor } from 'adjoint'
import { grad, np, viz } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step18: Step = {
  title: 'What is recorded',
  run: () => {
    const [x0, x1] = [float64(1), float64(1)]
    const y = (a: Tensor, b: Tensor): Tensor => np.add(a, np.add(a, b))
    const recorded = (f: (x: Tensor) => Tensor): number => viz.tapeOf(f, x0).nodes.length
    return [
      grad(y, { argnums: [0, 1] })(x0, x1)
        .map(String)
        .join(' '),
      ...lines(
        recorded((x) => y(x, x1)),
        recorded(() => y(x0, x1)),
      ),
    ]
  },
}
