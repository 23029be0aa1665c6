/** Constructors that keep a primitive's block short: what elementwise and movement primitives have in common. */
import type { Aval } from '../core/aval.js'
import { aval, withShape } from '../core/aval.js'
import type { DType } from '../core/dtype.js'
import { isBool, isInexact, isInteger, isReal, phrase } from '../core/dtype.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import type { LinearMap, Partial } from '../ir/linear.js'
import type { BatchRule, Lowering, Params, Primitive } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'

/** A primitive of one operand, applied. */
export type AppliedUnary = (x: Tensor) => Tensor
/** A primitive of two operands, applied. */
export type AppliedBinary = (x: Tensor, y: Tensor) => Tensor

/** The dtypes that a primitive accepts. */
export type AcceptedDTypes = 'float' | 'integer' | 'number' | 'bits' | 'any'

const domains: Readonly<Record<AcceptedDTypes, { readonly has: (d: DType) => boolean; readonly what: string; readonly fix: string }>> = {
  float: { has: isReal, what: /* @__PURE__ */ phrase(isReal), fix: "cast to 'float32' first" },
  integer: { has: isInteger, what: 'int32 or uint32', fix: "cast to 'int32' first" },
  number: { has: (d) => !isBool(d), what: 'numbers', fix: "cast to 'int32' or 'float32' first" },
  bits: { has: (d) => !isInexact(d), what: 'bool, int32 or uint32', fix: "cast to 'bool' or 'int32' first" },
  any: { has: () => true, what: 'any dtype', fix: '' },
}

const letters = ['x', 'y', 'z', 'w']

/** Avals by argument name, for error messages: `x`, `y`, ... */
export const named = (inputs: readonly Aval[]): Record<string, Aval> => Object.fromEntries(inputs.map((a, k) => [letters[k] ?? `x${k}`, a]))

/** Throws DTypeError unless every input's dtype is in `domain`. */
export const checkDType = (name: string, inputs: readonly Aval[], domain: AcceptedDTypes): void => {
  const { has, what, fix } = domains[domain]
  for (const a of inputs) if (!has(a.dtype)) fail(DTypeError, `${name}: needs ${what}, got ${a.dtype}`, { args: named(inputs), fix })
}

/** Throws unless all inputs have one shape and one dtype: primitives neither broadcast nor promote. */
export const checkAlike = (name: string, inputs: readonly Aval[]): void => {
  const x = inputs[0]!
  for (let k = 1; k < inputs.length; k++) {
    const y = inputs[k]!
    if (y === x) continue
    if (y.dtype !== x.dtype)
      fail(DTypeError, `${name}: operands differ in dtype: ${x.dtype} and ${y.dtype}`, {
        args: named(inputs),
        fix: `np.${name}, which promotes`,
      })
    if (!sameShape(y.shape, x.shape))
      fail(ShapeError, `${name}: operands differ in shape: [${x.shape.join(',')}] and [${y.shape.join(',')}]`, {
        args: named(inputs),
        fix: `np.${name}, which broadcasts`,
      })
  }
}

/** The aval of an elementwise result: weak only when all inputs are. */
export const alike = (name: string, inputs: readonly Aval[], domain: AcceptedDTypes): Aval => {
  checkDType(name, inputs, domain)
  checkAlike(name, inputs)
  const x = inputs[0]!
  return x.weak && inputs.some((a) => !a.weak) ? aval(x.shape, x.dtype) : x
}

/** A partial derivative that reads inputs by position, and the output (`OUT`). */
export const reads = /* @__NO_SIDE_EFFECTS__ */ (needs: readonly number[], d: (...values: Tensor[]) => Tensor): Partial<Params> => ({
  needs,
  d: (values) => d(...values),
})

/** What distinguishes one elementwise primitive from another. */
export interface Elementwise {
  /** Accepted dtypes; floats unless said otherwise. */
  readonly of?: AcceptedDTypes
  /** The scalar function in the kernel language. */
  readonly scalar: (...inputs: Expr[]) => Expr
  /** One partial derivative per input; without them the map is zero. */
  readonly partials?: readonly Partial<Params>[]
}

/** A primitive that works element by element on operands of one shape and dtype. */
export const elementwise = /* @__NO_SIDE_EFFECTS__ */ (name: string, { of = 'float', scalar, partials }: Elementwise): Primitive => ({
  name,
  shape: (inputs) => [alike(name, inputs, of)],
  linear: partials === undefined ? { kind: 'zero' } : { kind: 'elementwise', partials },
  batch: 'elementwise',
  lower: { kind: 'scalar', body: (inputs) => scalar(...inputs) },
})

/** What distinguishes one linear primitive of one operand from another. */
export interface Movement<P extends Params> {
  /** The output's aval; throws when `p` does not fit `x`. */
  readonly shape: (x: Aval, p: P) => Aval
  /** The cotangent of the operand, whose aval is `x`. */
  readonly transpose: (cy: Tensor, x: Aval, p: P) => Tensor
  /** The primitive on an operand with an extra leading axis of `size`. */
  readonly batch: (x: Tensor, p: P, size: number) => Tensor
  readonly lower: Lowering<P>
}

/** A linear primitive of one operand and one output: movements of data, sums, casts. */
export const movement = /* @__NO_SIDE_EFFECTS__ */ <P extends Params>(
  name: string,
  { shape, transpose, batch, lower }: Movement<P>,
): Primitive<P> => ({
  name,
  shape: ([x], p) => [shape(x!, p)],
  linear: linear(transpose),
  batch: single(batch),
  lower,
})

/** The linear map of a primitive of one operand, from its transpose. */
export const linear = /* @__NO_SIDE_EFFECTS__ */ <P>(transpose: (cy: Tensor, x: Aval, p: P) => Tensor): LinearMap<P> => ({
  kind: 'linear',
  transpose: ([cy], { ins }, p) => [cy === null ? null : transpose(cy!, ins[0]!, p)],
})

/** The batching rule of a primitive of one operand and one output. */
export const single = /* @__NO_SIDE_EFFECTS__ */ <P>(f: (x: Tensor, p: P, size: number) => Tensor): BatchRule<P> =>
  (inputs, _batched, p, size) => [f(inputs[0]!, p, size)]

/** Axis numbers after a batch axis has been put in front. */
export const shifted = (axes: readonly number[]): number[] => axes.map((a) => a + 1)

/** Throws ShapeError unless `axes` are distinct axes of `x`. */
export const checkAxes = (name: string, x: Aval, axes: readonly number[]): void => {
  const n = x.shape.length
  if (new Set(axes).size !== axes.length || axes.some((a) => !Number.isInteger(a) || a < 0 || a >= n))
    fail(ShapeError, `${name}: [${axes.join(', ')}] are not distinct axes of ${n} dimension${n === 1 ? '' : 's'}`, { args: { x } })
}

/** `x` without `axes`. */
export const without = (x: Aval, axes: readonly number[]): Aval =>
  withShape(
    x,
    x.shape.filter((_, k) => !axes.includes(k)),
  )
