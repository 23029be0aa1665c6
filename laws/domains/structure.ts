/** Domains of the primitives that move elements, sum them, or reduce them. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { DType, Shape } from '../../src/index.js'
import { anyNumbers, eighths, numbers, shapes } from '../arbitrary.js'
import type { Domain, Operand } from '../domain.js'
import { all, arithmetic, distinct, floats, operand, site } from '../domain.js'

type Axes = { readonly axes: readonly number[] }

const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)
const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const subset = (n: number): Arbitrary<number[]> => fc.subarray(indices(n))
const permutation = (n: number): Arbitrary<number[]> => fc.shuffledSubarray(indices(n), { minLength: n, maxLength: n })
const full = { maxSize: 4 }

/** One operand of a random shape, and parameters that depend on the shape. */
const moving = <P extends Readonly<Record<string, unknown>>>(
  params: (shape: Shape) => Arbitrary<P>,
  minRank = 0,
): Pick<Domain<P>, 'smooth' | 'values'> => ({
  smooth: shapes({ ...full, minRank }).chain((sh) => params(sh).map((p) => site(p, [operand(sh, 'float64')]))),
  values: fc
    .tuple(shapes({ minRank }), fc.constantFrom(...all))
    .chain(([sh, d]) => params(sh).map((p) => site(p, [operand(sh, d, anyNumbers(d))]))),
})

/** Other shapes of as many elements. */
const reshaped = (shape: Shape): Arbitrary<{ readonly shape: Shape }> => {
  const n = size(shape)
  const splits = indices(n + 1)
    .filter((k) => k > 0 && n % k === 0)
    .map((k): Shape => [k, n / k])
  const squeezed = shape.filter((s) => s !== 1)
  return fc.constantFrom<Shape>([n], [1, n], [n, 1, 1], [...shape].reverse(), squeezed, ...splits).map((s) => ({ shape: s }))
}

const broadcast: Domain<{ readonly shape: Shape; readonly axes: readonly number[] }> = {
  smooth: shapes({ ...full, maxSize: 3 }).chain((shape) =>
    subset(shape.length).map((axes) =>
      site({ shape, axes }, [
        operand(
          axes.map((a) => shape[a]!),
          'float64',
        ),
      ]),
    ),
  ),
  values: fc.tuple(shapes(), fc.constantFrom(...all)).chain(([shape, d]) =>
    subset(shape.length).map((axes) =>
      site({ shape, axes }, [
        operand(
          axes.map((a) => shape[a]!),
          d,
          anyNumbers(d),
        ),
      ]),
    ),
  ),
  large: [
    site({ shape: [257, 513], axes: [0] }, [operand([257], 'float32')]),
    site({ shape: [257, 513], axes: [1] }, [operand([513], 'float64')]),
  ],
}

const slicing = (shape: Shape) =>
  fc.tuple(...shape.map((n) => fc.tuple(fc.nat(n), fc.nat(n), fc.integer({ min: 1, max: 3 })))).map((axes) => ({
    start: axes.map(([a, b]) => Math.min(a, b)),
    limit: axes.map(([a, b]) => Math.max(a, b)),
    step: axes.map(([, , s]) => s),
  }))

const padding = (shape: Shape) =>
  fc
    .tuple(
      ...shape.map((n) =>
        fc.tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -2, max: 2 }), fc.nat(2)).map(([lo, hi, interior]) => {
          const extent = n + Math.max(0, n - 1) * interior
          const low = Math.max(lo, -extent)
          return { low, high: Math.max(hi, -extent - low), interior }
        }),
      ),
    )
    .map((axes) => ({ low: axes.map((a) => a.low), high: axes.map((a) => a.high), interior: axes.map((a) => a.interior) }))

type Pad = { readonly low: readonly number[]; readonly high: readonly number[]; readonly interior: readonly number[] }

const pad: Domain<Pad> = {
  smooth: shapes({ ...full, maxSize: 3 }).chain((sh) => padding(sh).map((p) => site(p, [operand(sh, 'float64'), operand([], 'float64')]))),
  values: fc
    .tuple(shapes(), fc.constantFrom(...all))
    .chain(([sh, d]) => padding(sh).map((p) => site(p, [operand(sh, d, anyNumbers(d)), operand([], d, anyNumbers(d))]))),
}

const concatenation = (dtype: Arbitrary<DType>, of: (d: DType) => Arbitrary<number>): Domain<{ readonly axis: number }>['values'] =>
  fc
    .tuple(shapes({ minRank: 1, maxSize: 3 }), dtype, fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }), fc.nat(2))
    .map(([sh, d, sizes, a]) => {
      const axis = a % sh.length
      return site(
        { axis },
        sizes.map((n) =>
          operand(
            sh.map((s, k) => (k === axis ? n : s)),
            d,
            of(d),
          ),
        ),
      )
    })

const iota: Domain<{ readonly shape: Shape; readonly dtype: DType; readonly axis: number }> = {
  smooth: null,
  values: fc
    .tuple(shapes({ minRank: 1 }), fc.constantFrom(...arithmetic), fc.nat(2))
    .map(([shape, dtype, a]) => site({ shape, dtype, axis: a % shape.length }, [])),
}

const reducing = (
  smooth: (shape: Shape) => Operand,
  dtypes: readonly DType[],
  options: { readonly minSize?: number; readonly of?: (d: DType) => Arbitrary<number> } = {},
): Domain<Axes> => {
  const { minSize = 0, of = anyNumbers } = options
  return {
    smooth: shapes({ maxSize: 3, minSize }).chain((sh) => subset(sh.length).map((axes) => site({ axes }, [smooth(sh)]))),
    values: fc
      .tuple(shapes({ minSize }), fc.constantFrom(...dtypes))
      .chain(([sh, d]) => subset(sh.length).map((axes) => site({ axes }, [operand(sh, d, of(d))]))),
    large: dtypes.flatMap((d) => [[0], [1], [0, 1]].map((axes) => site({ axes }, [operand([259, 515], d)]))),
  }
}

const plain = (sh: Shape): Operand => operand(sh, 'float64')

/** One axis of one operand, scanned or searched. */
const alongAxis = <P extends { readonly axis: number }>(
  params: (axis: number) => Arbitrary<P>,
  smooth: ((shape: Shape) => Operand) | null,
  dtypes: readonly DType[],
  { minSize = 0, of = anyNumbers }: { readonly minSize?: number; readonly of?: (d: DType) => Arbitrary<number> } = {},
): Domain<P> => {
  const at = (sh: Shape, x: Operand) =>
    fc
      .nat(sh.length - 1)
      .chain(params)
      .map((p) => site(p, [x]))
  return {
    smooth: smooth === null ? null : shapes({ minRank: 1, maxSize: 3, minSize }).chain((sh) => at(sh, smooth(sh))),
    values: fc.tuple(shapes({ minRank: 1, minSize }), fc.constantFrom(...dtypes)).chain(([sh, d]) => at(sh, operand(sh, d, of(d)))),
  }
}

const scanned = (axis: number) => fc.boolean().map((reverse) => ({ axis, reverse }))
const searched = (axis: number) => fc.constant({ axis })

/** Movement of elements. */
const splitting = (shape: Shape): Arbitrary<{ readonly axis: number; readonly sizes: readonly number[] }> =>
  fc.tuple(fc.nat(shape.length - 1), fc.array(fc.nat(6), { maxLength: 3 })).map(([axis, cuts]) => {
    const n = shape[axis]!
    const bounds = [0, ...cuts.map((c) => Math.min(c, n)).sort((a, b) => a - b), n]
    return { axis, sizes: bounds.slice(1).map((to, k) => to - bounds[k]!) }
  })

export const structureDomains = {
  reshape: moving(reshaped),
  transpose: {
    ...moving((sh) => permutation(sh.length).map((perm) => ({ perm }))),
    large: [site({ perm: [1, 0] }, [operand([259, 515], 'float32')])],
  },
  broadcast,
  reduceSum: reducing(plain, arithmetic),
  slice: moving(slicing),
  pad,
  concat: { smooth: concatenation(fc.constant('float64'), () => eighths()), values: concatenation(fc.constantFrom(...all), anyNumbers) },
  split: moving(splitting, 1),
  reverse: moving((sh) => subset(sh.length).map((axes) => ({ axes }))),
  iota,
}

/** Reductions and cumulative operations. */
export const reduceDomains = {
  reduceMax: reducing(distinct, all, { minSize: 1 }),
  reduceMin: reducing(distinct, all, { minSize: 1 }),
  reduceProd: reducing(plain, arithmetic, { of: numbers }),
  argmax: alongAxis(searched, null, all, { minSize: 1 }),
  argmin: alongAxis(searched, null, all, { minSize: 1 }),
  logsumexp: reducing(plain, floats, { minSize: 1 }),
  softmax: reducing(plain, floats, { minSize: 1 }),
  logSoftmax: reducing(plain, floats, { minSize: 1 }),
  cumsum: alongAxis(scanned, plain, arithmetic),
  cumprod: alongAxis(scanned, plain, arithmetic, { of: numbers }),
  cummax: alongAxis(scanned, distinct, arithmetic),
  cummin: alongAxis(scanned, distinct, arithmetic),
}
