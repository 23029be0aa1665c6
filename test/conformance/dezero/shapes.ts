/** Movements of data, indexing, reductions and products. */
import type { Tensor } from '../../../src/index.js'
import { linearTranspose, np } from '../../../src/index.js'
import type { Entry } from '../dezero.js'
import { op } from './pull.js'

interface Target {
  readonly shape: readonly number[]
}

/** Sums `x` to a shape that broadcasts to its own: the transpose of broadcasting. */
const sumTo = (x: Tensor, shape: readonly number[]): Tensor =>
  linearTranspose((y: Tensor) => np.broadcastTo(y, x.shape), np.zeros(shape, { dtype: 'float64' }))(x)[0]

/** Families `shape.*`, `index.*`, `reduce.*`, `matmul.*`. */
export const shapes: Readonly<Record<string, Entry>> = {
  'shape.sum_to.2x2x3': ({ inputs: { x }, outputs }) => ({
    table: (outputs.table as unknown as readonly Target[]).map(({ shape }) => ({ shape, y: sumTo(x, shape) })),
  }),
  'shape.broadcast_add': op(({ x0, x1 }) => np.add(x0!, x1!)),
  'shape.broadcast_div': op(({ x0, x1 }) => np.div(x0!, x1!)),
  'shape.reshape': op(({ x }, { shape }) => np.reshape(x!, shape)),
  'shape.transpose': op(({ x }) => np.transpose(x!)),
  'shape.transpose.axes': op(({ x }, { axes }) => np.transpose(x!, axes)),
  'shape.sum.axis0': op(({ x }, { axis }) => np.sum(x!, { axis })),
  'shape.sum.all': op(({ x }) => np.sum(x!)),
  'shape.average.axis1': op(({ x }, options) => np.mean(x!, options)),
  'index.int': op(({ x }) => np.index(x!, 1)),
  'index.ellipsis': op(({ x }) => np.index(x!, '...', 2)),
  'index.slice': op(({ x }) => np.index(x!, '1:3')),
  'index.gather_repeat': op(({ x }) => np.index(x!, [0, 0, 1])),
  'reduce.max.axis1': op(({ x }, { axis }) => np.max(x!, { axis })),
  'reduce.min.all': op(({ x }) => np.min(x!)),
  // DeZero passes the derivative at both bounds; `np.clip` splits it between bound and value, as JAX does.
  clip: op(({ x }, { min, max }) => np.where(np.less(x!, min), min, np.where(np.greater(x!, max), max, x!))),
  'matmul.blog41': op(({ x, W }) => np.matmul(x!, W!)),
  'matmul.test': op(({ x, W }) => np.matmul(x!, W!)),
}
