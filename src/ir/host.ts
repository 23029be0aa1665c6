/** Functions of the host in Programs: which equations call one, which of those have effects, and the call itself. */
import type { Aval } from '../core/aval.js'
import type { TypedArray } from '../core/dtype.js'
import { dtypes } from '../core/dtype.js'
import { fail, ValueError } from '../core/errors.js'
import { hostTensor } from '../core/tensor.js'
import type { AnyPrimitive, Equation, HostLowering, Params, Program } from './primitive.js'
import { subprograms } from './program.js'

/** What is known of a Program: whether it calls the host, and whether with effects. */
interface Calls {
  readonly host: boolean
  readonly effect: boolean
}

const known = new WeakMap<Program, Calls>()
const silent: Calls = { host: false, effect: false }

const callsOf = (program: Program): Calls => {
  let calls = known.get(program)
  if (calls === undefined)
    known.set(program, (calls = { host: program.equations.some(callsHost), effect: program.equations.some(hasEffect) }))
  return calls
}

const callsIn = ({ prim: { lower }, params }: Equation): Calls => {
  if (lower.kind === 'host') return { host: true, effect: lower.effect === true }
  if (lower.kind !== 'control') return silent
  const held = subprograms(params).map(callsOf)
  return { host: held.some((c) => c.host), effect: held.some((c) => c.effect) }
}

/** True for an equation that calls a function of the host, itself or in a Program that it holds. Such equations run in the order of the Program. */
export const callsHost = (e: Equation): boolean => callsIn(e).host

/** True for an equation that does something besides its results, itself or in a Program that it holds: it runs though nothing reads them. */
export const hasEffect = (e: Equation): boolean => callsIn(e).effect

/** The kind of a typed array, as it names itself. */
const kindOf = (x: TypedArray): string => x[Symbol.toStringTag]

/**
 * Calls the function of `prim` on host arrays, which nothing may write to afterwards.
 *
 * @throws ValueError when it gives another number of arrays, or arrays of another length or kind, than there are outputs.
 */
export const callHost = (
  { name }: AnyPrimitive,
  lower: HostLowering<Params>,
  inputs: readonly TypedArray[],
  { ins, outs, params }: { readonly ins: readonly Aval[]; readonly outs: readonly Aval[]; readonly params: Params },
): readonly TypedArray[] => {
  const results = lower.run(
    inputs.map((x, k) => hostTensor(ins[k]!, x)),
    outs,
    params,
  )
  if (results.length !== outs.length)
    fail(ValueError, `${name}: its function gave ${results.length} arrays for ${outs.length} outputs`, { fix: 'one array for each output' })
  results.forEach((x, k) => {
    const a = outs[k]!
    const kind = kindOf(dtypes[a.dtype].make(0))
    if (x.length !== a.size || kindOf(x) !== kind)
      fail(ValueError, `${name}: its function gave a ${kindOf(x)} of ${x.length} for output ${k}`, {
        args: { output: a },
        fix: `a ${kind} of ${a.size} elements, in row-major order`,
      })
  })
  return results
}
