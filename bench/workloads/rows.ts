/** Rows by their numbers: 4096 of a table of 10 000 x 128, read, and added up by number (the gradient of reading). */
import type { Tensor } from '../../src/index.js'
import { integers, normal } from '../inputs.js'
import { all } from '../oracle.js'
import { workload, type Foreign } from '../workload.js'

const [table, count, width] = [10_000, 4096, 128]
const traffic = { read: 4 * count * (width + 1), write: 4 * count * width }

const read = workload({
  name: 'read 4096 rows of 128',
  unit: 'us',
  inputs: { x: normal([table, width]), i: integers([count], table) },
  expected: ({ x, i }) => [
    all(Float64Array.from({ length: count * width }, (_, k) => x[i[Math.floor(k / width)]! * width + (k % width)]!)),
  ],
  tolerance: 0,
  traffic,
  programs: {
    adjoint:
      ({ np }, { x, i }) =>
      () =>
        np.take(x, i, { axis: 0 }),
    jaxjs:
      ({ numpy: np }, { x, i }) =>
      () =>
        np.take(x.ref, i.ref, 0),
    tfjs:
      (tf, { x, i }) =>
      () =>
        tf.gather(x, i),
    torch: `
i = i.long()
def call():
    return x.index_select(0, i)
`,
    numpy: 'x[i]',
  },
})

const addUp = workload({
  name: 'add 4096 rows of 128 to 10 000',
  unit: 'us',
  inputs: { u: normal([count, width]), i: integers([count], table) },
  expected: ({ u, i }) => {
    const y = new Float64Array(table * width)
    for (let k = 0; k < u.length; k++) y[i[Math.floor(k / width)]! * width + (k % width)]! += u[k]!
    return [all(y)]
  },
  tolerance: 1e-6,
  traffic: { read: traffic.read, write: 4 * table * width },
  programs: {
    adjoint: ({ np, jit }, { u, i }) => {
      const f = jit((u: Tensor, i: Tensor) => np.at(np.zeros([table, width]), i).add(u))
      return () => f(u, i)
    },
    // Its way to it is the gradient of reading; jitted, that throws.
    jaxjs:
      ({ numpy: np, vjp }, { u, i }) =>
      () => {
        const [y, pull] = vjp((x: Foreign) => np.take(x, i.ref, 0), [np.zeros([table, width])])
        y.dispose()
        const [dx] = pull(u.ref)
        pull.dispose()
        return dx
      },
    tfjs:
      (tf, { u, i }) =>
      () =>
        tf.unsortedSegmentSum(u, i, table),
    torch: `
i = i.long()
def call():
    return torch.zeros(10000, 128).index_add_(0, i, u)
`,
    numpy: `
def call():
    y = np.zeros((10000, 128), np.float32)
    np.add.at(y, i, u)
    return y
`,
  },
})

export const byNumber = [read, addUp]
