/** The batching interpreter: one run of a function stands for a batch of runs. */
import { withShape } from '../core/aval.js'
import { range } from '../core/shape.js'
import { buffer, Tensor } from '../core/tensor.js'
import type { NamedAxis } from '../ir/axes.js'
import type { Interpreter } from '../ir/bind.js'
import { bindUnder, current, within } from '../ir/bind.js'
import type { Params } from '../ir/primitive.js'
import { subprograms } from '../ir/program.js'
import { broadcast } from '../prim/structure.js'

/** `x` repeated along a new leading axis. */
export const repeat = (x: Tensor, size: number): Tensor =>
  broadcast(
    x,
    [size, ...x.shape],
    range(x.ndim).map((k) => k + 1),
  )

/** True where an operation is over the named axis, itself or one in a Program that it holds. */
const isOver = (axisName: string, params: Params): boolean =>
  params['axisName'] === axisName || subprograms(params).some(({ equations }) => equations.some((e) => isOver(axisName, e.params)))

/** Runs `f` where `inputs[k]` has a leading batch axis if `batched[k]`; says which outputs have one. */
export const batch = (
  name: string,
  f: (args: readonly Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
  batched: readonly boolean[],
  size: number,
  axisName?: string,
): { readonly outputs: readonly Tensor[]; readonly batched: readonly boolean[] } => {
  const outer = current()
  const enter = (x: Tensor): Tensor => new Tensor(withShape(x.aval, x.shape.slice(1)), interpreter, x, null)
  const valueOf = (t: Tensor): Tensor => (t.owner === interpreter ? (t[buffer] as Tensor) : t)

  const axis: { readonly axis?: NamedAxis } = axisName === undefined ? {} : { axis: { name: axisName, size } }
  const interpreter: Interpreter = {
    name,
    outer,
    ...axis,
    process: (prim, args, params) => {
      const flags = args.map((t) => t.owner === interpreter)
      if (!flags.includes(true) && (axisName === undefined || !isOver(axisName, params))) return bindUnder(outer, prim, args, params)
      const values = args.map(valueOf)
      const rule = prim.batch
      if (rule === 'elementwise')
        return within(outer, () =>
          bindUnder(
            outer,
            prim,
            values.map((x, k) => (flags[k] ? x : repeat(x, size))),
            params,
          ),
        ).map(enter)
      const result = within(outer, () => rule(values, flags, params, size, axisName))
      return 'outputs' in result ? result.outputs.map((y, i) => (result.batched[i] ? enter(y) : y)) : result.map(enter)
    },
  }

  const results = within(interpreter, () => f(inputs.map((x, k) => (batched[k] ? enter(x) : x))))
  return { outputs: results.map(valueOf), batched: results.map((t) => t.owner === interpreter) }
}
