/** The primitive that holds a Program and applies it: what `jit` leaves behind. */
import type { Tensor } from '../core/tensor.js'
import { bindAll } from '../ir/bind.js'
import { optimize } from '../ir/optimize.js'
import type { Params, Primitive } from '../ir/primitive.js'
import type { Program } from '../ir/program.js'
import type { Traced } from '../ir/trace.js'
import {
  avalsOf,
  batchProgram,
  instantiateAll,
  jvpProgram,
  pick,
  place,
  present,
  pullProgram,
  pushProgram,
  recordProgram,
} from '../transforms/programs.js'

/** Parameters of `call`. */
export interface CallParams extends Params {
  readonly program: Program
  /** The name of the jitted function, for printing. */
  readonly name: string
  /** Positions of inputs whose memory may be reused. */
  readonly donate: readonly number[]
}

const noDonation: readonly number[] = []

/** Applies a traced function to arguments, as a `call`. */
const apply = (name: string, { program, captures }: Traced, inputs: readonly Tensor[]): readonly Tensor[] =>
  bindAll(callP, [...captures, ...inputs], { program, name, donate: noDonation })

/** Applies `program`; compiled as one. */
export const callP: Primitive<CallParams> = {
  name: 'call',
  shape: (_, { program }) => avalsOf(program.outputs),
  linear: {
    kind: 'structured',
    jvp: (inputs, tangents, { program, name }) => {
      const active = present(tangents)
      const d = jvpProgram(program, active)
      const outs = apply(`jvp(${name})`, d, [...inputs, ...pick(tangents, active).map((t) => t!)])
      const n = program.outputs.length
      return [outs.slice(0, n), place(outs.slice(n), d.outActive)]
    },
    forward: (inputs, active, { program, name }) => {
      const r = recordProgram(program, active)
      const avals = avalsOf(program.inputs)
      const outs = apply(`forward(${name})`, r, inputs)
      const n = program.outputs.length
      return {
        outputs: outs.slice(0, n),
        saved: outs.slice(n),
        map: {
          push: (saved, tangents) => {
            const dxs = instantiateAll(tangents, avals, active)
            return place(apply(`push(${name})`, pushProgram(program, active), [...saved, ...dxs]), r.outActive)
          },
          pull: (saved, cotangents) => {
            const live = present(cotangents)
            const cts = pick(cotangents, live).map((c) => c!)
            return place(apply(`pull(${name})`, pullProgram(program, active, live), [...saved, ...cts]), active)
          },
        },
      }
    },
  },
  batch: (inputs, batched, { program, name }, size, axisName) => {
    const b = batchProgram(program, batched, size, axisName)
    return { outputs: apply(`vmap(${name})`, b, inputs), batched: b.outBatched }
  },
  lower: { kind: 'control', form: ({ program, donate }) => ({ kind: 'call', program, donate }) },
  program: ({ program }) => optimize(program),
}
