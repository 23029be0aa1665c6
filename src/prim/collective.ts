/**
 * Operations over a named axis. Under `vmap` the batching rule of that axis carries them out, and under any other they pass through. Where
 * the members run apart, each is a step of the host that speaks to the others. Blocks for others and from them lie along the leading axis.
 */
import { aval, withShape, type Aval } from '../core/aval.js'
import type { TypedArray } from '../core/dtype.js'
import { dtypes, isReal } from '../core/dtype.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import { range } from '../core/shape.js'
import { peek, type Tensor } from '../core/tensor.js'
import type { Group } from '../ir/axes.js'
import { groupOf } from '../ir/axes.js'
import { bind } from '../ir/bind.js'
import type { Batched, BatchRule, HostLowering, Primitive } from '../ir/primitive.js'
import { div, mul } from './arithmetic.js'
import { or } from './bits.js'
import { broadcast, full, iota, like, reduceSum, replicate } from './broadcast.js'
import { eq, ne } from './comparison.js'
import { concat } from './concat.js'
import { checkDType, linear } from './define.js'
import { moveAxis } from './layout.js'
import { sliceAxis } from './pad.js'
import { reduceMax, reduceMin } from './reduce.js'
import { cast } from './select.js'

type Named = { readonly axisName: string }
type Member = { readonly axisName: string; readonly size: number }
type Routes = Member & { readonly perm: readonly (readonly [source: number, destination: number])[] }

/**
 * The step of the host where members run apart: `make` fills the result, all zeros, with what it takes from the operands of all members,
 * in the order of their positions, so that results depend on nothing else.
 */
const exchanged = /* @__NO_SIDE_EFFECTS__ */ <P extends Named>(
  name: string,
  make: (all: readonly TypedArray[], y: TypedArray, group: Group, p: P) => void,
): HostLowering<P> => ({
  kind: 'host',
  run: ([x], [a], p) => {
    const group = groupOf(name, p.axisName)
    const y = dtypes[a!.dtype].make(a!.size)
    make(group.exchange(peek(x!)), y, group, p)
    return [y]
  },
})

/** Every element of all operands, combined in turn and rounded once. */
const folding =
  (combine: (a: number, b: number) => number) =>
  ([first, ...others]: readonly TypedArray[], y: TypedArray): void => {
    for (let i = 0; i < y.length; i++) {
      let v = first![i]!
      for (const x of others) v = combine(v, x[i]!)
      y[i] = v
    }
  }

const sum = (a: number, b: number): number => a + b

/** Block `k` of `n` elements. */
const block = (x: TypedArray, k: number, n: number): TypedArray => x.subarray(k * n, (k + 1) * n)

/** A result that all members of the axis have in common. */
const shared = (y: Tensor): Batched => ({ outputs: [y], batched: [false] })

/**
 * The batching rule of a collective of one operand. `along` carries it out where the members lie along the leading axis of `x`, or have
 * `x` in common; `through` applies it to a batch of members of another axis.
 */
const collective =
  <P extends Named>(
    along: (x: Tensor, batched: boolean, p: P, size: number) => readonly Tensor[] | Batched,
    through: (x: Tensor, p: P) => Tensor,
  ): BatchRule<P> =>
  ([x], [batched], p, size, over) =>
    over === p.axisName ? along(x!, batched === true, p, size) : [through(x!, p)]

/** Blocks that lie along axis 0 of every example: a batching rule meets them along axis 1. */
const blocks =
  <P>(f: (x: Tensor, p: P) => Tensor) =>
  (x: Tensor, p: P): Tensor =>
    f(moveAxis(x, 0, 1), p)

const checkBlocks = (name: string, x: Aval, { axisName, size }: Member): void => {
  if (x.shape[0] !== size)
    fail(ShapeError, `${name}: the leading axis has a block for each of the ${size} members of '${axisName}'`, { args: { x } })
}

/** The sum over the named axis, the same for every one of its members. */
export const psumP: Primitive<Named> = {
  name: 'psum',
  shape: ([x]) => {
    checkDType('psum', [x!], 'number')
    return [x!]
  },
  linear: linear((cy, _x, { axisName }) => psum(cy, axisName)),
  batch: collective(
    (x, batched, _p, size) => shared(batched ? reduceSum(x, [0]) : mul(x, like(x, size))),
    (x, { axisName }) => psum(x, axisName),
  ),
  lower: exchanged('psum', folding(sum)),
}
export const psum = (x: Tensor, axisName: string): Tensor => bind(psumP, [x], { axisName })

/** The extreme element over the members; all that attain it share the derivative evenly, as along any axis. */
const extreme = /* @__NO_SIDE_EFFECTS__ */ (
  name: string,
  reduce: (x: Tensor, axes: readonly number[]) => Tensor,
  combine: (a: number, b: number) => number,
): Primitive<Named> => {
  const prim: Primitive<Named> = {
    name,
    shape: ([x]) => [x!],
    linear: {
      kind: 'pull',
      pull: ([x], [y], [cy], { axisName }) => {
        if (cy === null) return [null]
        const same = eq(x!, y!)
        // NaN is the extreme element wherever there is one
        const mask = cast(isReal(x!.dtype) ? or(same, ne(x!, x!)) : same, x!.dtype)
        return [mul(mask, div(psum(cy!, axisName), psum(mask, axisName)))]
      },
    },
    batch: collective(
      (x, batched) => shared(batched ? reduce(x, [0]) : x),
      (x, p) => bind(prim, [x], p),
    ),
    lower: exchanged(name, folding(combine)),
  }
  return prim
}

/** The largest element over the named axis, NaN if there is one; `or` of bools. */
export const pmaxP = extreme('pmax', reduceMax, Math.max)
export const pmax = (x: Tensor, axisName: string): Tensor => bind(pmaxP, [x], { axisName })

/** The smallest element over the named axis, NaN if there is one; `and` of bools. */
export const pminP = extreme('pmin', reduceMin, Math.min)
export const pmin = (x: Tensor, axisName: string): Tensor => bind(pminP, [x], { axisName })

/** Position along the named axis of `size`, int32. */
export const axisIndexP: Primitive<Member> = {
  name: 'axisIndex',
  shape: () => [aval([], 'int32')],
  linear: { kind: 'zero' },
  batch: (_inputs, _batched, { axisName, size }, n, over) =>
    over === axisName ? [iota([n], 'int32', 0)] : shared(axisIndex(axisName, size)),
  lower: { kind: 'host', run: (_inputs, _outputs, { axisName }) => [Int32Array.of(groupOf('axisIndex', axisName).index)] },
}
export const axisIndex = (axisName: string, size: number): Tensor => bind(axisIndexP, [], { axisName, size })

/** The values of all members of the named axis of `size`, stacked along a new leading axis. */
export const allGatherP: Primitive<Member> = {
  name: 'allGather',
  shape: ([x], { size }) => [withShape(x!, [size, ...x!.shape])],
  // everyone's shares for everyone, summed by the one that they are for
  linear: linear((cy, _x, { axisName, size }) => psumScatter(cy, axisName, size)),
  batch: collective(
    (x, batched, _p, n) => shared(batched ? x : replicate(x, n)),
    (x, { axisName, size }) => moveAxis(allGather(x, axisName, size), 1, 0),
  ),
  lower: exchanged('allGather', (all, y) => {
    all.forEach((x, k) => {
      y.set(x, k * x.length)
    })
  }),
}
export const allGather = (x: Tensor, axisName: string, size: number): Tensor => bind(allGatherP, [x], { axisName, size })

/** The sum over the named axis of the blocks that are for this member. */
export const psumScatterP: Primitive<Member> = {
  name: 'psumScatter',
  shape: ([x], p) => {
    checkDType('psumScatter', [x!], 'number')
    checkBlocks('psumScatter', x!, p)
    return [withShape(x!, x!.shape.slice(1))]
  },
  linear: linear((cy, _x, { axisName, size }) => allGather(cy, axisName, size)),
  batch: collective(
    (x, batched, _p, n) => [batched ? reduceSum(x, [0]) : mul(x, like(x, n))],
    blocks((x, { axisName, size }) => psumScatter(x, axisName, size)),
  ),
  lower: exchanged('psumScatter', (all, y, { index }) => {
    folding(sum)(
      all.map((x) => block(x, index, y.length)),
      y,
    )
  }),
}
export const psumScatter = (x: Tensor, axisName: string, size: number): Tensor => bind(psumScatterP, [x], { axisName, size })

/** Every member's block for this one, by position of the sender. */
export const allToAllP: Primitive<Member> = {
  name: 'allToAll',
  shape: ([x], p) => {
    checkBlocks('allToAll', x!, p)
    return [x!]
  },
  linear: linear((cy, _x, { axisName, size }) => allToAll(cy, axisName, size)),
  batch: collective(
    (x, batched, _p, n) => [batched ? moveAxis(x, 1, 0) : broadcast(x, [n, ...x.shape], [0, ...range(x.ndim - 1).map((k) => k + 2)])],
    blocks((x, { axisName, size }) => moveAxis(allToAll(x, axisName, size), 1, 0)),
  ),
  lower: exchanged('allToAll', (all, y, { index }) => {
    const n = y.length / all.length
    all.forEach((x, k) => {
      y.set(block(x, index, n), k * n)
    })
  }),
}
export const allToAll = (x: Tensor, axisName: string, size: number): Tensor => bind(allToAllP, [x], { axisName, size })

/** For every destination its source; -1 where it has none. */
export const sourcesOf = ({ size, perm }: Routes): readonly number[] => {
  const sources = new Array<number>(size).fill(-1)
  for (const [from, to] of perm) sources[to] = from
  return sources
}

/** Throws unless every pair is of members, each of which sends and receives at most once. */
export const checkRoutes = ({ axisName, size, perm }: Routes): void => {
  const ends = (k: 0 | 1): readonly number[] => perm.map((pair) => pair[k])
  for (const [k, what] of [[0, 'sends'] as const, [1, 'receives'] as const]) {
    const outside = ends(k).find((m) => !Number.isInteger(m) || m < 0 || m >= size)
    if (outside !== undefined)
      fail(ValueError, `ppermute: perm names member ${outside}, but '${axisName}' has ${size} member${size === 1 ? '' : 's'}`, {
        fix: `pairs [source, destination] of positions from 0 to ${size - 1}`,
      })
    const twice = ends(k).find((m, i, all) => all.indexOf(m) !== i)
    if (twice !== undefined)
      fail(ValueError, `ppermute: member ${twice} ${what} twice in perm`, {
        fix: 'every source and every destination at most once; allGather to send one value to many',
      })
  }
}

/** The rows of `x` that `sources` name, zeros for -1, by runs of rows that follow each other. */
const rows = (x: Tensor, sources: readonly number[]): Tensor => {
  const runs: { readonly from: number; count: number }[] = []
  for (const s of sources) {
    const last = runs.at(-1)
    if (last !== undefined && (last.from < 0 ? s < 0 : s === last.from + last.count)) last.count++
    else runs.push({ from: s, count: 1 })
  }
  const zeros = (n: number): Tensor => full([n, ...x.shape.slice(1)], 0, x.dtype, x.aval.weak)
  return concat(
    runs.map(({ from, count }) => (from < 0 ? zeros(count) : sliceAxis(x, 0, from, from + count))),
    0,
  )
}

/** The value of the member that sends to this one; zeros where none does. `perm` has a pair of source and destination for each route. */
export const ppermuteP: Primitive<Routes> = {
  name: 'ppermute',
  shape: ([x], p) => {
    checkRoutes(p)
    return [x!]
  },
  linear: linear((cy, _x, { axisName, size, perm }) =>
    ppermute(
      cy,
      axisName,
      size,
      perm.map(([from, to]) => [to, from]),
    ),
  ),
  batch: collective(
    (x, batched, p, n) => [n === 0 ? x : rows(batched ? x : replicate(x, n), sourcesOf(p))],
    (x, { axisName, size, perm }) => ppermute(x, axisName, size, perm),
  ),
  lower: exchanged('ppermute', (all, y, { index }, p) => {
    const from = sourcesOf(p)[index]!
    if (from >= 0) y.set(all[from]!)
  }),
}
export const ppermute = (x: Tensor, axisName: string, size: number, perm: Routes['perm']): Tensor =>
  bind(ppermuteP, [x], { axisName, size, perm })
