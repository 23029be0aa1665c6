/** Joining along an axis and splitting again, each other's transpose. */
import { withShape, type Aval } from '../core/aval.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { bind, bindAll } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { full, replicate } from './broadcast.js'
import { named } from './define.js'
import { sliceAxis } from './pad.js'

/** Up to so many parts slices, which fuse with what reads them, are better than one `split`. */
const few = 8

/** Operands one after the other along `axis`; their other sizes agree. */
export const concatP: Primitive<{ readonly axis: number }> = {
  name: 'concat',
  shape: (inputs, { axis }) => {
    const x = inputs[0]
    if (x === undefined) return fail(ShapeError, 'concat: needs at least one operand')
    if (!(axis >= 0 && axis < x.shape.length)) fail(ShapeError, `concat: axis ${axis} is out of range`, { args: { x } })
    for (const y of inputs) {
      if (y.dtype !== x.dtype) fail(DTypeError, `concat: operands differ in dtype: ${x.dtype} and ${y.dtype}`, { args: named(inputs) })
      if (y.shape.length !== x.shape.length || y.shape.some((n, k) => k !== axis && n !== x.shape[k]))
        fail(ShapeError, `concat: sizes differ on an axis other than ${axis}`, { args: named(inputs) })
    }
    const strong = inputs.find((y) => !y.weak) ?? x
    return [
      withShape(
        strong,
        x.shape.map((n, k) => (k === axis ? inputs.reduce((sum, y) => sum + y.shape[axis]!, 0) : n)),
      ),
    ]
  },
  linear: {
    kind: 'linear',
    transpose: ([cy], { active, ins }, { axis }) => {
      if (cy !== null && ins.length > few) {
        const parts = split(
          cy!,
          axis,
          ins.map((x) => x.shape[axis]!),
        )
        return parts.map((part, k) => (active[k] ? part : null))
      }
      let end = 0
      return ins.map((x, k) => {
        const start = end
        end += x.shape[axis]!
        return cy === null || !active[k] ? null : sliceAxis(cy!, axis, start, end)
      })
    },
  },
  batch: (inputs, batched, { axis }, size) => [
    concat(
      inputs.map((x, k) => (batched[k] === true ? x : replicate(x, size))),
      axis + 1,
    ),
  ],
  lower: {
    kind: 'loops',
    nests: (inputs, [y], { axis }) => {
      const parts: { readonly end: number; readonly here: Expr }[] = []
      let end = 0
      inputs.forEach((x, k) => {
        const start = end
        end += x.shape[axis]!
        if (start === end) return
        const at = y!.shape.map((_, j) => (j === axis && start > 0 ? s.sub(s.index(j), s.int(start)) : s.index(j)))
        parts.push({ end, here: s.load(k, at, y!.dtype) })
      })
      // A search by halves: its depth is the logarithm of the number of operands.
      const among = (from: number, to: number): Expr => {
        if (to - from === 1) return parts[from]!.here
        const middle = (from + to) >>> 1
        return s.select(s.lt(s.index(axis), s.int(parts[middle - 1]!.end)), among(from, middle), among(middle, to))
      }
      const body = parts.length === 0 ? s.const(0, y!.dtype) : among(0, parts.length)
      return [{ kind: 'loops', shape: y!.shape, dtype: y!.dtype, body }]
    },
  },
}
export const concat = (xs: readonly Tensor[], axis: number): Tensor => (xs.length === 1 ? xs[0]! : bind(concatP, xs, { axis }))

/** Sizes of the parts along `axis`, which add up to the axis. */
export type SplitParams = { readonly axis: number; readonly sizes: readonly number[] }

/** Cotangents of neighbouring parts joined; those that are zero next to each other are one block. */
const rejoined = (cys: readonly (Tensor | null)[], x: Aval, { axis, sizes }: SplitParams): Tensor | null => {
  const dtype = cys.find((c) => c !== null)?.dtype
  if (dtype === undefined) return null
  const blocks: Tensor[] = []
  let empty = 0
  const close = (): void => {
    const size = empty
    if (size > 0)
      blocks.push(
        full(
          x.shape.map((n, k) => (k === axis ? size : n)),
          0,
          dtype,
        ),
      )
    empty = 0
  }
  cys.forEach((c, k) => {
    if (c === null) empty += sizes[k]!
    else {
      close()
      blocks.push(c)
    }
  })
  close()
  return concat(blocks, axis)
}

/** Consecutive parts of `sizes` along `axis`. */
export const splitP: Primitive<SplitParams> = {
  name: 'split',
  shape: ([x], { axis, sizes }) => {
    if (!(axis >= 0 && axis < x!.shape.length)) fail(ShapeError, `split: axis ${axis} is out of range`, { args: { x: x! } })
    const total = sizes.reduce((n, size) => n + size, 0)
    if (total !== x!.shape[axis] || sizes.some((n) => !(n >= 0)))
      fail(ShapeError, `split: parts of ${total} in all along axis ${axis} of size ${x!.shape[axis]!}`, { args: { x: x! } })
    const avals = new Map<number, Aval>()
    return sizes.map((size) => {
      let a = avals.get(size)
      if (a === undefined)
        avals.set(
          size,
          (a = withShape(
            x!,
            x!.shape.map((n, k) => (k === axis ? size : n)),
          )),
        )
      return a
    })
  },
  linear: { kind: 'linear', transpose: (cys, { ins: [x] }, p) => [rejoined(cys, x!, p)] },
  batch: ([x], _, { axis, sizes }) => split(x!, axis + 1, sizes),
  lower: {
    kind: 'routine',
    define: {
      kind: 'loops',
      nests: (_, outs, { axis, sizes }) => {
        let end = 0
        return outs.map(({ shape, dtype }, k) => {
          const start = end
          end += sizes[k]!
          const at = shape.map((_size, j) => (j === axis && start > 0 ? s.add(s.index(j), s.int(start)) : s.index(j)))
          return { kind: 'loops', shape, dtype, body: s.load(0, at, dtype) }
        })
      },
    },
  },
}
export const split = (x: Tensor, axis: number, sizes: readonly number[]): readonly Tensor[] => bindAll(splitP, [x], { axis, sizes })

/** Consecutive parts of `sizes` along `axis`: slices for a few, one `split` for many. */
export const parts = (x: Tensor, axis: number, sizes: readonly number[]): readonly Tensor[] => {
  if (sizes.length > few) return split(x, axis, sizes)
  let end = 0
  return sizes.map((size) => {
    end += size
    return sliceAxis(x, axis, end - size, end)
  })
}
