/** dotGeneral as matrix products, one per element of the batch. */
import type { Equation } from '../../../ir/program.js'
import type { Task } from '../kernel.js'
import type { Machine } from '../machine.js'
import { bytesOf } from '../machine.js'
import { tasked } from '../scratch.js'
import { productFor } from './gemm.js'
import { double, single } from './lanes.js'
import { productsOf } from './layout.js'

/** The code of a dotGeneral of floats. */
export const dotTask = (e: Equation, machine: Machine): Task => {
  const [x, y] = [e.inputs[0]!.aval, e.inputs[1]!.aval]
  const out = e.outputs[0]!.aval
  const bytes = bytesOf(out)
  const { heap } = machine
  if (x.size === 0 || y.size === 0 || bytes === 0)
    return {
      scratch: 0,
      beyond: 0,
      run: (_, [c]) => {
        heap.view('bool', c!, bytes).fill(0)
      },
    }
  return tasked(machine, (site) => {
    const product = productFor(site, x.dtype === 'float32' ? single : double, productsOf(e))
    return ([a, b], [c]) => {
      product(a!, b!, c!)
    }
  })
}
