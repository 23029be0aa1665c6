/** Computed where something is refused: a gradient, enough work that threads would be started, a value; then what `probe` says. */
import { grad, jit, np, probe, type Tensor } from '../../src/index.js'

const slope = grad((x: Tensor) => np.sum(np.mul(np.tanh(x), x)))(np.array([1, 2, 3])).toArray() as number[]
if (Math.abs(slope[0]! - 1.18157) > 1e-4) throw new Error(`the gradient is ${String(slope)}`)
const work = jit((x: Tensor) => np.sum(np.sin(np.mul(np.exp(np.sin(x)), 0))))
for (let k = 0; k < 20; k++) if (work(np.ones([1 << 19])).item() !== 0) throw new Error('the sum is wrong')

/** Workers are refused after the event loop turned. */
const said = (): void => {
  if (work(np.ones([1 << 19])).item() !== 0) throw new Error('the sum is wrong after a refusal')
  console.log(`computed; ${probe()}`)
}
setTimeout(said, 500)
