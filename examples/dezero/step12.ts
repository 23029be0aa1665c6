/**
 * DeZero: packing and unpacking of arguments, so that `add(x0, x1)` can be written and `backward` gets them back one by one.
 * Here derivatives have the form of the arguments: `argnums` says which, a tree gives a tree.
 */
import type { Tensor } from 'adjoint'
import { grad, np } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step12: Step = {
  title: 'Arguments as they are written',
  run: () => {
    const [x0, x1] = [float64(2), float64(3)]
    const sum = ({ a, b }: { readonly a: Tensor; readonly b: Tensor }): Tensor => np.add(a, b)
    return lines(
      np.add(x0, x1),
      Object.entries(grad(sum)({ a: x0, b: x1 }))
        .map(([name, d]) => `d${name} ${String(d)}`)
        .join(' '),
    )
  },
}
