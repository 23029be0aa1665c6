/** All workloads, by file. */
import type { Workload } from '../workload.js'
import { chain } from './chain.js'
import { cnn, memory } from './cnn.js'
import { convolution } from './convolution.js'
import { dispatch } from './dispatch.js'
import { elementary } from './elementary.js'
import { gradientCost } from './gradient-cost.js'
import { large } from './large.js'
import { lstm } from './lstm.js'
import { matmul } from './matmul.js'
import { compile, mlp } from './mlp.js'
import { attention, passes } from './passes.js'
import { products } from './products.js'
import { axes, reductions } from './reductions.js'
import { byNumber } from './rows.js'
import { transformer } from './transformer.js'

/** What `--only` takes -> its rows, in the order of the table. */
export const groups: Readonly<Record<string, readonly Workload[]>> = {
  matmul,
  products,
  convolution,
  mlp,
  cnn,
  lstm,
  transformer,
  attention,
  chain,
  large,
  passes,
  reductions,
  axes,
  rows: byNumber,
  elementary,
  dispatch,
  compile,
  'gradient-cost': gradientCost,
  memory,
}

const all = new Map(
  Object.values(groups)
    .flat()
    .map((w) => [w.name, w]),
)

/** The workload of a name. */
export const find = (name: string): Workload => all.get(name)!
