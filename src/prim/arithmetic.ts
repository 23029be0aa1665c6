/** Arithmetic, on floats and integers alike. */
import { bind } from '../ir/bind.js'
import { OUT } from '../ir/linear.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { like } from './broadcast.js'
import { alike, elementwise, reads, type AppliedBinary, type AppliedUnary } from './define.js'

/** -x */
export const negP: Primitive = elementwise('neg', { of: 'number', scalar: (x) => s.neg(x), partials: [-1] })
export const neg: AppliedUnary = (x) => bind(negP, [x], none)

/** |x|; derivative 0 at 0 */
export const absP: Primitive = elementwise('abs', { of: 'number', scalar: (x) => s.abs(x), partials: [reads([0], (x) => sign(x))] })
export const abs: AppliedUnary = (x) => bind(absP, [x], none)

/** -1, 0 or 1; keeps -0 and NaN */
export const signP: Primitive = elementwise('sign', { of: 'number', scalar: (x) => s.sign(x) })
export const sign: AppliedUnary = (x) => bind(signP, [x], none)

/** x + y */
export const addP: Primitive = elementwise('add', { of: 'number', scalar: (x, y) => s.add(x, y), partials: [1, 1] })
export const add: AppliedBinary = (x, y) => bind(addP, [x, y], none)

/** x - y */
export const subP: Primitive = elementwise('sub', { of: 'number', scalar: (x, y) => s.sub(x, y), partials: [1, -1] })
export const sub: AppliedBinary = (x, y) => bind(subP, [x, y], none)

/** x y */
export const mulP: Primitive = {
  name: 'mul',
  shape: (inputs) => [alike('mul', inputs, 'number')],
  linear: {
    kind: 'multilinear',
    transpose: [(cy, { saved: [, y] }) => mul(cy, y!), (cy, { saved: [x] }) => mul(x!, cy)],
  },
  batch: 'elementwise',
  lower: { kind: 'scalar', body: ([x, y]) => s.mul(x!, y!) },
}
export const mul: AppliedBinary = (x, y) => bind(mulP, [x, y], none)

/** x / y; integers truncate */
export const divP: Primitive = elementwise('div', {
  of: 'number',
  scalar: (x, y) => s.div(x, y),
  // the quotient, not x / y^2: no overflow for small y
  partials: [reads([1], (y) => reciprocal(y)), reads([1, OUT], (y, z) => neg(div(z, y)))],
})
export const div: AppliedBinary = (x, y) => bind(divP, [x, y], none)

/** 1 / x */
export const reciprocal: AppliedUnary = (x) => div(like(x, 1), x)

/** The remainder with the sign of x: x - y trunc(x / y) */
export const remP: Primitive = elementwise('rem', {
  of: 'number',
  scalar: (x, y) => s.rem(x, y),
  partials: [1, reads([0, 1], (x, y) => neg(trunc(div(x, y))))],
})
export const rem: AppliedBinary = (x, y) => bind(remP, [x, y], none)

/**
 * What of the derivative of the larger belongs to the first operand: 1 where it is larger, 1/2 at a tie, 0 where it is smaller. NaN
 * counts as larger than every number, because it is what the larger of two becomes.
 */
export const shareOfMaxP: Primitive = elementwise('shareOfMax', {
  of: 'number',
  scalar: (x, y) => {
    const [none, half, all] = [0, 0.5, 1].map((v) => s.like(x, v)) as [Expr, Expr, Expr]
    const unordered = s.select(s.eq(x, x), none, s.select(s.eq(y, y), all, half))
    return s.select(s.gt(x, y), all, s.select(s.lt(x, y), none, s.select(s.eq(x, y), half, unordered)))
  },
})
const shareOfMax: AppliedBinary = (x, y) => bind(shareOfMaxP, [x, y], none)
const shareOfMin: AppliedBinary = (x, y) => shareOfMax(neg(x), neg(y))

/** The larger; NaN if either is. A tie shares the derivative evenly. */
export const maxP: Primitive = elementwise('max', {
  of: 'number',
  scalar: (x, y) => s.max(x, y),
  partials: [reads([0, 1], (x, y) => shareOfMax(x, y)), reads([0, 1], (x, y) => shareOfMax(y, x))],
})
export const max: AppliedBinary = (x, y) => bind(maxP, [x, y], none)

/** The smaller; NaN if either is. A tie shares the derivative evenly. */
export const minP: Primitive = elementwise('min', {
  of: 'number',
  scalar: (x, y) => s.min(x, y),
  partials: [reads([0, 1], (x, y) => shareOfMin(x, y)), reads([0, 1], (x, y) => shareOfMin(y, x))],
})
export const min: AppliedBinary = (x, y) => bind(minP, [x, y], none)

/** The next float after x towards y. */
export const nextafterP: Primitive = elementwise('nextafter', { scalar: (x, y) => s.nextafter(x, y) })
export const nextafter: AppliedBinary = (x, y) => bind(nextafterP, [x, y], none)

/** Down to an integer */
export const floorP: Primitive = elementwise('floor', { scalar: (x) => s.floor(x) })
export const floor: AppliedUnary = (x) => bind(floorP, [x], none)

/** Up to an integer */
export const ceilP: Primitive = elementwise('ceil', { scalar: (x) => s.ceil(x) })
export const ceil: AppliedUnary = (x) => bind(ceilP, [x], none)

/** To the nearest integer, halves to even */
export const roundP: Primitive = elementwise('round', { scalar: (x) => s.round(x) })
export const round: AppliedUnary = (x) => bind(roundP, [x], none)

/** Towards zero to an integer */
export const truncP: Primitive = elementwise('trunc', { scalar: (x) => s.trunc(x) })
export const trunc: AppliedUnary = (x) => bind(truncP, [x], none)
