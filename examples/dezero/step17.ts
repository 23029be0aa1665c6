/**
 * DeZero: outputs and creators refer to each other, and weak references break the circle, or memory waits for the collector.
 * Here tensors know nothing of functions: a plain call leaves no graph behind, and a loop that never pauses stays within its memory.
 */
import { np, random } from 'adjoint'
import type { Step } from './step.js'

export const step17: Step = {
  title: 'Memory',
  run: ({ short }) => {
    const x = random.normal(random.key(0), [10_000], { dtype: 'float64' })
    const times = short ? 1000 : 20_000
    const round = (): number => {
      for (let i = 0; i < times; i++) np.square(np.square(np.square(x)))
      return process.memoryUsage().rss
    }
    const [first, second] = [round(), round()]
    return [`${(2 * times * 3 * 8 * x.size) / 1e6} MB made, flat: ${String(second - first < 100e6)}`]
  },
}
