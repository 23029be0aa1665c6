/** Domains of the primitives that read and write at computed places, sort, and communicate. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { DType, Shape } from '../../src/index.js'
import { anyNumbers, eighths, numbers } from '../arbitrary.js'
import type { Domain, None, Operand, Site } from '../domain.js'
import { all, arithmetic, distinct, floats, operand, site } from '../domain.js'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** Sizes, axes and batch axes of an indexed array and its indices. */
interface Layout {
  readonly batch: readonly number[]
  readonly dims: readonly number[]
  /** Positions in `dims`. */
  readonly indexed: readonly number[]
  readonly places: readonly number[]
}

const layout: Arbitrary<Layout> = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 1 }),
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    fc.array(fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 3 }) }, { weight: 1, arbitrary: fc.constant(0) }), {
      maxLength: 2,
    }),
  )
  .chain(([batch, dims, places]) =>
    fc.shuffledSubarray(range(dims.length), { minLength: 1 }).map((indexed) => ({ batch, dims, indexed, places })),
  )

const sourceShape = (l: Layout): Shape => [...l.batch, ...l.dims]
const indexShape = (l: Layout): Shape => [...l.batch, ...l.places, l.indexed.length]
const updateShape = (l: Layout): Shape => [...l.batch, ...l.places, ...l.dims.filter((_, k) => !l.indexed.includes(k))]
const absolute = (l: Layout): readonly number[] => l.indexed.map((k) => l.batch.length + k)

/** Indices from `-slack` below to `slack` above the range of each indexed axis. */
const places = (l: Layout, slack: number): Operand => ({
  shape: indexShape(l),
  dtype: 'int32',
  fill: (n) => {
    const row = l.indexed.map((k) => fc.integer({ min: -slack, max: l.dims[k]! - 1 + slack }))
    const rows = n / l.indexed.length
    return fc.tuple(...range(rows).map(() => fc.tuple(...row))).map((r) => r.flat())
  },
})

type Gather = { readonly axes: readonly number[]; readonly batch: number; readonly mode: 'clip' | 'zero' }

const gatherSites = (
  dtypes: readonly DType[],
  of: (d: DType) => Arbitrary<number>,
  modes: readonly Gather['mode'][],
): Arbitrary<Site<Gather>> =>
  fc
    .tuple(layout, fc.constantFrom(...dtypes), fc.constantFrom(...modes))
    .map(([l, d, mode]) => site({ axes: absolute(l), batch: l.batch.length, mode }, [operand(sourceShape(l), d, of(d)), places(l, 2)]))

const gather: Domain<Gather> = {
  smooth: gatherSites(['float64'], () => eighths(), ['clip', 'zero']),
  values: gatherSites(all, anyNumbers, ['clip', 'zero']),
  large: floats.map((d) =>
    site({ axes: [0], batch: 0, mode: 'clip' as const }, [
      operand([1031, 17], d),
      operand([2053, 1], 'int32', fc.integer({ min: 0, max: 1030 })),
    ]),
  ),
}

type Placement<Op> = { readonly axes: readonly number[]; readonly batch: number; readonly op: Op }
type Scatter = Placement<'set' | 'add'>
type ScatterReduce = Placement<'mul' | 'max' | 'min'>

const placed = <Op>(l: Layout, op: Op, x: Operand, updates: Operand): Site<Placement<Op>> =>
  site({ axes: absolute(l), batch: l.batch.length, op }, [x, places(l, 1), updates])

const scatterSites = <Op extends string>(
  dtypes: readonly DType[],
  ops: readonly Op[],
  of: (d: DType, op: Op) => Arbitrary<number>,
): Arbitrary<Site<Placement<Op>>> =>
  fc
    .tuple(layout, fc.constantFrom(...dtypes), fc.constantFrom(...ops))
    .map(([l, d, op]) => placed(l, op, operand(sourceShape(l), d, of(d, op)), operand(updateShape(l), d, of(d, op))))

const scatter: Domain<Scatter> = {
  smooth: scatterSites(['float64'], ['set', 'add'], () => eighths()),
  values: scatterSites(arithmetic, ['set', 'add'], (d, op) => (op === 'set' ? anyNumbers(d) : numbers(d))),
  large: floats.map((d) =>
    site({ axes: [0], batch: 0, op: 'add' as const }, [
      operand([257, 17], d),
      operand([2053, 1], 'int32', fc.integer({ min: -1, max: 257 })),
      operand([2053, 17], d),
    ]),
  ),
}

const scatterReduce: Domain<ScatterReduce> = {
  // a product is smooth everywhere, an extreme where no two candidates are alike
  smooth: fc.oneof(
    scatterSites(['float64'], ['mul'], () => eighths()),
    fc
      .tuple(layout, fc.constantFrom('max' as const, 'min' as const))
      .map(([l, op]) => placed(l, op, distinct(sourceShape(l)), distinct(updateShape(l), 'float64', 1 / 16))),
  ),
  values: scatterSites(arithmetic, ['mul', 'max', 'min'], (d, op) => (op === 'mul' ? numbers(d) : anyNumbers(d))),
}

/** Sizes of an array and of a window in it, and a scalar start for each axis, out of range now and then. */
const windows = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(4)).map(([n, w]) => ({ n, w: Math.min(n, w) })),
  { maxLength: 3 },
)
const starts = (sizes: readonly { readonly n: number }[]): readonly Operand[] =>
  sizes.map(({ n }) => operand([], 'int32', fc.integer({ min: -1, max: n })))

const dynamicSlices = (
  dtypes: readonly DType[],
  of: (d: DType) => Arbitrary<number>,
): Arbitrary<Site<{ readonly sizes: readonly number[] }>> =>
  fc.tuple(windows, fc.constantFrom(...dtypes)).map(([a, d]) =>
    site({ sizes: a.map((x) => x.w) }, [
      operand(
        a.map((x) => x.n),
        d,
        of(d),
      ),
      ...starts(a),
    ]),
  )

const dynamicUpdates = (dtypes: readonly DType[], of: (d: DType) => Arbitrary<number>): Arbitrary<Site<None>> =>
  fc.tuple(windows, fc.constantFrom(...dtypes)).map(([a, d]) =>
    site({}, [
      operand(
        a.map((x) => x.n),
        d,
        of(d),
      ),
      operand(
        a.map((x) => x.w),
        d,
        of(d),
      ),
      ...starts(a),
    ]),
  )

type Sort = { readonly axis: number; readonly keys: number }

const sortShape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 })

const sort: Domain<Sort> = {
  smooth: fc.tuple(sortShape, fc.integer({ min: 1, max: 3 }), fc.nat(2)).map(([sh, n, a]) =>
    site(
      { axis: a % sh.length, keys: Math.max(1, n - 1) },
      range(n).map((k) => (k === 0 ? distinct(sh) : operand(sh, 'float64'))),
    ),
  ),
  values: fc
    .tuple(
      fc.oneof({ weight: 5, arbitrary: sortShape }, { weight: 1, arbitrary: fc.constant([2, 0, 3]) }),
      fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 3 }),
      fc.nat(2),
      fc.nat(2),
    )
    .map(([sh, ds, a, k]) =>
      site(
        { axis: a % sh.length, keys: 1 + (k % ds.length) },
        ds.map((d) => operand(sh, d, anyNumbers(d))),
      ),
    ),
  large: floats.map((d) => site({ axis: 0, keys: 1 }, [operand([4099], d)])),
}

const axisName = 'batch'
const size = 3

/** What distinguishes the domain of one collective from another. */
interface Collective {
  readonly arity?: number
  /** Whether every member has a block for each of the others. */
  readonly blocks?: boolean
  /** The elements where derivatives are asked for; numbers one by one unless said. */
  readonly smooth?: (shape: readonly number[]) => Operand
}

/** Operands of all members, which lie along the leading axis. */
const collective = <P extends { readonly axisName: string }>(
  params: Arbitrary<P>,
  { arity = 1, blocks = false, smooth = (sh) => operand(sh, 'float64', eighths()) }: Collective = {},
): Domain<P> => {
  const shape = fc
    .array(fc.integer({ min: 1, max: 3 }), { maxLength: blocks ? 1 : 2 })
    .map((sh) => (blocks ? [size, size, ...sh] : [size, ...sh]))
  const at = (make: (shape: readonly number[]) => Operand) =>
    fc.tuple(params, shape).map(([p, sh]) =>
      site(
        p,
        range(arity).map(() => make(sh)),
      ),
    )
  return {
    smooth: arity === 0 ? null : at(smooth),
    values: fc.constantFrom(...floats, 'int32' as const).chain((d) => at((sh) => operand(sh, d, numbers(d)))),
    axisName,
  }
}

const named = fc.constant({ axisName })
const member = fc.constant({ axisName, size })

/** Routes between some of the members, each of which sends and receives at most once. */
const routes = fc
  .tuple(fc.shuffledSubarray(range(size)), fc.shuffledSubarray(range(size)))
  .map(([from, to]) => ({ axisName, size, perm: range(Math.min(from.length, to.length)).map((k) => [from[k]!, to[k]!] as const) }))

/** Reading and writing at computed places, and order. */
export const indexingDomains = {
  gather,
  scatter,
  scatterReduce,
  dynamicSlice: { smooth: dynamicSlices(['float64'], () => eighths()), values: dynamicSlices(all, anyNumbers) },
  dynamicUpdateSlice: { smooth: dynamicUpdates(['float64'], () => eighths()), values: dynamicUpdates(all, anyNumbers) },
  sort,
}

/** Communication along a named axis. */
export const collectiveDomains = {
  psum: collective(named),
  pmax: collective(named, { smooth: (sh) => distinct(sh) }),
  pmin: collective(named, { smooth: (sh) => distinct(sh) }),
  axisIndex: collective(member, { arity: 0 }),
  allGather: collective(member),
  psumScatter: collective(member, { blocks: true }),
  allToAll: collective(member, { blocks: true }),
  ppermute: collective(routes),
}
