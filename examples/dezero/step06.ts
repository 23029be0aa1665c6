/**
 * DeZero: every Function has a `backward`, called by hand from the last to the first, and stores its input for it.
 * Here `vjp` gives the value and the function that pulls a cotangent back; what it needs it keeps itself.
 */
import { np, vjp } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step06: Step = {
  title: 'Back-propagation by hand',
  run: () => {
    const [a, pullA] = vjp(np.square, float64(0.5))
    const [b, pullB] = vjp(np.exp, a)
    const [y, pullC] = vjp(np.square, b)
    const [db] = pullC(np.onesLike(y))
    const [da] = pullB(db)
    const [dx] = pullA(da)
    return lines(dx)
  },
}
