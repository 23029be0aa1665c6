/** The remainder of division, exactly (C's fmod): sign of the dividend. */
import { i32, i64x2, v128 } from '../instructions.js'
import type { InlineBinary } from './context.js'
import { variable } from './context.js'
import { scale64 } from './exp.js'
import { long } from './log.js'
import type { Node } from './node.js'
import { bits, D, ref, write } from './node.js'

/** The exponent of a positive number, as float64; of a subnormal one too. */
const exponent = (x: Node): Node => {
  const tiny = D.lt(x, 2.2250738585072014e-308)
  const field = bits.shift(i64x2.shru, i32.const(52))(D.select(tiny, D.mul(x, 18014398509481984), x))
  return D.sub(bits.or(field, D.c(4503599627370496)), D.select(tiny, 4503599627370496 + 54, 4503599627370496))
}

/**
 * x rem y of float64. Each round takes off the multiple of `t = y 2^k` that 25 bits of the quotient name; products are exact
 * since they are made of the two halves of `t`.
 */
export const rem64: InlineBinary = (_c, b, x, y) => {
  const d = D.abs(y)
  const proper = bits.and(D.lt(D.abs(x), Infinity), D.gt(d, 0))
  const divisor = ref(write(b, D.select(proper, d, 1)))
  const a = variable(b, D.select(proper, D.abs(x), 0))
  const e = ref(write(b, exponent(divisor)))
  b.while(
    () => v128.anyTrue(write(b, D.ge(ref(a), divisor))),
    () => {
      const k = D.pmax(D.sub(D.sub(exponent(ref(a)), e), 24), 0)
      const t = scale64(divisor, D.pmin(k, 2040))
      const q = D.trunc(D.div(ref(a), t))
      const high = bits.and(t, long(-1, -134217728))
      const r = D.sub(D.sub(ref(a), D.mul(q, high)), D.mul(q, D.sub(t, high)))
      const fixed = D.select(D.lt(r, 0), D.add(r, t), r)
      const next = write(b, D.select(D.ge(ref(a), divisor), fixed, ref(a)))
      b.set(a, next)
    },
  )
  return D.select(proper, bits.or(ref(a), D.sign(x)), NaN)
}
