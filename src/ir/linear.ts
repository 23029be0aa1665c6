/** The linear map of a primitive: its derivative, declared once, in the form that fits. Data, no machinery. */
import type { Aval } from '../core/aval.js'
import type { Tensor } from '../core/tensor.js'

/** A tangent or cotangent; `null` is the symbolic zero. */
export type Maybe = Tensor | null

/** Marks that a partial derivative reads the primitive's output. */
export const OUT = -1

/**
 * One partial derivative of an elementwise primitive: a constant, or a function of the inputs it names
 * (by position) and of the output (`OUT`). Only what is named is kept on the tape.
 */
export type Partial<P> = 0 | 1 | -1 | { readonly needs: readonly number[]; readonly d: (values: readonly Tensor[], params: P) => Tensor }

/**
 * A partial derivative that reads the inputs `needs` (and the output, `OUT`), given in that order.
 *
 * @example
 * partial([OUT], ([y]) => np.sub(1, np.mul(y!, y!)))   // d tanh
 */
export const partial = /* @__NO_SIDE_EFFECTS__ */ <P>(
  needs: readonly number[],
  d: (values: readonly Tensor[], params: P) => Tensor,
): Partial<P> => ({ needs, d })

/** What a transpose knows besides the cotangent: the avals of all inputs and outputs, and the saved inputs. */
export interface TransposeContext {
  /** Which inputs carry derivatives; the cotangents of the others are not needed and may be `null`. */
  readonly active: readonly boolean[]
  readonly ins: readonly Aval[]
  readonly outs: readonly Aval[]
  /** Inputs kept on the tape, by position; `null` where nothing was kept. */
  readonly saved: readonly Maybe[]
}

/** The forms in which a primitive may declare its derivative. `P` is the type of its parameters. */
export type LinearMap<P> =
  /** The outputs do not depend differentiably on the inputs (comparisons, argmax, floor). */
  | { readonly kind: 'zero' }
  /** Element by element, one partial per input. */
  | { readonly kind: 'elementwise'; readonly partials: readonly Partial<P>[] }
  /**
   * Jointly linear in the inputs `args` (all by default), for fixed other inputs, which are kept.
   * `transpose` maps output cotangents to one cotangent per input (`null` for the fixed ones).
   * Push applies the primitive to the tangents.
   */
  | {
      readonly kind: 'linear'
      readonly args?: readonly number[]
      readonly transpose: (cys: readonly Maybe[], context: TransposeContext, params: P) => readonly Maybe[]
    }
  /** Linear in each input of `args` (all by default) while the others are fixed; `transpose[k]` for input `k` may read all other inputs. */
  | {
      readonly kind: 'multilinear'
      readonly transpose: readonly ((cy: Tensor, context: TransposeContext, params: P) => Tensor)[]
    }
  /** A jvp rule: output tangents from inputs, outputs and input tangents; must be linear in the tangents. */
  | {
      readonly kind: 'push'
      readonly push: (inputs: readonly Tensor[], outputs: readonly Tensor[], tangents: readonly Maybe[], params: P) => readonly Maybe[]
    }
  /** A vjp rule: input cotangents from inputs, outputs and output cotangents; must be linear in the cotangents. */
  | {
      readonly kind: 'pull'
      readonly pull: (inputs: readonly Tensor[], outputs: readonly Tensor[], cotangents: readonly Maybe[], params: P) => readonly Maybe[]
    }
  /** A primitive that holds programs or functions and differentiates them itself. */
  | {
      readonly kind: 'structured'
      readonly jvp: StructuredJvp<P>
      readonly forward: StructuredForward<P>
      /** Why there is no transpose, as the end of a sentence, and what has one: for primitives with forward mode alone, whose `forward` throws. */
      readonly untransposable?: { readonly why: string; readonly instead: string }
    }

/** Outputs and their tangents at once. */
export type StructuredJvp<P> = (
  inputs: readonly Tensor[],
  tangents: readonly Maybe[],
  params: P,
) => readonly [readonly Tensor[], readonly Maybe[]]

/** Outputs, what to keep on the tape, and the two folds of the map that reads what was kept. */
export type StructuredForward<P> = (
  inputs: readonly Tensor[],
  active: readonly boolean[],
  params: P,
) => {
  readonly outputs: readonly Tensor[]
  readonly saved: readonly Tensor[]
  readonly map: StructuredMap
}

/** Push and pull of one application of a structured primitive, as functions of the saved values. */
export interface StructuredMap {
  /** Tangents of the outputs from those of the inputs. */
  readonly push: (saved: readonly Tensor[], tangents: readonly Maybe[]) => readonly Maybe[]
  /** Cotangents of the inputs from those of the outputs. */
  readonly pull: (saved: readonly Tensor[], cotangents: readonly Maybe[]) => readonly Maybe[]
}
