/** Reading and writing at computed places. */
import { dtypes } from '../../core/dtype.js'
import { otherAxes, range, sizeOf } from '../../core/shape.js'
import type { Aval } from '../../core/aval.js'
import { invert } from '../../core/shape.js'
import type { GatherParams } from '../../prim/gather.js'
import type { Places } from '../../prim/places.js'
import type { Builder, GraphValue } from './builder.js'
import { counted } from './movement.js'
import type { LoweringRule } from './rule.js'
import { padded, reshaped, sliced, squeezed, transposed, unsqueezed } from './rule.js'
import { castTo, where } from './scalars.js'
import { combined, reduced } from './reduce.js'

/** Limits of the places on every indexed axis. */
const bounds = (b: Builder, x: Aval, axes: readonly number[]): GraphValue =>
  b.constant(
    'int32',
    [axes.length],
    axes.map((a) => x.shape[a]! - 1),
  )

/** Places moved into `x`. */
const clamped = (b: Builder, indices: GraphValue, x: Aval, axes: readonly number[]): GraphValue =>
  combined(b, 'max', combined(b, 'min', indices, bounds(b, x, axes)), b.scalar(0, 'int32'))

/** Which rows of `indices` are places inside `x`: `[B..., I...]`. */
const inside = (b: Builder, indices: GraphValue, x: Aval, axes: readonly number[]): GraphValue => {
  const kind = { type: 'bool', shape: indices.shape } as const
  const low = b.node('GreaterOrEqual', [indices, b.scalar(0, 'int32')], kind)
  const high = b.node('LessOrEqual', [indices, bounds(b, x, axes)], kind)
  return reduced(b, 'Min', b.node('And', [low, high], kind), [indices.shape.length - 1])
}

/** `x` with its indexed axes right after those of the batch. */
const forward = (x: Aval, { axes, batch }: Places): number[] => [
  ...range(batch),
  ...axes,
  ...otherAxes(x.shape.length, [...range(batch), ...axes]),
]

export const gather: LoweringRule<GatherParams> = ({ b, ins, outs, whole, params: { axes, batch, mode } }) => {
  const [x, places] = [ins[0]!, whole(1)]
  const out = outs[0]!
  if (out.size === 0 || x.size === 0) return [b.scalar(0, out.dtype)]
  const table = transposed(b, whole(0), forward(x, { axes, batch }))
  const at = castTo(b, axes.length === 0 ? places : clamped(b, places, x, axes), 'int64')
  const kind = { type: out.dtype, shape: out.shape }
  const lead = places.shape.length - 1
  const read = (): GraphValue => {
    if (axes.length === 0)
      return b.whole(
        reshaped(b, table, [...x.shape.slice(0, batch), ...range(lead - batch).map(() => 1), ...x.shape.slice(batch)]),
        out.shape,
      )
    if (axes.length === 1 && batch === 0)
      return b.node('Gather', [table, squeezed(b, at, [lead])], kind, {
        axis: 0,
      })
    return b.node('GatherND', [table, at], kind, { batch_dims: batch })
  }
  if (mode === 'clip' || axes.length === 0) return [read()]
  const valid = inside(b, places, x, axes)
  const rest = range(out.shape.length - lead).map((k) => lead + k)
  return [where(b, unsqueezed(b, valid, rest), read(), b.scalar(0, out.dtype))]
}

/**
 * Rows of a table: all places of all batches become rows `[places, rest]`, with one more at the end for what falls outside. Rows are
 * written one after the other by ScatterElements, so that the last of several updates of one place wins.
 */
export const scatter: LoweringRule<Places & { readonly op: 'set' | 'add' | 'mul' | 'max' | 'min' }> = ({
  b,
  ins,
  whole,
  params: { axes, batch, op },
}) => {
  const [x, indices, updates] = [ins[0]!, whole(1), whole(2)]
  if (updates.shape.includes(0) || x.size === 0) return [whole(0)]
  const lead = x.shape.slice(0, batch)
  const sizes = axes.map((a) => x.shape[a]!)
  const perm = forward(x, { axes, batch })
  const rest = sizeOf(perm.slice(batch + axes.length).map((a) => x.shape[a]!))
  const places = sizeOf(lead) * sizeOf(sizes)
  const rows = sizeOf(indices.shape.slice(0, -1))

  const kind = (type: 'int32' | 'int64', shape: readonly number[]) => ({ type, shape })
  const strides = sizes.map((_, k) => sizeOf(sizes.slice(k + 1)))
  const steps = b.constant('int32', [axes.length], strides)
  const top = indices.shape.slice(0, -1)
  const own =
    axes.length === 0
      ? b.scalar(0, 'int32')
      : reduced(b, 'Sum', b.node('Mul', [indices, steps], kind('int32', indices.shape)), [indices.shape.length - 1])
  const starts =
    batch === 0
      ? own
      : b.node(
          'Add',
          [
            own,
            b.node(
              'Mul',
              [
                reshaped(b, counted(b, sizeOf(lead), 'int32'), [...lead, ...top.slice(batch).map(() => 1)]),
                b.scalar(sizeOf(sizes), 'int32'),
              ],
              kind('int32', [...lead, ...top.slice(batch).map(() => 1)]),
            ),
          ],
          kind('int32', top),
        )
  const row = axes.length === 0 ? b.whole(starts, top) : where(b, inside(b, indices, x, axes), starts, b.scalar(places, 'int32'))
  const at = b.whole(castTo(b, reshaped(b, row, [rows, 1]), 'int64'), [rows, rest])

  const through = op === 'set' ? x.dtype : dtypes[x.dtype].wide
  const table = castTo(b, reshaped(b, transposed(b, whole(0), perm), [places, rest]), through)
  const longer = padded(b, table, [0, 0], [1, 0], b.scalar(0, through))
  const news = castTo(b, reshaped(b, updates, [rows, rest]), through)
  const attributes = { axis: 0, ...(op === 'set' ? {} : { reduction: op }) }
  const written = b.node('ScatterElements', [longer, at, news], longer, attributes)
  const cut = castTo(b, sliced(b, written, [0], [0], [places], [1]), x.dtype)
  return [
    transposed(
      b,
      reshaped(
        b,
        cut,
        perm.map((a) => x.shape[a]!),
      ),
      invert(perm),
    ),
  ]
}
