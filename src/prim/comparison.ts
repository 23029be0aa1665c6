/** Comparisons: two operands of one dtype, a bool result. With NaN all are false, except `ne`. */
import { aval } from '../core/aval.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { alike, type AppliedBinary } from './define.js'

const compare = /* @__NO_SIDE_EFFECTS__ */ (name: string, scalar: (x: Expr, y: Expr) => Expr): Primitive => ({
  name,
  shape: (inputs) => [aval(alike(name, inputs, 'any').shape, 'bool')],
  linear: { kind: 'zero' },
  batch: 'elementwise',
  lower: { kind: 'scalar', body: ([x, y]) => scalar(x!, y!) },
})

/** x = y */
export const eqP = compare('eq', (x, y) => s.eq(x, y))
export const eq: AppliedBinary = (x, y) => bind(eqP, [x, y], none)

/** x != y */
export const neP = compare('ne', (x, y) => s.ne(x, y))
export const ne: AppliedBinary = (x, y) => bind(neP, [x, y], none)

/** x < y */
export const ltP = compare('lt', (x, y) => s.lt(x, y))
export const lt: AppliedBinary = (x, y) => bind(ltP, [x, y], none)

/** x <= y */
export const leP = compare('le', (x, y) => s.le(x, y))
export const le: AppliedBinary = (x, y) => bind(leP, [x, y], none)

/** x > y */
export const gtP = compare('gt', (x, y) => s.gt(x, y))
export const gt: AppliedBinary = (x, y) => bind(gtP, [x, y], none)

/** x >= y */
export const geP = compare('ge', (x, y) => s.ge(x, y))
export const ge: AppliedBinary = (x, y) => bind(geP, [x, y], none)
