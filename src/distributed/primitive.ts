/** The primitive that holds the Program of every member of an axis and runs it once for each: what `spmd` leaves behind. */
import { aval, withShape } from '../core/aval.js'
import type { TypedArray } from '../core/dtype.js'
import { dtypes } from '../core/dtype.js'
import { peek, type Tensor } from '../core/tensor.js'
import { device } from '../device/select.js'
import type { Interpreter } from '../ir/bind.js'
import { bindAll, bindUnder, current, within } from '../ir/bind.js'
import type { Params, Primitive } from '../ir/primitive.js'
import type { Program } from '../ir/program.js'
import type { Traced } from '../ir/trace.js'
import { moveAxis, reduceSum } from '../prim/structure.js'
import type { ActiveMask } from '../transforms/programs.js'
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
import { runOnThreads } from './team.js'

/** Parameters of `spmd`. */
export interface SpmdParams extends Params {
  /** What a member computes, of its slices of the mapped inputs. */
  readonly program: Program
  /** The name of the function. */
  readonly name: string
  readonly axisName: string
  readonly size: number
  /** Which inputs have the members along a leading axis; they have the others in common. All outputs have it. */
  readonly mapped: ActiveMask
}

/** Runs `f` where the axis is in force. */
export const inside = <T>({ axisName, size }: Pick<SpmdParams, 'axisName' | 'size'>, f: () => T): T => {
  const outer = current()
  const interpreter: Interpreter = {
    name: 'spmd',
    outer,
    axis: { name: axisName, size },
    process: (prim, inputs, params) => bindUnder(outer, prim, inputs, params),
  }
  return within(interpreter, f)
}

const all = (n: number): ActiveMask => new Array<boolean>(n).fill(true)
const none = (n: number): ActiveMask => new Array<boolean>(n).fill(false)

/** Every member runs a traced function; what it closed over they have in common. */
const apply = (
  p: SpmdParams,
  name: string,
  { program, captures }: Traced,
  inputs: readonly Tensor[],
  mapped: ActiveMask,
): readonly Tensor[] => bindAll(spmdP, [...captures, ...inputs], { ...p, program, name, mapped: [...none(captures.length), ...mapped] })

/** The rows of all members, one below the other. */
const stacked = (rows: readonly TypedArray[], y: TypedArray): TypedArray => {
  rows.forEach((row, k) => {
    y.set(row, k * row.length)
  })
  return y
}

/** Runs `program` for every member of the axis at once, each on its slices. */
export const spmdP: Primitive<SpmdParams> = {
  name: 'spmd',
  shape: (_inputs, { program, size }) => avalsOf(program.outputs).map((a) => withShape(a, [size, ...a.shape])),
  linear: {
    kind: 'structured',
    jvp: (inputs, tangents, p) => {
      const active = present(tangents)
      const d = inside(p, () => jvpProgram(p.program, active))
      const dxs = pick(tangents, active).map((t) => t!)
      const outs = apply(p, `jvp(${p.name})`, d, [...inputs, ...dxs], [...p.mapped, ...pick(p.mapped, active)])
      const n = p.program.outputs.length
      return [outs.slice(0, n), place(outs.slice(n), d.outActive)]
    },
    forward: (inputs, active, p) => {
      const r = inside(p, () => recordProgram(p.program, active))
      const outs = apply(p, `forward(${p.name})`, r, inputs, p.mapped)
      const n = p.program.outputs.length
      const avals = inputs.map((x) => x.aval)
      const mine = pick(p.mapped, active)
      return {
        outputs: outs.slice(0, n),
        saved: outs.slice(n),
        map: {
          push: (saved, tangents) => {
            const dxs = instantiateAll(tangents, avals, active)
            const push = inside(p, () => pushProgram(p.program, active))
            return place(apply(p, `push(${p.name})`, push, [...saved, ...dxs], [...all(saved.length), ...mine]), r.outActive)
          },
          pull: (saved, cotangents) => {
            const live = present(cotangents)
            const cts = pick(cotangents, live).map((c) => c!)
            const pull = inside(p, () => pullProgram(p.program, active, live))
            const cxs = apply(p, `pull(${p.name})`, pull, [...saved, ...cts], all(saved.length + cts.length))
            // what members have in common has the derivatives of all of them
            return place(
              cxs.map((c, k) => (mine[k] ? c : reduceSum(c, [0]))),
              active,
            )
          },
        },
      }
    },
  },
  batch: (inputs, batched, p, size, axisName) => {
    const over = axisName === p.axisName ? undefined : axisName
    const b = inside(p, () => batchProgram(p.program, batched, size, over))
    const xs = inputs.map((x, k) => (batched[k] === true && p.mapped[k] === true ? moveAxis(x, 0, 1) : x))
    const ys = apply(p, `vmap(${p.name})`, b, xs, p.mapped)
    return { outputs: ys.map((y, k) => (b.outBatched[k] ? moveAxis(y, 1, 0) : y)), batched: b.outBatched }
  },
  lower: {
    kind: 'host',
    run: (inputs, outputs, { program, name, axisName, size, mapped }) => {
      const xs = inputs.map(peek)
      const inputsOf = (index: number): readonly TypedArray[] =>
        xs.map((x, k) => (mapped[k] ? x.slice((index * x.length) / size, ((index + 1) * x.length) / size) : x.slice()))
      const rows = runOnThreads({ program, name, axisName, size, backend: device().name, inputsOf })
      return outputs.map((a, k) =>
        stacked(
          rows.map((row) => row[k]!),
          dtypes[a.dtype].make(a.size),
        ),
      )
    },
  },
}

/** Which outputs of a Program differ between the members. */
export const differing = (p: Pick<SpmdParams, 'program' | 'mapped' | 'size' | 'axisName'>): ActiveMask =>
  batchProgram(p.program, p.mapped, p.size, p.axisName).outBatched

/** The aval that a member sees of an input. */
export const memberAval = (x: Tensor, mapped: boolean): Tensor['aval'] => (mapped ? aval(x.shape.slice(1), x.dtype, x.aval.weak) : x.aval)
