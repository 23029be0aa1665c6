/** Memory in loops that never yield to the event loop and free nothing by hand. */
import { grad, jit, np, type Tensor } from '../src/index.js'
import { table, three } from './measure.js'

const megabytes = (): number => process.memoryUsage().rss / 2 ** 20

/** Resident megabytes after a tenth of the loop, at its end, and the most in between. */
const watch = (name: string, count: number, f: (i: number) => void): readonly string[] => {
  const tenth = count / 10
  let early = 0
  let most = 0
  for (let i = 0; i < count; i++) {
    f(i)
    if (i % tenth !== tenth - 1) continue
    const rss = megabytes()
    if (early === 0) early = rss
    most = Math.max(most, rss)
  }
  return [name, three(early), three(most), three(megabytes())]
}

/** Resident set of the process, in megabytes. */
export const memory = (): string => {
  const w = np.array([0.1, -0.2, 0.3, 0.4])
  const loss = (p: Tensor): Tensor => np.sum(np.square(np.sub(np.tanh(np.mul(p, w)), w)))
  const eager = grad(loss)
  const compiled = jit(eager)
  let p = w
  return table([
    ['resident MB', 'after a tenth', 'at most', 'at the end'],
    watch('100 000 eager gradient steps', 100_000, () => {
      p = np.sub(p, np.mul(eager(p), 0.01))
    }),
    watch('100 000 compiled gradient steps', 100_000, () => {
      p = np.sub(p, np.mul(compiled(p), 0.01))
    }),
    watch('10 000 dropped tensors of 1 MB', 10_000, (i) => {
      np.full([2 ** 18], i)
    }),
  ])
}
