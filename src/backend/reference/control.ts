/** Control flow: primitives that hold Programs. */
import { dtypes, type TypedArray } from '../../core/dtype.js'
import type { Aval } from '../../core/aval.js'
import type { ControlForm, Program } from '../../ir/primitive.js'
import type { HostKernel } from './kernel.js'

type Form<K extends ControlForm['kind']> = Extract<ControlForm, { readonly kind: K }>
type Compile = (program: Program) => HostKernel

const cond = ({ branches }: Form<'cond'>, compile: Compile): HostKernel => {
  const kernels = branches.map(compile)
  const last = kernels.length - 1
  return (inputs) => kernels[Math.min(Math.max(inputs[0]![0]!, 0), last)]!(inputs.slice(1))
}

const whileLoop = ({ cond: test, body, condConsts, bodyConsts }: Form<'while'>, compile: Compile): HostKernel => {
  const [goes, next] = [compile(test), compile(body)]
  const first = condConsts + bodyConsts
  return (inputs) => {
    const tests = inputs.slice(0, condConsts)
    const consts = inputs.slice(condConsts, first)
    let carry: readonly TypedArray[] = inputs.slice(first)
    while (goes([...tests, ...carry])[0]![0] !== 0) carry = next([...consts, ...carry])
    return carry
  }
}

const scan = (
  { body, length, reverse, consts, carry }: Form<'scan'>,
  compile: Compile,
  ins: readonly Aval[],
  outs: readonly Aval[],
): HostKernel => {
  const step = compile(body)
  const first = consts + carry
  const widths = ins.slice(first).map((a) => (length === 0 ? 0 : a.size / length))
  const stacked = outs.slice(carry)
  const heights = stacked.map((a) => (length === 0 ? 0 : a.size / length))
  return (inputs) => {
    const ys = stacked.map((a) => dtypes[a.dtype].make(a.size))
    const given = inputs.slice()
    for (let k = 0; k < length; k++) {
      const t = reverse ? length - 1 - k : k
      // Slices are copies: a carry that is one of them must not keep the whole array alive.
      widths.forEach((w, i) => {
        given[first + i] = inputs[first + i]!.slice(t * w, (t + 1) * w)
      })
      const results = step(given)
      for (let i = 0; i < carry; i++) given[consts + i] = results[i]!
      heights.forEach((h, i) => {
        ys[i]!.set(results[carry + i]!, t * h)
      })
    }
    return [...given.slice(consts, first), ...ys]
  }
}

/** The kernel of a primitive that holds Programs, over inputs of avals `ins`. */
export const controlKernel = (form: ControlForm, compile: Compile, ins: readonly Aval[], outs: readonly Aval[]): HostKernel => {
  switch (form.kind) {
    case 'call':
      return compile(form.program)
    case 'cond':
      return cond(form, compile)
    case 'while':
      return whileLoop(form, compile)
    case 'scan':
      return scan(form, compile, ins, outs)
  }
}
