/**
 * The Primitive record: everything the library knows about one operation, in one block; and Programs, lists of applications of primitives,
 * which some primitives hold in turn.
 */
import type { Aval } from '../core/aval.js'
import type { TypedArray } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import type { LoopNest } from '../kernel/loop.js'
import type { Expr } from '../kernel/scalar.js'
import type { View } from '../kernel/view.js'
import type { LinearMap } from './linear.js'

/** Parameters: plain data (numbers, strings, booleans, arrays of them), Programs, or functions; compared by structure, functions and Programs by identity. */
export type Params = Readonly<Record<string, unknown>>

/** Outputs of a batching rule that need not all have the leading axis. */
export interface Batched {
  readonly outputs: readonly Tensor[]
  readonly batched: readonly boolean[]
}

/**
 * How a batch of applications becomes one. `inputs[k]` has an extra leading axis of `size` where `batched[k]`.
 * Returns the outputs with that leading axis (or says which have it). `axisName` is the name of the batched axis:
 * primitives that hold Programs batch them under it, and a primitive whose `params.axisName` equals it is a collective
 * over the batch, asked even when no input is batched. `'elementwise'`: all inputs are given the axis.
 */
export type BatchRule<P> =
  | 'elementwise'
  | ((inputs: readonly Tensor[], batched: readonly boolean[], params: P, size: number, axisName?: string) => readonly Tensor[] | Batched)

/** A value defined once: an input, or an output of one equation. */
export interface Var {
  readonly kind: 'var'
  readonly id: number
  readonly aval: Aval
}

/** A scalar constant. */
export interface Literal {
  readonly kind: 'literal'
  readonly value: number
  readonly aval: Aval
}

/** What an equation reads. */
export type Atom = Var | Literal

/** `outputs = prim[params](inputs)`. */
export interface Equation {
  readonly prim: AnyPrimitive
  readonly inputs: readonly Atom[]
  readonly params: Params
  readonly outputs: readonly Var[]
  /** The path of scopes in force when it was traced. */
  readonly scope: string
}

/** A closed function of tensors: every variable is an input or the output of an earlier equation. */
export interface Program {
  readonly inputs: readonly Var[]
  readonly equations: readonly Equation[]
  readonly outputs: readonly Atom[]
}

/** What a primitive does with the Programs that it holds. Programs take what stands in brackets and give what the arrow points to. */
export type ControlForm =
  /** Applies `program` to all inputs; the memory of inputs at `donate` may be reused. */
  | { readonly kind: 'call'; readonly program: Program; readonly donate: readonly number[] }
  /** `[index, ...operands]` to what the branch gives that `index`, clamped, chooses. */
  | { readonly kind: 'cond'; readonly branches: readonly Program[] }
  /** `[condConsts..., bodyConsts..., carry...]` to the first carry for which `cond: [condConsts, carry] -> [bool]` fails; `body: [bodyConsts, carry] -> [carry]`. */
  | { readonly kind: 'while'; readonly cond: Program; readonly body: Program; readonly condConsts: number; readonly bodyConsts: number }
  /** `[consts..., carry..., xs...]` to `[carry..., ys...]`, slice by slice along the leading axis; `body: [consts, carry, x] -> [carry, y]`. */
  | {
      readonly kind: 'scan'
      readonly body: Program
      readonly length: number
      readonly reverse: boolean
      readonly consts: number
      readonly carry: number
    }

/** One loop nest per output. */
export interface LoopsLowering<P> {
  readonly kind: 'loops'
  /** The nests, in the order of the outputs. */
  readonly nests: (inputs: readonly Aval[], outputs: readonly Aval[], params: P) => readonly LoopNest[]
}

/** Other primitives: evaluated by running them, or with `fused`, where there are many elements, as one compiled Program; never reaches a backend. */
export interface InlineLowering<P> {
  readonly kind: 'inline'
  readonly fused?: true
  /** Applies the other primitives. */
  readonly run: (inputs: readonly Tensor[], params: P) => readonly Tensor[]
}

/** Work that a function of the host does on host arrays, when the equation runs; every backend hands it the inputs and takes the results. */
export interface HostLowering<P> {
  readonly kind: 'host'
  /** It does something besides its results: passes keep each of its equations, whether or not anything reads it, and merge none. */
  readonly effect?: true
  /** Tensors in host memory to the elements of the outputs in row-major order, which are copied. */
  readonly run: (inputs: readonly Tensor[], outputs: readonly Aval[], params: P) => readonly TypedArray[]
}

/** What a primitive becomes for a backend. */
export type Lowering<P> =
  /** One scalar expression per output of the inputs' elements, the same for every element. */
  | { readonly kind: 'scalar'; readonly body: (inputs: readonly Expr[], params: P, outs: readonly Aval[]) => Expr | readonly Expr[] }
  /** The elements of input 0 seen otherwise; no copy. */
  | { readonly kind: 'view'; readonly view: (input: Aval, params: P) => View }
  /** The same elements in memory order under another shape. */
  | { readonly kind: 'alias' }
  | LoopsLowering<P>
  /** Programs, and what is done with them. */
  | { readonly kind: 'control'; readonly form: (params: P) => ControlForm }
  /** A named routine: a backend may know the primitive by its name, as an optimisation of its definition, which it takes otherwise. */
  | { readonly kind: 'routine'; readonly define: LoopsLowering<P> | InlineLowering<P> }
  | InlineLowering<P>
  | HostLowering<P>

/** One operation: shape rule, linear map, batching rule, lowering. */
export interface Primitive<P extends Params = Params> {
  readonly name: string
  /** Avals of the outputs; throws ShapeError or DTypeError for inputs that do not fit. */
  readonly shape: (inputs: readonly Aval[], params: P) => readonly Aval[]
  readonly linear: LinearMap<P>
  readonly batch: BatchRule<P>
  readonly lower: Lowering<P>
  /**
   * For a primitive with positions among its parameters: its result by primitives that take them as operands, so that evaluation compiles
   * once for all positions; `null` where there are none. Only evaluation asks: where it is traced, positions are known and fuse.
   */
  readonly placed?: (inputs: readonly Tensor[], params: P) => readonly Tensor[] | null
  /** For a primitive that applies a Program and does nothing else: that Program, ready to be compiled as a whole. */
  readonly program?: (params: P) => Program
}

/** The parameters of primitives that take none; one object, so that caches compare it by identity. */
export const none: Params = Object.freeze({})

/** A primitive whose parameter type is not known here. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters are contravariant: only `any` accepts every primitive
export type AnyPrimitive = Primitive<any>
