/** Rematerialisation: keep the inputs, compute the rest again when it is needed. */
import type { Tensor } from '../core/tensor.js'
import { bindAll } from '../ir/bind.js'
import { interpret } from '../ir/interpret.js'
import type { Params, Primitive } from '../ir/primitive.js'
import type { Program } from '../ir/program.js'
import type { Traced } from '../ir/trace.js'
import { trace } from '../ir/trace.js'
import type { Args, Differential } from '../transforms/flat.js'
import { avalsOf, batchProgram, jvpProgram, pick, place, present, type ActiveMask } from '../transforms/programs.js'
import { pull, push, record } from '../transforms/tape.js'
import { instantiate } from '../transforms/zeros.js'
import { staged } from './staged.js'

/** Parameters of `checkpoint`. */
export interface CheckpointParams extends Params {
  readonly program: Program
}

const apply = ({ program, captures }: Traced, inputs: readonly Tensor[]): readonly Tensor[] =>
  bindAll(checkpointP, [...captures, ...inputs], { program })

/** `program` recorded on its inputs and its tape folded, all in one Program. */
const recompute = (
  program: Program,
  active: ActiveMask,
  extra: ActiveMask,
  values: readonly { readonly aval: Tensor['aval'] }[],
  fold: (tape: ReturnType<typeof record>['tape'], xs: readonly (Tensor | null)[]) => readonly Tensor[],
): Traced => {
  const ins = avalsOf(program.inputs)
  return trace(
    'checkpoint',
    (leaves) => {
      const primals = leaves.slice(0, ins.length)
      const merge = (xs: readonly Tensor[]): readonly Tensor[] => place(xs, active).map((x, i) => x ?? primals[i]!)
      const { tape } = record('checkpoint', (xs) => interpret(program, merge(xs)), pick(primals, active))
      return fold(tape, place(leaves.slice(ins.length), extra))
    },
    [...ins, ...pick(avalsOf(values), extra)],
  )
}

/** Applies `program`; its tape keeps the inputs only. Passes never merge what is inside with what is outside. */
export const checkpointP: Primitive<CheckpointParams> = {
  name: 'checkpoint',
  shape: (_, { program }) => avalsOf(program.outputs),
  linear: {
    kind: 'structured',
    jvp: (inputs, tangents, { program }) => {
      const active = present(tangents)
      const d = jvpProgram(program, active)
      const outs = apply(d, [...inputs, ...pick(tangents, active).map((t) => t!)])
      const n = program.outputs.length
      return [outs.slice(0, n), place(outs.slice(n), d.outActive)]
    },
    forward: (inputs, active, { program }) => ({
      outputs: bindAll(checkpointP, inputs, { program }),
      saved: inputs,
      map: {
        push: (saved, tangents) => {
          const dxs = pick(
            tangents.map((t, i) => instantiate(t, saved[i]!.aval)),
            active,
          )
          const traced = recompute(program, active, active, program.inputs, (tape, xs) =>
            push(tape, pick(xs, active)).map((t, i) => instantiate(t, program.outputs[i]!.aval)),
          )
          return apply(traced, [...saved, ...dxs])
        },
        pull: (saved, cotangents) => {
          const live = present(cotangents)
          const ins = pick(avalsOf(program.inputs), active)
          const traced = recompute(program, active, live, program.outputs, (tape, cts) =>
            pull(tape, cts).map((c, i) => instantiate(c, ins[i]!)),
          )
          return place(apply(traced, [...saved, ...pick(cotangents, live).map((c) => c!)]), active)
        },
      },
    }),
  },
  batch: (inputs, batched, { program }, size, axisName) => {
    const b = batchProgram(program, batched, size, axisName)
    return { outputs: apply(b, inputs), batched: b.outBatched }
  },
  lower: { kind: 'control', form: ({ program }) => ({ kind: 'call', program, donate: [] }) },
}

/**
 * `f`, whose intermediate values are computed again during the reverse pass instead of being kept on the tape.
 * Value and derivatives are those of `f`.
 *
 * @example
 * const block = checkpoint((x: Tensor) => np.sin(np.exp(x)))
 * grad((x: Tensor) => np.sum(block(x)))(np.array([0]))   // [0.5403]
 */
export const checkpoint = <A extends Args = readonly Tensor[], R = unknown>(f: (...args: A) => R): ((...args: A) => Differential<R>) => {
  const stage = staged('checkpoint', f)
  return (...args) => {
    const { entry, inputs } = stage(args)
    return entry.result(bindAll(checkpointP, inputs, { program: entry.program }))
  }
}
