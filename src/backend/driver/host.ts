/** Functions of the host on whatever machine: inputs are read from its memory, results written to it. */
import type { Equation, HostLowering, Params } from '../../ir/primitive.js'
import { callHost } from '../../ir/host.js'
import type { TypedArray } from '../../core/dtype.js'
import { andThen, together } from './later.js'
import type { Allocator, Task } from './allocator.js'

/** The task of an equation that calls a function of the host. */
export const hostTask = <A>(e: Equation, lower: HostLowering<Params>, memory: Allocator<A>): Task<A> => {
  const ins = e.inputs.map((a) => a.aval)
  const outs = e.outputs.map((v) => v.aval)
  return {
    scratch: 0,
    beyond: 0,
    run: (inputs, outputs) => {
      const called = (read: readonly TypedArray[]): void => {
        callHost(e.prim, lower, read, { ins, outs, params: e.params }).forEach((x, k) => {
          memory.write(outputs[k]!, x, outs[k]!)
        })
      }
      return andThen(together(inputs.map((at, k) => memory.read(at, ins[k]!))), called)
    },
  }
}
