/**
 * The tape: the list of linear maps met on the way. Plain data, and its two folds; how one application
 * is pushed and pulled is a parameter of the folds.
 */
import type { Aval } from '../core/aval.js'
import type { Tensor } from '../core/tensor.js'
import type { Maybe, StructuredMap } from '../ir/linear.js'
import { OUT } from '../ir/linear.js'
import type { AnyPrimitive, Params } from '../ir/primitive.js'
import { add } from '../prim/arithmetic.js'

/** One application of a primitive, with exactly what its linear map needs to be applied later. */
export interface Application {
  readonly prim: AnyPrimitive
  readonly params: Params
  readonly ins: readonly Aval[]
  readonly outs: readonly Aval[]
  /** Which inputs carry derivatives. */
  readonly active: readonly boolean[]
  readonly saved: readonly Maybe[]
  /** The folds of a structured primitive. */
  readonly map: StructuredMap | null
}

/** What a primitive's kind keeps of its inputs and outputs when the inputs `active` carry derivatives. */
export const keep = (
  prim: AnyPrimitive,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  active: readonly boolean[],
): readonly Maybe[] => {
  const n = inputs.length
  const { linear } = prim
  switch (linear.kind) {
    case 'elementwise': {
      const saved = new Array<Maybe>(n + 1).fill(null)
      for (let k = 0; k < n; k++) {
        const p = linear.partials[k]!
        if (!active[k] || typeof p === 'number') continue
        for (const j of p.needs) {
          if (j === OUT) saved[n] = outputs[0]!
          else saved[j] = inputs[j]!
        }
      }
      return saved
    }
    case 'linear': {
      const { args } = linear
      return args === undefined ? [] : inputs.map((x, k) => (args.includes(k) ? null : x))
    }
    case 'multilinear':
      return inputs.map((x, k) => (active.some((a, j) => a && j !== k) ? x : null))
    case 'push':
    case 'pull':
      return [...inputs, ...outputs]
    default:
      return []
  }
}

/** One application on the tape. Slots number the values that carry derivatives: the inputs first. */
export interface TapeNode extends Application {
  /** For each input the slot it came from, -1 for constants. */
  readonly parents: readonly number[]
  /** The slot of the first output. */
  readonly out: number
}

/** What a function did, as linear maps. */
export interface Tape {
  readonly nodes: readonly TapeNode[]
  readonly inputs: readonly Aval[]
  /** For each output its slot, -1 when it does not depend on the inputs. */
  readonly outputs: readonly number[]
  readonly slots: number
}

/** Push or pull of one application. */
export type Fold = (application: Application, values: readonly Maybe[]) => readonly Maybe[]

/** Folds the tape forward: output tangents for input tangents. */
export const foldForward = (tape: Tape, push: Fold, tangents: readonly Maybe[]): readonly Maybe[] => {
  const at = new Array<Maybe>(tape.slots).fill(null)
  tangents.forEach((t, i) => {
    at[i] = t
  })
  for (const node of tape.nodes) {
    const dys = push(
      node,
      node.parents.map((p) => (p < 0 ? null : at[p]!)),
    )
    for (let i = 0; i < dys.length; i++) at[node.out + i] = dys[i]!
  }
  return tape.outputs.map((s) => (s < 0 ? null : at[s]!))
}

/** Folds the tape backward: input cotangents for output cotangents. */
export const foldBackward = (tape: Tape, pull: Fold, cotangents: readonly Maybe[]): readonly Maybe[] => {
  const at = new Array<Maybe>(tape.slots).fill(null)
  const deposit = (slot: number, c: Maybe): void => {
    if (slot < 0 || c === null) return
    const before = at[slot]!
    at[slot] = before === null ? c : add(before, c)
  }
  tape.outputs.forEach((s, i) => deposit(s, cotangents[i]!))
  for (let k = tape.nodes.length - 1; k >= 0; k--) {
    const node = tape.nodes[k]!
    const n = node.outs.length
    const cys = new Array<Maybe>(n)
    let any = false
    for (let i = 0; i < n; i++) {
      const c = at[node.out + i]!
      cys[i] = c
      if (c !== null) any = true
      at[node.out + i] = null
    }
    if (!any) continue
    const cxs = pull(node, cys)
    const { parents } = node
    for (let i = 0; i < parents.length; i++) deposit(parents[i]!, cxs[i]!)
  }
  return at.slice(0, tape.inputs.length)
}

/** The tape with every kept value replaced; used to run its folds on values computed elsewhere. */
export const substitute = (tape: Tape, f: (t: Tensor) => Tensor): Tape => ({
  ...tape,
  nodes: tape.nodes.map((n) => ({ ...n, saved: n.saved.map((t) => (t === null ? null : f(t))) })),
})
