/** Logarithms of float32 other than the natural one of the argument itself. */
import { i32, i32x4, i64x2 } from '../instructions.js'
import type { Body } from '../code.js'
import type { MathContext, Guarded } from './context.js'
import { allLogs32, fromInt, joinedLog32, logParts32, logTail32, long, normalLog32 } from './log.js'
import type { Node } from './node.js'
import { bits, D, F, int } from './node.js'
import { join, oddLanes } from './widen.js'

/**
 * log(1 + x) for -1 < x < 2^120: with 2^k near 1 + x, log(1 + f) + k log 2 for f = x 2^-k + (2^-k - 1), whose parts are
 * exact where they cancel.
 */
export const plainLog1p32 = (c: MathContext, x: Node): Node => {
  const k = bits.shift(i32x4.shr, i32.const(23))(bits.bin(i32x4.sub)(F.add(x, 1), int(0x3f3504f3)))
  const scale = bits.bin(i32x4.sub)(int(0x3f800000), bits.shift(i32x4.shl, i32.const(23))(k))
  const f = F.madd(c.fma)(x, scale, F.sub(scale, 1))
  return bits.or(joinedLog32(c, fromInt(k), f), F.sign(x))
}

/** log(1 + x) of float32. */
export const log1p32 = (c: MathContext, _b: Body, x: Node): Guarded => ({
  value: plainLog1p32(c, x),
  rare: bits.not(bits.and(F.gt(x, -1), F.lt(x, 2 ** 120))),
  otherwise: () =>
    F.select(F.lt(F.abs(x), Infinity), F.select(F.gt(x, 0), normalLog32(c, x), F.select(F.eq(x, -1), -Infinity, NaN)), edge(x)),
})
const edge = (x: Node): Node => F.select(F.lt(x, 0), NaN, x)

/** Logarithm to base 2 of float32; exact of powers of 2. */
export const log2x32 = (c: MathContext, _b: Body, x: Node): Guarded =>
  allLogs32(
    (v) => {
      const { k, f } = logParts32(v)
      const y = logTail32(c, f)
      const madd = F.madd(c.fma)
      // log2(e) - 1 is the factor: what rounding takes counts less.
      return F.add(k, F.add(f, madd(f, 0.44269504, madd(y, 0.44269504, y))))
    },
    x,
    1,
  )

const log10e = Math.LOG10E
const log10eHead = 0.434326171875

/** Logarithm to base 10 of float32. */
export const log10x32 = (c: MathContext, _b: Body, x: Node): Guarded =>
  allLogs32(
    (v) => {
      const { k, f } = logParts32(v)
      const y = logTail32(c, f)
      const madd = F.madd(c.fma)
      // The head of f and that of log10(e) have 12 bits each: their product is exact.
      const head = bits.and(f, int(-4096))
      const low = madd(y, log10e, madd(F.sub(f, head), log10e, F.mul(k, 4.605039e-6)))
      return madd(k, 0.301025390625, madd(head, log10eHead, madd(head, log10e - log10eHead, low)))
    },
    x,
    Math.log10(2),
  )

/** log of four positive, finite, normal float64, as float32; precise beside 1 too. */
export const narrowLog = (c: MathContext, low: Node, high: Node): Node => {
  const parts = (w: Node) => {
    const i = bits.bin(i64x2.sub)(w, long(0x3fe6a09e, 0))
    const m = bits.bin(i64x2.add)(bits.and(i, long(0x000fffff, -1)), long(0x3fe6a09e, 0))
    return { i, f: D.sub(m, 1) }
  }
  const [l, h] = [parts(low), parts(high)]
  const k = fromInt(bits.shift(i32x4.shr, i32.const(20))(oddLanes(l.i, h.i)))
  return joinedLog32(c, k, join(l.f, h.f))
}
