/** Recording a function on a tape as it computes; push and pull of the whole tape. */
import { isInexact } from '../core/dtype.js'
import { buffer, Tensor } from '../core/tensor.js'
import type { Interpreter } from '../ir/bind.js'
import { bindUnder, current, within } from '../ir/bind.js'
import type { Maybe } from '../ir/linear.js'
import type { TapeNode, Tape } from './application.js'
import { foldBackward, foldForward, keep } from './application.js'
import { pull as pullOne, push as pushOne } from './linearMap.js'

/** What the recorder keeps in a tensor it traces. */
interface Recorded {
  readonly primal: Tensor
  readonly slot: number
}

/** Runs `f` on `primals`, computing as it goes; returns the values and the tape. */
export const record = (
  name: string,
  f: (args: readonly Tensor[]) => readonly Tensor[],
  primals: readonly Tensor[],
): { readonly values: readonly Tensor[]; readonly tape: Tape } => {
  const outer = current()
  const nodes: TapeNode[] = []
  let slots = primals.length

  const interpreter: Interpreter = {
    name,
    outer,
    primal: (t) => (t[buffer] as Recorded).primal,
    process: (prim, inputs, params) => {
      const n = inputs.length
      let mine = false
      for (let k = 0; k < n; k++) if (inputs[k]!.owner === interpreter) mine = true
      if (!mine) return bindUnder(outer, prim, inputs, params)
      const parents = new Array<number>(n)
      const active = new Array<boolean>(n)
      const values = new Array<Tensor>(n)
      for (let k = 0; k < n; k++) {
        const t = inputs[k]!
        const own = t.owner === interpreter
        active[k] = own
        parents[k] = own ? (t[buffer] as Recorded).slot : -1
        values[k] = own ? (t[buffer] as Recorded).primal : t
      }
      const { linear } = prim
      if (linear.kind === 'zero') return bindUnder(outer, prim, values, params)
      const structured = linear.kind === 'structured' ? within(outer, () => linear.forward(values, active, params)) : null
      const outputs = structured === null ? bindUnder(outer, prim, values, params) : structured.outputs
      const out = slots
      slots += outputs.length
      nodes.push({
        prim,
        params,
        ins: values.map((t) => t.aval),
        outs: outputs.map((t) => t.aval),
        active,
        saved: structured === null ? keep(prim, values, outputs, active) : structured.saved,
        map: structured === null ? null : structured.map,
        parents,
        out,
      })
      return outputs.map((t, i) =>
        isInexact(t.dtype) ? new Tensor(t.aval, interpreter, { primal: t, slot: out + i } satisfies Recorded, null) : t,
      )
    },
  }

  const tracers = primals.map((t, slot) =>
    isInexact(t.dtype) ? new Tensor(t.aval, interpreter, { primal: t, slot } satisfies Recorded, null) : t,
  )
  const results = within(interpreter, () => f(tracers))
  const own = (t: Tensor): boolean => t.owner === interpreter
  return {
    values: results.map((t) => (own(t) ? (t[buffer] as Recorded).primal : t)),
    tape: Object.freeze({
      nodes,
      inputs: primals.map((t) => t.aval),
      outputs: results.map((t) => (own(t) ? (t[buffer] as Recorded).slot : -1)),
      slots,
    }),
  }
}

/** Folds the tape forward: output tangents for input tangents. */
export const push = (tape: Tape, tangents: readonly Maybe[]): readonly Maybe[] => foldForward(tape, pushOne, tangents)

/** Folds the tape backward: input cotangents for output cotangents. */
export const pull = (tape: Tape, cotangents: readonly Maybe[]): readonly Maybe[] => foldBackward(tape, pullOne, cotangents)
