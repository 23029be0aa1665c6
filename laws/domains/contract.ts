/** Domains of contractions and sliding windows: dot products, convolution, pooling, patches. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { DType, Shape } from '../../src/index.js'
import { anyNumbers } from '../arbitrary.js'
import type { Domain, Operand, Site } from '../domain.js'
import { arithmetic, distinct, floats, operand, site } from '../domain.js'

type Dims = {
  readonly lhsContract: readonly number[]
  readonly rhsContract: readonly number[]
  readonly lhsBatch: readonly number[]
  readonly rhsBatch: readonly number[]
}

const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const shuffled = (n: number): Arbitrary<number[]> => fc.shuffledSubarray(indices(n), { minLength: n, maxLength: n })

/** Sizes with an empty axis now and then. */
const sizes = (max: number): Arbitrary<number[]> =>
  fc.array(fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 3 }) }, { weight: 1, arbitrary: fc.constant(0) }), { maxLength: max })

/** Batch, contracted and free axes, in any order within each operand. */
const dotSites = (dtypes: readonly DType[], of?: (d: DType) => Arbitrary<number>): Arbitrary<Site<Dims>> =>
  fc.tuple(sizes(2), sizes(2), sizes(2), sizes(2), fc.constantFrom(...dtypes)).chain(([batch, contract, left, right, d]) =>
    fc
      .tuple(shuffled(batch.length + contract.length + left.length), shuffled(batch.length + contract.length + right.length))
      .map(([l, r]) => {
        const place = (perm: readonly number[], free: readonly number[]): Operand => {
          const shape = new Array<number>(perm.length)
          ;[...batch, ...contract, ...free].forEach((n, i) => {
            shape[perm[i]!] = n
          })
          return of === undefined ? operand(shape, d) : operand(shape, d, of(d))
        }
        const b = batch.length
        const c = b + contract.length
        return site({ lhsBatch: l.slice(0, b), rhsBatch: r.slice(0, b), lhsContract: l.slice(b, c), rhsContract: r.slice(b, c) }, [
          place(l, left),
          place(r, right),
        ])
      }),
  )

const matrices = { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] }

const dotGeneral: Domain<Dims> = {
  smooth: dotSites(['float64']),
  values: dotSites(arithmetic, anyNumbers),
  large: [
    site(matrices, [operand([67, 129], 'float32'), operand([129, 71], 'float32')]),
    site({ ...matrices, lhsContract: [0], rhsContract: [1] }, [operand([129, 67], 'float64'), operand([71, 129], 'float64')]),
    site({ lhsContract: [2], rhsContract: [1], lhsBatch: [0], rhsBatch: [0] }, [
      operand([3, 33, 65], 'float32'),
      operand([3, 65, 31], 'float32'),
    ]),
    site({ ...matrices, lhsContract: [0] }, [operand([1031], 'float32'), operand([1031, 65], 'float32')]),
  ],
}

interface Axis {
  readonly size: number
  readonly window: number
  readonly stride: number
  readonly padding: readonly [number, number]
  readonly dilation: number
  readonly windowDilation: number
}

const extent = (n: number, dilation: number): number => (n === 0 ? 0 : (n - 1) * dilation + 1)
const outputs = (a: Axis): number =>
  Math.floor((extent(a.size, a.dilation) + a.padding[0] + a.padding[1] - extent(a.window, a.windowDilation)) / a.stride) + 1

/** True when no window of the axis lies in padding alone. */
const covered = (a: Axis): boolean =>
  indices(outputs(a)).every((o) =>
    indices(a.window).some((w) => {
      const at = o * a.stride - a.padding[0] + w * a.windowDilation
      return at >= 0 && at < extent(a.size, a.dilation)
    }),
  )

const axis = (dilations: number): Arbitrary<Axis> =>
  fc
    .record({
      size: fc.integer({ min: 1, max: 5 }),
      window: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      padding: fc.tuple(fc.integer({ min: -1, max: 2 }), fc.integer({ min: -1, max: 2 })),
      dilation: fc.integer({ min: 1, max: dilations }),
      windowDilation: fc.integer({ min: 1, max: 2 }),
    })
    .map((a) => {
      // cropped or too small: give up cropping, then grow until one window fits
      const uncropped =
        extent(a.size, a.dilation) + Math.min(a.padding[0], 0) + Math.min(a.padding[1], 0) > 0 ? a : { ...a, padding: [0, 0] as const }
      let fitting = uncropped
      while (outputs(fitting) < 1) fitting = { ...fitting, size: fitting.size + 1 }
      return fitting
    })

type Convolution = {
  readonly strides: readonly number[]
  readonly padding: readonly (readonly [number, number])[]
  readonly lhsDilation: readonly number[]
  readonly rhsDilation: readonly number[]
  readonly groups: number
}

const convolution = (axes: readonly Axis[], groups: number): Convolution => ({
  strides: axes.map((a) => a.stride),
  padding: axes.map((a) => a.padding),
  lhsDilation: axes.map((a) => a.dilation),
  rhsDilation: axes.map((a) => a.windowDilation),
  groups,
})

const convSites = (dtypes: readonly DType[]) =>
  fc
    .record({
      axes: fc.array(axis(2), { minLength: 0, maxLength: 3 }),
      n: fc.integer({ min: 1, max: 2 }),
      groups: fc.integer({ min: 1, max: 2 }),
      c: fc.integer({ min: 1, max: 2 }),
      o: fc.integer({ min: 1, max: 2 }),
      dtype: fc.constantFrom(...dtypes),
    })
    // three spatial axes only as long as they are small
    .map((r) =>
      r.axes.length === 3 ? { ...r, n: 1, c: 1, o: 1, axes: r.axes.map((a) => ({ ...a, size: Math.max(a.size, 1), dilation: 1 })) } : r,
    )
    .filter((r) => r.axes.every((a) => outputs(a) >= 1))
    .map(({ axes, n, groups, c, o, dtype }) =>
      site(convolution(axes, groups), [
        operand([n, groups * c, ...axes.map((a) => a.size)], dtype),
        operand([groups * o, c, ...axes.map((a) => a.window)], dtype),
      ]),
    )

const square: Convolution = {
  strides: [1, 1],
  padding: [
    [1, 1],
    [1, 1],
  ],
  lhsDilation: [1, 1],
  rhsDilation: [1, 1],
  groups: 1,
}

const conv: Domain<Convolution> = {
  smooth: convSites(['float64']),
  values: convSites(arithmetic),
  large: [
    site({ ...square }, [operand([2, 5, 19, 21], 'float32'), operand([7, 5, 3, 3], 'float32')]),
    site({ ...square, strides: [2, 3] }, [operand([2, 5, 19, 21], 'float64'), operand([7, 5, 3, 3], 'float64')]),
    site({ ...square, groups: 6 }, [operand([1, 6, 23, 17], 'float32'), operand([6, 1, 3, 3], 'float32')]),
  ],
}

type Slid = Pick<Convolution, 'strides' | 'padding'> & { readonly window: readonly number[]; readonly windowDilation: readonly number[] }

const sliding = (axes: readonly Axis[]): Slid => ({
  window: axes.map((a) => a.window),
  strides: axes.map((a) => a.stride),
  padding: axes.map((a) => a.padding),
  windowDilation: axes.map((a) => a.windowDilation),
})

const slidingAxes = (max: number, where: (a: Axis) => boolean = () => true): Arbitrary<Axis[]> =>
  fc.array(axis(1).filter(where), { minLength: 1, maxLength: max })

const windowSites = (
  x: (shape: Shape, d: DType) => Operand,
  dtypes: readonly DType[],
  where?: (a: Axis) => boolean,
): Arbitrary<Site<Slid>> =>
  fc.tuple(slidingAxes(3, where), fc.constantFrom(...dtypes)).map(([axes, d]) =>
    site(sliding(axes), [
      x(
        axes.map((a) => a.size),
        d,
      ),
    ]),
  )

const valued = (shape: Shape, d: DType): Operand => operand(shape, d, anyNumbers(d))

const pool: Slid = {
  window: [1, 1, 3, 3],
  strides: [1, 1, 2, 2],
  padding: [
    [0, 0],
    [0, 0],
    [1, 1],
    [1, 1],
  ],
  windowDilation: [1, 1, 1, 1],
}
const largeWindows = floats.map((d) => site(pool, [operand([2, 3, 33, 35], d)]))

const windowing = (x: (shape: Shape, d: DType) => Operand, where?: (a: Axis) => boolean): Domain<Slid> => ({
  smooth: windowSites(x, ['float64'], where),
  values: windowSites(valued, arithmetic),
  large: largeWindows,
})

/** Leading axes that the windows do not touch. */
const leads = fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 2 })

const patchSites = (x: (shape: Shape, d: DType) => Operand, dtypes: readonly DType[]): Arbitrary<Site<Slid>> =>
  fc
    .tuple(leads, slidingAxes(2), fc.constantFrom(...dtypes))
    .map(([lead, axes, d]) => site(sliding(axes), [x([...lead, ...axes.map((a) => a.size)], d)]))

const unpatchSites = (
  x: (shape: Shape, d: DType) => Operand,
  dtypes: readonly DType[],
): Arbitrary<Site<Slid & { readonly shape: Shape }>> =>
  fc
    .tuple(leads, slidingAxes(2), fc.constantFrom(...dtypes))
    .map(([lead, axes, d]) =>
      site({ ...sliding(axes), shape: axes.map((a) => a.size) }, [x([...lead, ...axes.map(outputs), ...axes.map((a) => a.window)], d)]),
    )

const plain = (shape: Shape, d: DType): Operand => operand(shape, d)

/** Contractions and windows. */
export const contractDomains = {
  dotGeneral,
  conv,
  windowSum: windowing(plain),
  windowMax: windowing(distinct, covered),
  windowMin: windowing(distinct, covered),
  patches: { smooth: patchSites(plain, ['float64']), values: patchSites(valued, arithmetic) },
  unpatches: { smooth: unpatchSites(plain, ['float64']), values: unpatchSites(valued, arithmetic) },
}
