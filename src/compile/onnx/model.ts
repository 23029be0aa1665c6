/** An ONNX model as plain data. */
import type { DType, TypedArray } from '../../core/dtype.js'
import type { Shape } from '../../core/shape.js'

/** Element types inside a model: ours, and the one in which ONNX writes shapes and places. */
export type ElementType = DType | 'int64'

/** TensorProto.DataType. */
export const elementTypes: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11, uint32: 12 }

/** Whether a type is one of ours that has a property. */
export const isOf = (has: (d: DType) => boolean, type: ElementType): type is DType => type !== 'int64' && has(type)

/** Whether runtimes have the operators of neural networks for a type: convolution, pooling, activations. */
export const networks: Readonly<Record<ElementType, boolean>> = {
  float32: true,
  float64: false,
  int32: false,
  uint32: false,
  bool: false,
  int64: false,
}

/** The types to go by for operators that rank elements, which lack some. */
export const ranked: Readonly<Partial<Record<ElementType, ElementType>>> = { bool: 'int32', uint32: 'float64' }

/** Elements known when the model is made. int64 is held as numbers, which are exact. */
export interface StoredTensor {
  readonly name: string
  readonly type: ElementType
  readonly shape: Shape
  /** The elements, row-major; read when the bytes are made. */
  readonly data: () => TypedArray | readonly number[]
}

/** An attribute; the kind says how it is written. */
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'graph'; readonly value: GraphProto }

/** One operation of the default operator set. */
export interface NodeProto {
  readonly op: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** A size that is known, or the name of one that is not. */
export type Dimension = number | string

/** A value that enters or leaves a graph. */
export interface Port {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly Dimension[]
}

/** Nodes in an order in which they can run. The body of a loop or a branch reads values of the graph around it by name. */
export interface GraphProto {
  readonly name: string
  readonly nodes: readonly NodeProto[]
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  readonly initializers: readonly StoredTensor[]
}
