/**
 * Slices and paddings whose positions are operands. Evaluation runs them in place of `slice` and `pad`, so that one compiled form
 * serves all positions. They are never traced, so they need no derivatives and no batching of their own.
 */
import { aval, withShape } from '../core/aval.js'
import { fail, TraceError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import { s } from '../kernel/scalar.js'
import { allOf, guarded } from './sliding.js'

/** Positions as an operand. */
const operand = (positions: readonly number[]): Tensor => hostTensor(aval([positions.length], 'int32'), Int32Array.from(positions))

const evaluated = {
  linear: { kind: 'zero' },
  batch: () => fail(TraceError, 'slices with positions as operands are not traced', { fix: 'report it: this is a defect of adjoint' }),
} as const

/** Sizes of the slice, and steps on every axis. */
export type SliceFromParams = { readonly sizes: readonly number[]; readonly step: readonly number[] }

/** The slice of the first operand from the positions that the second holds; what it reads lies inside. */
export const sliceFromP: Primitive<SliceFromParams> = {
  name: 'sliceFrom',
  shape: ([x], { sizes }) => [withShape(x!, sizes)],
  ...evaluated,
  lower: {
    kind: 'routine',
    define: {
      kind: 'loops',
      nests: (_, [y], { step }) => {
        const at = step.map((by, k) => s.add(s.load(1, [s.int(k)], 'int32'), s.mul(s.index(k), s.int(by))))
        return [{ kind: 'loops', shape: y!.shape, dtype: y!.dtype, body: s.load(0, at, y!.dtype) }]
      },
    },
  },
}
export const sliceFrom = (x: Tensor, start: readonly number[], params: SliceFromParams): Tensor =>
  bind(sliceFromP, [x, operand(start)], params)

/** A tensor of `shape`, filled with the second operand, with the first from the positions that the third holds on; it lies inside. */
export const padFromP: Primitive<{ readonly shape: Shape }> = {
  name: 'padFrom',
  shape: ([x, value], { shape }) => [withShape(x!.weak && !value!.weak ? value! : x!, shape)],
  ...evaluated,
  lower: {
    kind: 'routine',
    define: {
      kind: 'loops',
      nests: ([x], [y]) => {
        const at = x!.shape.map((_, k) => s.sub(s.index(k), s.load(2, [s.int(k)], 'int32')))
        const tests = at.flatMap((i, k) => [s.ge(i, s.int(0)), s.lt(i, s.int(x!.shape[k]!))])
        const body = guarded(allOf(tests), s.load(0, at, y!.dtype), s.load(1, [], y!.dtype))
        return [{ kind: 'loops', shape: y!.shape, dtype: y!.dtype, body }]
      },
    },
  },
}
export const padFrom = (x: Tensor, value: Tensor, low: readonly number[], shape: Shape): Tensor =>
  bind(padFromP, [x, value, operand(low)], { shape })
