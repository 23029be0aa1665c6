/** Running sums, products and extremes along one axis. */
import type { Aval } from '../core/aval.js'
import type { DType } from '../core/dtype.js'
import { dtypes } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { BatchRule, LoopsLowering, Params, Primitive } from '../ir/primitive.js'
import type { Combine } from '../kernel/loop.js'
import { s } from '../kernel/scalar.js'
import { add, div, mul } from './arithmetic.js'
import { or } from './bits.js'
import { like } from './broadcast.js'
import { ge, le, ne } from './comparison.js'
import { checkAxes, checkDType, movement, single, type AppliedBinary } from './define.js'
import { reverse } from './layout.js'
import { padAxis, sliceAxis } from './pad.js'
import { select } from './select.js'

/** Along which axis, and whether from its end. */
export type CumulativeParams = { readonly axis: number; readonly reverse: boolean }

const runShape =
  (name: string) =>
  (x: Aval, { axis }: CumulativeParams): Aval => {
    checkDType(name, [x], 'number')
    checkAxes(name, x, [axis])
    return x
  }

const runBatch = <P extends Params & CumulativeParams>(apply: (x: Tensor, axis: number, reverse: boolean) => Tensor): BatchRule<P> =>
  single((x, { axis, reverse }) => apply(x, axis + 1, reverse))

/** The nest that combines, for every entry, all entries up to it; quadratic in the length of the axis. */
const runNest = (combine: Combine, unit: (d: DType) => number): LoopsLowering<CumulativeParams> => ({
  kind: 'loops',
  nests: ([x], [y], { axis, reverse }) => {
    const { shape, dtype } = y!
    const [here, there] = [s.index(axis), s.index(shape.length)]
    const value = s.load(
      0,
      shape.map((_, k) => (k === axis ? there : s.index(k))),
      x!.dtype,
    )
    const body = s.select(reverse ? s.ge(there, here) : s.le(there, here), value, s.like(value, unit(dtype)))
    return [{ kind: 'loops', shape, dtype, reduce: { sizes: [shape[axis]!], combine }, body }]
  },
})

/** Running sum. */
export const cumsumP: Primitive<CumulativeParams> = movement('cumsum', {
  shape: runShape('cumsum'),
  transpose: (cy, _x, { axis, reverse }) => cumsum(cy, axis, !reverse),
  batch: (x, { axis, reverse }) => cumsum(x, axis + 1, reverse),
  lower: { kind: 'routine', define: runNest('add', () => 0) },
})
export const cumsum = (x: Tensor, axis: number, reverse = false): Tensor => bind(cumsumP, [x], { axis, reverse })

/**
 * The running combination of several tensors at once, by doubling: after the step of width `w`, entry `i` combines
 * entries `i - 2w + 1 .. i`. `units` are what `combine` leaves alone, and fill in before the beginning.
 */
const running = (
  parts: readonly Tensor[],
  units: readonly number[],
  { axis, reverse: backward }: CumulativeParams,
  combine: (earlier: readonly Tensor[], later: readonly Tensor[]) => readonly Tensor[],
): readonly Tensor[] => {
  const turn = (x: Tensor): Tensor => (backward ? reverse(x, [axis]) : x)
  let values = parts.map(turn)
  const n = parts[0]!.shape[axis]!
  for (let w = 1; w < n; w *= 2) {
    const earlier = values.map((v, k) => padAxis(sliceAxis(v, axis, 0, n - w), axis, w, 0, units[k]))
    values = [...combine(earlier, values)]
  }
  return values.map(turn)
}

/** Running product; its derivative is exact with any number of zeros. */
export const cumprodP: Primitive<CumulativeParams> = {
  name: 'cumprod',
  shape: ([x], p) => [runShape('cumprod')(x!, p)],
  linear: {
    kind: 'push',
    // products of dual numbers
    push: ([x], _outputs, [dx], p) =>
      dx === null ? [null] : running([x!, dx!], [1, 0], p, ([a, da], [b, db]) => [mul(a!, b!), add(mul(da!, b!), mul(a!, db!))]).slice(1),
  },
  batch: runBatch((x, axis, reverse) => cumprod(x, axis, reverse)),
  lower: { kind: 'routine', define: runNest('mul', () => 1) },
}
export const cumprod = (x: Tensor, axis: number, reverse = false): Tensor => bind(cumprodP, [x], { axis, reverse })

/** The running extreme; all entries that attain it share the derivative evenly. */
const extreme = /* @__NO_SIDE_EFFECTS__ */ (
  name: string,
  combine: 'max' | 'min',
  unit: number,
  keeps: AppliedBinary,
): Primitive<CumulativeParams> => {
  const prim: Primitive<CumulativeParams> = {
    name,
    shape: ([x], p) => [runShape(name)(x!, p)],
    linear: {
      kind: 'push',
      // extremes with the number of entries that attain them and the sum of those entries' tangents
      push: ([x], _outputs, [dx], p) => {
        if (dx === null) return [null]
        const [, count, sum] = running([x!, like(x!, 1), dx!], [unit, 0, 0], p, ([a, m, da], [b, n, db]) => {
          // NaN is the extreme entry from where it stands
          const [first, second] = [or(keeps(a!, b!), ne(a!, a!)), or(keeps(b!, a!), ne(b!, b!))]
          const share = (u: Tensor, v: Tensor): Tensor => add(select(first, u, like(u, 0)), select(second, v, like(v, 0)))
          return [select(first, a!, b!), share(m!, n!), share(da!, db!)]
        })
        return [div(sum!, count!)]
      },
    },
    batch: runBatch((x, axis, reverse) => bind(prim, [x], { axis, reverse })),
    lower: { kind: 'routine', define: runNest(combine, (d) => (combine === 'max' ? dtypes[d].min : dtypes[d].max)) },
  }
  return prim
}

/** Running maximum; NaN from the first NaN on. */
export const cummaxP = extreme('cummax', 'max', -Infinity, ge)
export const cummax = (x: Tensor, axis: number, reverse = false): Tensor => bind(cummaxP, [x], { axis, reverse })

/** Running minimum; NaN from the first NaN on. */
export const cumminP = extreme('cummin', 'min', Infinity, le)
export const cummin = (x: Tensor, axis: number, reverse = false): Tensor => bind(cumminP, [x], { axis, reverse })
