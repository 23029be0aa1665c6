/** dotGeneral as matrix products, one per element of the batch. */
import type { Equation } from '../../../ir/program.js'
import type { Run } from '../kernel.js'
import type { Machine } from '../machine.js'
import { bytesOf } from '../machine.js'
import { productFor } from './gemm.js'
import { double, single } from './lanes.js'
import { productsOf } from './layout.js'

/** The code of a dotGeneral of floats; `null` for other dtypes. */
export const dotRun = (e: Equation, machine: Machine): Run | null => {
  const [x, y] = [e.inputs[0]!.aval, e.inputs[1]!.aval]
  const out = e.outputs[0]!.aval
  if (x.dtype !== 'float32' && x.dtype !== 'float64') return null
  const bytes = bytesOf(out)
  if (bytes === 0) return () => undefined
  const { heap } = machine
  if (x.size === 0 || y.size === 0)
    return (_, [c]) => {
      heap.view('bool', c!, bytes).fill(0)
    }
  const product = productFor(machine, x.dtype === 'float32' ? single : double, productsOf(e))
  return ([a, b], [c]) => {
    product(a!, b!, c!)
  }
}
