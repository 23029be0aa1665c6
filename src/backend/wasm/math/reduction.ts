/**
 * Reduction of arguments modulo pi/2. Up to 2^20 multiples by three pieces of pi/2 whose products are exact (Cody and
 * Waite); beyond, and where so much cancels that these do not suffice, exactly, with 224 bits of 2/pi (Payne and Hanek).
 */
import type { Body, Callee, Ex } from '../code.js'
import { op } from '../code.js'
import { call, f64, f64x2, i32, i64, v128 } from '../instructions.js'
import type { MathContext } from './context.js'
import { variable } from './context.js'
import type { Pair } from './double.js'
import { twoProduct, twoSum } from './double.js'
import { round64 } from './exp.js'
import type { Node } from './node.js'
import { bits, D, node, ref, write } from './node.js'

/** 2/pi in words of 32 bits, highest first. */
const twoOverPi = [
  0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561, 0xb7246e3a, 0x424dd2e0, 0x06492eea,
  0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b,
  0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b, 0x3d0739f7,
  0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046,
]

const long = (n: number): Ex<'i64'> => op('i64', 0x42, [], (out) => out.s(n))
const low32 = (x: Ex<'i64'>): Ex<'i64'> => i64.and(x, i64.extendI32u(i32.const(-1)))
const high32 = (x: Ex<'i64'>): Ex<'i64'> => i64.shru(x, long(32))
const toF64 = (x: Ex<'i64'>): Ex<'f64'> => op('f64', 0xb9, [x])

/** Word `k` of 2/pi; 0 before the first. */
const word = (c: MathContext): Callee => {
  const known = c.functions.get('twoOverPi')
  if (known !== undefined) return known
  const f = c.module.func(null, ['i32'], 'i64', (b, k) => {
    const choose = (from: number, to: number): void => {
      if (from === to) return b.return(i64.extendI32u(i32.const(twoOverPi[from]!)))
      const middle = (from + to + 1) >> 1
      b.if(
        i32.lt(k, i32.const(middle)),
        () => choose(from, middle - 1),
        () => choose(middle, to),
      )
    }
    b.if(i32.lt(k, i32.const(0)), () => b.return(long(0)))
    choose(0, twoOverPi.length - 1)
    b.return(long(0))
  })
  c.functions.set('twoOverPi', f)
  return f
}

/**
 * `x` modulo pi/2, for 0.5 < |x| < Infinity: the remainder as head and tail in lanes 0 and 1; the two lowest bits of
 * the tail are the number of the quadrant.
 */
const exact = (c: MathContext): Callee => {
  const known = c.functions.get('reduce')
  if (known !== undefined) return known
  const table = word(c)
  const f = c.module.func(null, ['f64'], 'v128', (b, x) => {
    const raw = b.let(i64.reinterpretF64(x))
    const exponent = b.let(i32.sub(i32.and(i32.wrapI64(i64.shru(raw, long(52))), i32.const(0x7ff)), i32.const(1075)))
    const m1 = b.let(i64.or(i64.and(high32(raw), long(0xfffff)), long(0x100000)))
    const m0 = b.let(low32(raw))
    // x = m 2^exponent. Words before `first` contribute multiples of 4 only.
    const first = b.let(i32.shr(i32.sub(exponent, i32.const(2)), i32.const(5)))
    const shift = b.let(i64.extendI32(i32.add(i32.sub(exponent, i32.shl(first, i32.const(5))), i32.const(-2))))
    const words = [6, 5, 4, 3, 2, 1, 0].map((j) => b.let(call('i64', table, [i32.add(first, i32.const(j))])))
    const limbs = words.map(() => b.local('i64'))
    const t = b.let(long(0))
    words.forEach((w, i) => {
      b.set(t, i64.add(i64.mul(m0, w), high32(t)))
      b.set(limbs[i]!, low32(t))
    })
    b.set(t, long(0))
    words.slice(0, 6).forEach((w, i) => {
      b.set(t, i64.add(i64.add(i64.mul(m1, w), limbs[i + 1]!), high32(t)))
      b.set(limbs[i + 1]!, low32(t))
    })
    const joined = (i: number) => i64.or(i64.shl(limbs[i]!, long(32)), limbs[i - 1]!)
    const [w2, w1, w0] = [b.let(joined(6)), b.let(joined(4)), b.let(joined(2))] as const
    const shifted = (high: Ex<'i64'>, next: Ex<'i64'>) =>
      i64.or(i64.shl(high, shift), i64.shru(i64.shru(next, long(1)), i64.sub(long(63), shift)))
    // Two integer bits, then the fraction of a quarter turn, as a signed number of 128 bits.
    const a = b.let(shifted(w2, w1))
    const z = b.let(shifted(w1, w0))
    const high = b.let(i64.or(i64.shl(a, long(2)), i64.shru(z, long(62))))
    const low = b.let(i64.shl(z, long(2)))
    const quadrant = b.let(i64.add(i64.shru(a, long(62)), i64.shru(high, long(63))))
    const splat = (y: Ex<'f64'>): Node => ref(b.let(f64x2.splat(y)))
    const h = twoSum(
      splat(f64.mul(toF64(i64.shr(high, long(32))), f64.const(2 ** -32))),
      splat(f64.mul(toF64(low32(high)), f64.const(2 ** -64))),
    )
    const l = twoSum(splat(f64.mul(toF64(high32(low)), f64.const(2 ** -96))), splat(f64.mul(toF64(low32(low)), f64.const(2 ** -128))))
    const s = twoSum(h.hi, D.add(h.lo, l.hi))
    const p = twoProduct(c, s.hi, 1.5707963267948966)
    const rest = D.add(p.lo, D.madd(c.fma)(D.add(s.lo, l.lo), 1.5707963267948966, D.mul(s.hi, 6.123233995736766e-17)))
    const sign = D.sign(splat(x))
    const head = D.add(p.hi, rest)
    const tail = D.sub(rest, D.sub(head, p.hi))
    const y0 = write(b, bits.xor(head, sign))
    const y1 = b.let(f64x2.lane(write(b, bits.xor(tail, sign)), 0))
    b.if(i32.lt(i32.wrapI64(high32(raw)), i32.const(0)), () => b.set(quadrant, i64.sub(long(0), quadrant)))
    const packed = i64.or(i64.and(i64.reinterpretF64(y1), long(-4)), i64.and(quadrant, long(3)))
    b.return(f64x2.replace(y0, 1, f64.reinterpretI64(packed)))
  })
  c.functions.set('reduce', f)
  return f
}

/** `x = quadrant pi/2 + hi + lo`; the quadrant stands in the two lowest bits of each lane. */
export interface ReducedAngle extends Pair {
  readonly quadrant: Node
}

/** Reduces any float64; NaN of NaN and infinities. */
export const reduce64 = (c: MathContext, b: Body, x: Node): ReducedAngle => {
  const t = ref(write(b, D.add(D.mul(x, 0.6366197723675814), round64)))
  const n = D.sub(t, round64)
  const first = D.sub(x, D.mul(n, 1.5707963267341256))
  const s = twoSum(first, D.neg(D.mul(n, 6.077100506303966e-11)))
  const w = D.sub(D.mul(n, 2.0222662487959506e-21), s.lo)
  const y = D.sub(s.hi, w)
  const hi = variable(b, y)
  const lo = variable(b, D.sub(D.sub(s.hi, ref(hi)), w))
  const quadrant = variable(b, t)
  const a = D.abs(x)
  const hard = bits.and(D.lt(a, Infinity), bits.or(D.gt(a, 1600000), bits.and(D.lt(D.abs(ref(hi)), 2 ** -40), D.gt(a, 0.5))))
  const mask = write(b, hard)
  b.if(v128.anyTrue(mask), () => {
    const arg = write(b, x)
    const f = exact(c)
    const r = [0, 1].map((k) => b.let(call('v128', f, [f64x2.lane(arg, k)])))
    const pick = (half: number) =>
      node([], () =>
        v128.shuffle(r[0]!, r[1]!, [...Array(8).keys()].flatMap((i) => [i + half]).concat([...Array(8).keys()].map((i) => i + half + 16))),
      )
    const set = (target: typeof hi, value: Node): void => b.set(target, v128.bitselect(write(b, value), target, mask))
    set(hi, pick(0))
    set(lo, pick(8))
    set(quadrant, pick(8))
  })
  return { hi: ref(hi), lo: ref(lo), quadrant: ref(quadrant) }
}
