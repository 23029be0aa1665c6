/**
 * DeZero: the code becomes a package, and `setup_variable` attaches the operators when it is imported.
 * Here importing has no effect: `import { grad, np } from 'adjoint'` is all, and bundlers drop what is not used.
 */
import type { Tensor } from 'adjoint'
import { np, valueAndGrad } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step23: Step = {
  title: 'A package',
  run: () => lines(...valueAndGrad((x: Tensor) => np.pow(np.add(x, 3), 2))(float64(1))),
}
