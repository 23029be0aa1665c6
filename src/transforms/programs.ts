/** Transforms of Programs: what primitives that hold Programs use to differentiate and batch themselves. */
import type { Aval } from '../core/aval.js'
import { aval } from '../core/aval.js'
import { isInexact } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { interpret } from '../ir/interpret.js'
import type { Maybe } from '../ir/linear.js'
import type { Program, Var } from '../ir/program.js'
import { trace, type Traced } from '../ir/trace.js'
import type { Tape } from './application.js'
import { substitute } from './application.js'
import { batch, repeat } from './batch.js'
import { pushForward } from './jvp.js'
import { pull, push, record } from './tape.js'
import { instantiate } from './zeros.js'

/** Which entries of a list carry derivatives, or a batch axis. */
export type ActiveMask = readonly boolean[]

/** The entries of `xs` where `mask` is set. */
export const pick = <T>(xs: readonly T[], mask: ActiveMask): T[] => xs.filter((_, i) => mask[i])

/** `xs` spread over the places where `mask` is set; `null` elsewhere. */
export const place = <T>(xs: readonly T[], mask: ActiveMask): (T | null)[] => {
  let next = 0
  return mask.map((m) => (m ? xs[next++]! : null))
}

/** The entries in the mask made real: zeros of their aval where they are the symbolic zero. */
export const instantiateAll = (ts: readonly Maybe[], avals: readonly Aval[], mask: ActiveMask): Tensor[] =>
  ts.flatMap((t, i) => (mask[i] ? [instantiate(t, avals[i]!)] : []))

/** Union of two masks. */
export const either = (a: ActiveMask, b: ActiveMask): ActiveMask => a.map((x, i) => x || b[i]!)

/** Which entries are not the symbolic zero. */
export const present = (xs: readonly Maybe[]): ActiveMask => xs.map((x) => x !== null)

/** The avals of a Program's inputs, outputs, or of any variables. */
export const avalsOf = (vars: readonly { readonly aval: Aval }[]): readonly Aval[] => vars.map((v) => v.aval)

const derived = new WeakMap<Program, Map<string, unknown>>()

/** Remembers what was derived from a Program, unless it closed over values of a running transform. */
const remember = <T extends { readonly captures: readonly Tensor[] }>(program: Program, key: string, make: () => T): T => {
  let table = derived.get(program)
  if (table === undefined) derived.set(program, (table = new Map()))
  const known = table.get(key)
  if (known !== undefined) return known as T
  const made = make()
  if (made.captures.every((t) => t.owner === null)) table.set(key, made)
  return made
}

const bits = (...masks: readonly ActiveMask[]): string => masks.map((m) => m.map((b) => (b ? '1' : '0')).join('')).join('/')

/** A Program with tangents: inputs `[captures, inputs, tangents of the active]`, outputs `[outputs, tangents of outActive]`. */
export interface JvpProgram extends Traced {
  readonly outActive: ActiveMask
}

/** Forward mode of a Program; the outputs in `force` get a tangent even if it is zero. */
export const jvpProgram = (program: Program, active: ActiveMask, force: ActiveMask = program.outputs.map(() => false)): JvpProgram =>
  remember(program, `jvp ${bits(active, force)}`, () => {
    const ins = avalsOf(program.inputs)
    let outActive: ActiveMask = []
    const f = (leaves: readonly Tensor[]): readonly Tensor[] => {
      const primals = leaves.slice(0, ins.length)
      const run = pushForward('jvp', (xs) => interpret(program, xs), primals, place(leaves.slice(ins.length), active))
      outActive = run.tangents.map((t, i) => isInexact(run.values[i]!.dtype) && (t !== null || force[i]!))
      return [
        ...run.values,
        ...pick(
          run.tangents.map((t, i) => instantiate(t, run.values[i]!.aval)),
          outActive,
        ),
      ]
    }
    const traced = trace('jvp', f, [...ins, ...pick(ins, active)])
    return { ...traced, outActive }
  })

/** A Program that also returns what its tape keeps, and the tape over those residuals. */
export interface RecordedProgram extends Traced {
  /** Outputs `[outputs, residuals]`. */
  readonly outActive: ActiveMask
  readonly residuals: readonly Aval[]
  /** The tape as a function of the residuals; its inputs are the active inputs. */
  readonly tape: (residuals: readonly Tensor[]) => Tape
}

/** Reverse mode of a Program, first half: compute and keep. */
export const recordProgram = (program: Program, active: ActiveMask): RecordedProgram =>
  remember(program, `record ${bits(active)}`, () => {
    const ins = avalsOf(program.inputs)
    const kept = new Map<Tensor, number>()
    let template: Tape | null = null
    const f = (leaves: readonly Tensor[]): readonly Tensor[] => {
      const merge = (xs: readonly Tensor[]): readonly Tensor[] => place(xs, active).map((x, i) => x ?? leaves[i]!)
      const { values, tape } = record('grad', (xs) => interpret(program, merge(xs)), pick(leaves, active))
      template = tape
      for (const node of tape.nodes) for (const t of node.saved) if (t !== null && t.owner !== null && !kept.has(t)) kept.set(t, kept.size)
      return [...values, ...kept.keys()]
    }
    const traced = trace('grad', f, ins)
    const tape = template as unknown as Tape
    return {
      ...traced,
      outActive: tape.outputs.map((s) => s >= 0),
      residuals: [...kept.keys()].map((t) => t.aval),
      tape: (residuals) => substitute(tape, (t) => (kept.has(t) ? residuals[kept.get(t)!]! : t)),
    }
  })

/** Pulls cotangents (for the outputs in `live`) through a recorded Program: `[captures, residuals, cotangents] -> cotangents of the active inputs`. */
export const pullProgram = (program: Program, active: ActiveMask, live: ActiveMask): Traced =>
  remember(program, `pull ${bits(active, live)}`, () => {
    const r = recordProgram(program, active)
    const n = r.residuals.length
    const ins = pick(avalsOf(program.inputs), active)
    return trace(
      'grad',
      (leaves) => pull(r.tape(leaves.slice(0, n)), place(leaves.slice(n), live)).map((c, i) => instantiate(c, ins[i]!)),
      [...r.residuals, ...pick(avalsOf(program.outputs), live)],
    )
  })

/** Pushes tangents through a recorded Program: `[captures, residuals, tangents of the active] -> tangents of its active outputs`. */
export const pushProgram = (program: Program, active: ActiveMask): Traced =>
  remember(program, `push ${bits(active)}`, () => {
    const r = recordProgram(program, active)
    const n = r.residuals.length
    const outs = avalsOf(program.outputs)
    return trace(
      'linearize',
      (leaves) =>
        pick(
          push(r.tape(leaves.slice(0, n)), leaves.slice(n)).map((t, i) => instantiate(t, outs[i]!)),
          r.outActive,
        ),
      [...r.residuals, ...pick(avalsOf(program.inputs), active)],
    )
  })

/** A Program over a batch: inputs `[captures, inputs]`, those in the mask with a leading axis. */
export interface BatchedProgram extends Traced {
  readonly outBatched: ActiveMask
}

/** Batches a Program; the outputs in `force` get the axis even if they do not depend on the batch. */
export const batchProgram = (
  program: Program,
  batched: ActiveMask,
  size: number,
  axisName?: string,
  force: ActiveMask = program.outputs.map(() => false),
): BatchedProgram =>
  remember(program, `batch ${bits(batched, force)} ${size} ${axisName ?? ''}`, () => {
    let outBatched: ActiveMask = []
    const f = (leaves: readonly Tensor[]): readonly Tensor[] => {
      const run = batch('vmap', (xs) => interpret(program, xs), leaves, batched, size, axisName)
      outBatched = either(run.batched, force)
      return run.outputs.map((y, i) => (outBatched[i] && !run.batched[i] ? repeat(y, size) : y))
    }
    const avals = program.inputs.map((v, i) => (batched[i] ? aval([size, ...v.aval.shape], v.aval.dtype, v.aval.weak) : v.aval))
    const traced = trace('vmap', f, avals)
    return { ...traced, outBatched }
  })

/** The Program with its inputs and outputs in another order, given as positions. */
export const rearrange = (program: Program, inputs: readonly number[], outputs: readonly number[]): Program => ({
  ...program,
  inputs: inputs.map((i) => program.inputs[i]!),
  outputs: outputs.map((i) => program.outputs[i]!),
})

/** Traced functions of the same arguments given the same captures, so that they can stand side by side as branches. */
export const unify = (traced: readonly Traced[]): { readonly programs: readonly Program[]; readonly captures: readonly Tensor[] } => {
  const captures = [...new Set(traced.flatMap((t) => t.captures))]
  let unused = -1
  const programs = traced.map(({ program, captures: own }) => {
    const inputs = captures.map((t): Var => {
      const k = own.indexOf(t)
      return k < 0 ? { kind: 'var', id: unused--, aval: t.aval } : program.inputs[k]!
    })
    return { ...program, inputs: [...inputs, ...program.inputs.slice(own.length)] }
  })
  return { programs, captures }
}
