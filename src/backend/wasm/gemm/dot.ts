/** dotGeneral as matrix products, one per element of the batch. */
import { isReal } from '../../../core/dtype.js'
import type { Equation } from '../../../ir/program.js'
import type { HeapTask } from '../kernel.js'
import type { Machine } from '../machine.js'
import { bytesOf } from '../../../compile/cost.js'
import { productFor } from './gemm.js'
import { double, single } from './lanes.js'
import type { Routine } from '../routines/routine.js'
import { productsOf } from './layout.js'

const task = (e: Equation, machine: Machine): HeapTask => {
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
  const { scratch, run } = productFor(machine, x.dtype === 'float32' ? single : double, productsOf(e))
  return { scratch, beyond: 0, run: ([a, b], [c], at) => run(a!, b!, c!, at) }
}

/** Products of floats; those of integers are loops. */
export const dotRoutine: Routine = { takes: ({ outputs }) => isReal(outputs[0]!.aval.dtype), task }
