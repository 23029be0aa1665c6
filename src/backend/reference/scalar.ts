/** Elementwise equations. */
import type { Aval } from '../../core/aval.js'
import { dtypes, type TypedArray } from '../../core/dtype.js'
import type { Expr } from '../../kernel/scalar.js'
import { sequence } from './expression.js'
import type { HostKernel } from './kernel.js'
import { chunk } from './loop.js'

/** The kernel of one expression per output, evaluated at every element of `inputs` inputs. */
export const scalarKernel = (roots: readonly Expr[], inputs: number, outs: readonly Aval[]): HostKernel => {
  const size = outs[0]!.size
  const make = outs.map((a) => dtypes[a.dtype].make)
  const makeFirst = make[0]!
  const { steps, registers, single } = sequence(roots, inputs, size)

  const only = roots[0]!
  if (roots.length === 1 && only.op === 'input') return (ins) => [ins[only.index]!]
  if (single !== undefined) {
    const { loop, operands } = single
    const [a = 0, b = a, c = a] = operands
    return (ins) => {
      const o = makeFirst(size)
      loop(o, size, ins[a]!, ins[b]!, ins[c]!)
      return [o]
    }
  }

  const filled: TypedArray[] = registers.map((r) => r ?? new Uint8Array(0))
  return (ins) => {
    const outputs = make.map((m) => m(size))
    const r = filled.slice()
    if (size <= chunk) {
      for (let k = 0; k < inputs; k++) r[k] = ins[k]!
      for (let k = 0; k < outputs.length; k++) r[inputs + k] = outputs[k]!
      for (let k = 0; k < steps.length; k++) steps[k]!(r, size, 0)
      return outputs
    }
    for (let start = 0; start < size; start += chunk) {
      const end = Math.min(start + chunk, size)
      for (let k = 0; k < inputs; k++) r[k] = ins[k]!.subarray(start, end)
      for (let k = 0; k < outputs.length; k++) r[inputs + k] = outputs[k]!.subarray(start, end)
      for (let k = 0; k < steps.length; k++) steps[k]!(r, end - start, start)
    }
    return outputs
  }
}
