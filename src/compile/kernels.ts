/** What fusion makes of a Program: a list of steps, most of them loops over one domain. */
import type { Shape } from '../core/shape.js'
import type { DType } from '../core/dtype.js'
import type { Combine } from '../kernel/loop.js'
import type { BinaryOp, CompareOp, ConvertOp, TernaryOp, UnaryOp } from '../kernel/operations.js'
import type { Atom, Equation, Var } from '../ir/program.js'

/**
 * One value of a loop kernel, computed at every point of its domain, or once per row where it depends on no inner
 * axis. Operands are positions of earlier values.
 */
export type Value =
  /** Element `offset + sum(i[k] * strides[k])` of input `input`; one stride for every domain axis, outer then inner. */
  | { readonly op: 'load'; readonly input: number; readonly strides: readonly number[]; readonly offset: number; readonly dtype: DType }
  /**
   * Element `offset + sum(i[k] * strides[k]) + sum(at[j] * scales[j])` of input `input`, whose `at` are int32 values. Where `test` is false
   * nothing is read and the value is 0; where it is true, or missing, the element is one of the input.
   */
  | {
      readonly op: 'gather'
      readonly input: number
      readonly strides: readonly number[]
      readonly offset: number
      readonly at: readonly number[]
      readonly scales: readonly number[]
      readonly test?: number
      readonly dtype: DType
    }
  | { readonly op: 'const'; readonly value: number; readonly dtype: DType }
  /** `offset + scale * i[axis]`, int32. */
  | { readonly op: 'index'; readonly axis: number; readonly scale: number; readonly offset: number; readonly dtype: 'int32' }
  | { readonly op: UnaryOp | ConvertOp; readonly x: number; readonly dtype: DType }
  | { readonly op: BinaryOp | CompareOp; readonly x: number; readonly y: number; readonly dtype: DType }
  | { readonly op: TernaryOp; readonly x: number; readonly y: number; readonly z: number; readonly dtype: DType }
  | { readonly op: 'select'; readonly test: number; readonly x: number; readonly y: number; readonly dtype: DType }
  /** The combination of `x` over all inner axes: one value per row. */
  | { readonly op: 'reduce'; readonly x: number; readonly combine: Combine; readonly dtype: DType }

/** A result of a loop kernel: a value at every point of the domain (`perRow` false), or one per row; row-major in `strides` order. */
export interface LoopOutput {
  readonly value: number
  readonly perRow: boolean
  readonly variable: Var
  /** Strides of the result over the outer axes, then (unless `perRow`) the inner ones. */
  readonly strides: readonly number[]
}

/** Loops over `outer x inner`, computing values at every point; reductions run over all of `inner`. */
export interface LoopKernel {
  readonly kind: 'loops'
  readonly outer: Shape
  readonly inner: Shape
  readonly inputs: readonly Atom[]
  readonly values: readonly Value[]
  readonly outputs: readonly LoopOutput[]
  /** What it computes, in no order. */
  readonly equations: readonly Equation[]
}

/** One step of a compiled Program. */
export type ProgramStep =
  | LoopKernel
  /** A primitive that is not fused: a routine, a loop nest of its own, a sub-program. */
  | { readonly kind: 'equation'; readonly equation: Equation }
  /** `to` is the memory of `from` under another shape. */
  | { readonly kind: 'alias'; readonly from: Atom; readonly to: Var }

/** A Program as steps in an order in which every value is made before it is read. */
export interface Fused {
  readonly inputs: readonly Var[]
  readonly steps: readonly ProgramStep[]
  readonly outputs: readonly Atom[]
}
