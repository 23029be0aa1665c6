/** `debugNans`: evaluation that stops at the first equation that makes a NaN of inputs without one. */
import { aval } from '../core/aval.js'
import type { TypedArray } from '../core/dtype.js'
import { dtypes, isInexact } from '../core/dtype.js'
import { DeviceError, fail, scope, scopePath, ValueError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { buffer, hostTensor, peek } from '../core/tensor.js'
import type { Executor } from '../ir/bind.js'
import type { AnyPrimitive, ControlForm, Params } from '../ir/primitive.js'
import type { Program } from '../ir/program.js'
import { controlOf } from '../ir/control.js'
import { execute } from './execute.js'

const hasNaN = (t: Tensor): boolean => {
  if (t.owner !== null || t[buffer] === null || !isInexact(t.dtype)) return false
  const values = t.memory === null ? peek(t) : t.memory.get(t[buffer], t.aval)
  if (values instanceof Promise) {
    values.catch(() => undefined)
    return fail(DeviceError, `debugNans: memory of ${t.memory!.name} is read asynchronously, so no equation can be checked as it runs`, {
      fix: "configure({ backend: 'reference' }) while you look for the NaN",
    })
  }
  return values.some(Number.isNaN)
}

const blame = (prim: AnyPrimitive, inputs: readonly Tensor[], outputs: readonly Tensor[]): never =>
  fail(ValueError, `${prim.name}: made a NaN of inputs that have none`, {
    args: Object.fromEntries([
      ...inputs.map((t, k) => [`input ${k}`, t.aval] as const),
      ...outputs.map((t, k) => [`output ${k}`, t.aval] as const),
    ]),
    fix: 'look at the inputs of this equation; configure({ debugNans: false }) turns this check off',
  })

/** Runs a Program equation by equation, each checked. */
const runProgram = (program: Program, inputs: readonly Tensor[]): readonly Tensor[] => {
  const values = new Map<number, Tensor>()
  program.inputs.forEach((v, k) => values.set(v.id, inputs[k]!))
  const read = (a: Program['outputs'][number]): Tensor =>
    a.kind === 'var' ? values.get(a.id)! : hostTensor(a.aval, dtypes[a.aval.dtype].make(1).fill(a.value))
  const outside = scopePath()
  for (const e of program.equations) {
    const run = (): readonly Tensor[] => executeChecked(e.prim, e.inputs.map(read), e.params)
    const outputs = e.scope === '' || e.scope === outside ? run() : scope(e.scope, run)
    e.outputs.forEach((v, k) => values.set(v.id, outputs[k]!))
  }
  return program.outputs.map(read)
}

/** Slice `t` of the leading axis. */
const slice = (x: Tensor, t: number): Tensor => {
  const shape = x.shape.slice(1)
  const a = aval(shape, x.dtype, x.aval.weak)
  return hostTensor(a, peek(x).slice(t * a.size, (t + 1) * a.size))
}

type Form<K extends ControlForm['kind']> = Extract<ControlForm, { readonly kind: K }>

const scan = (
  { body, length, reverse, consts, carry: carried }: Form<'scan'>,
  inputs: readonly Tensor[],
  prim: AnyPrimitive,
  params: Params,
): readonly Tensor[] => {
  const outs = prim.shape(
    inputs.map((x) => x.aval),
    params,
  )
  let carry = inputs.slice(consts, consts + carried)
  const stacks: readonly TypedArray[] = outs.slice(carried).map((a) => dtypes[a.dtype].make(a.size))
  for (let step = 0; step < length; step++) {
    const t = reverse ? length - 1 - step : step
    const results = runProgram(body, [...inputs.slice(0, consts), ...carry, ...inputs.slice(consts + carried).map((x) => slice(x, t))])
    carry = results.slice(0, carried)
    stacks.forEach((y, k) => {
      y.set(peek(results[carried + k]!), t * results[carried + k]!.size)
    })
  }
  return [...carry, ...stacks.map((y, k) => hostTensor(outs[carried + k]!, y))]
}

const whileLoop = ({ cond: test, body, condConsts: a, bodyConsts }: Form<'while'>, inputs: readonly Tensor[]): readonly Tensor[] => {
  const b = a + bodyConsts
  let carry = inputs.slice(b)
  while (runProgram(test, [...inputs.slice(0, a), ...carry])[0]!.item() === true)
    carry = [...runProgram(body, [...inputs.slice(a, b), ...carry])]
  return carry
}

/** The parts of a primitive that holds Programs, run one by one; `null` for all others. */
const runHeld = (prim: AnyPrimitive, inputs: readonly Tensor[], params: Params): readonly Tensor[] | null => {
  const form = controlOf({ prim, params })
  switch (form?.kind) {
    case 'call':
      return runProgram(form.program, inputs)
    case 'while':
      return whileLoop(form, inputs)
    case 'scan':
      return scan(form, inputs, prim, params)
    case 'cond': {
      const chosen = Math.min(Math.max(Number(inputs[0]!.item()), 0), form.branches.length - 1)
      return runProgram(form.branches[chosen]!, inputs.slice(1))
    }
    default:
      return null
  }
}

/** As `execute`, with every equation checked. Nothing is donated. */
export const executeChecked: Executor = (prim, inputs, params) => {
  const held = runHeld(prim, inputs, params)
  if (held !== null) return held
  const outputs = execute(prim, inputs, params)
  if (prim.lower.kind !== 'inline' && outputs.some(hasNaN) && !inputs.some(hasNaN)) blame(prim, inputs, outputs)
  return outputs
}
