/** log |gamma| and its derivative, float64. Intervals and coefficients of lgamma are fdlibm's. */
import { asymptotic, root, rootRest, slope } from '../../../kernel/coefficients/digamma.js'
import { a0, a1, tc, tf, tt, t0, t1, t2, u, v, s, r, w0, w } from '../../../kernel/coefficients/lgamma.js'
import type { Local } from '../code.js'
import { v128 } from '../instructions.js'
import type { MathContext, InlineUnary } from './context.js'
import { called, poly64, variable } from './context.js'
import { quickSum, twoProduct, twoSum } from './double.js'
import { log64 } from './log.js'
import type { Node } from './node.js'
import { bits, D, emit, ref, where, write } from './node.js'
import { logPair } from './power.js'
import { cosine, sine } from './trigonometric.js'

const log = called('log', log64)
const between = (a: Node, from: number, to: number): Node => bits.and(D.ge(a, from), D.lt(a, to))

/** log gamma of x > 0: each interval expanded about the place where the function vanishes or is least. */
const positive: InlineUnary = (c, b, x) => {
  const low = D.le(x, 0.9)
  const middle = between(x, 2, 8)
  // gamma(x) = (x - 1) (x - 2) ... gamma(2 + fraction).
  const fraction = D.sub(x, D.floor(x))
  const product = variable(b, D.c(1))
  where(b, middle, product, () => {
    let p: Node = D.c(1)
    for (let k = 2; k < 7; k++) p = D.mul(p, D.select(D.ge(x, k + 1), D.add(fraction, k), 1))
    return p
  })
  const l = log(c, b, D.select(bits.or(low, D.ge(x, 8)), x, ref(product)))
  const y = variable(b, D.add(x, l))
  const base = ref(write(b, D.select(low, x, D.sub(x, 1))))
  const shift = ref(write(b, D.select(low, D.neg(l), 0)))
  const small = D.lt(x, 2)
  const part = (from: number, to: number): Node => bits.and(small, between(base, from, to))
  where(b, bits.and(small, D.ge(base, 0.7316)), y, () => {
    const t = D.sub(1, base)
    const z = D.mul(t, t)
    return D.add(D.sub(D.add(D.mul(t, poly64(c, z, a0)), D.mul(z, poly64(c, z, a1))), D.mul(t, 0.5)), shift)
  })
  where(b, part(0.23164, 0.7316), y, () => {
    const t = D.select(low, D.sub(base, tc - 1), D.sub(x, tc))
    const z = D.mul(t, t)
    const w = D.mul(z, t)
    const p = D.add(D.mul(z, poly64(c, w, t0)), D.sub(D.mul(w, D.add(poly64(c, w, t1), D.mul(t, poly64(c, w, t2)))), tt))
    return D.add(D.add(p, tf), shift)
  })
  where(b, bits.and(small, D.lt(base, 0.23164)), y, () =>
    D.add(D.add(D.mul(base, -0.5), D.div(D.mul(base, poly64(c, base, u)), poly64(c, base, v))), shift),
  )
  where(b, middle, y, () => D.add(D.add(D.mul(fraction, 0.5), D.div(D.mul(fraction, poly64(c, fraction, s)), poly64(c, fraction, r))), l))
  where(b, D.ge(x, 8), y, () => {
    const z = D.div(1, x)
    const series = D.madd(c.fma)(z, poly64(c, D.mul(z, z), w), w0)
    // log x - 1 loses bits of log x, and the product more: both carry their rests while these count.
    const exact = logPair(c, x)
    const left = D.sub(x, 0.5)
    const p = twoProduct(c, left, D.sub(exact.hi, 1))
    const near = D.add(p.hi, D.add(D.madd(c.fma)(left, exact.lo, p.lo), series))
    return D.select(D.lt(x, 1e290), near, D.mul(x, D.sub(l, 1)))
  })
  return ref(y)
}

/** sin and cos of pi times the distance to the nearest integer. */
const circle = (c: MathContext, x: Node): { readonly sin: Node; readonly cos: Node } => {
  const d = D.abs(D.sub(x, D.nearest(x)))
  const swap = D.gt(d, 0.25)
  const e = D.select(swap, D.sub(0.5, d), d)
  const p = twoProduct(c, e, Math.PI)
  const angle = quickSum(p.hi, D.madd(c.fma)(e, 1.2246467991473532e-16, p.lo))
  const s0 = sine(c, angle)
  const c0 = cosine(c, angle)
  return { sin: D.select(swap, c0, s0), cos: D.select(swap, s0, c0) }
}

/** log |gamma(x)| of float64; Infinity at 0, at the negative integers and at both infinities. */
export const lgamma64: InlineUnary = (c, b, x) => {
  const a = D.abs(x)
  const y = variable(b, called('lgammaPositive', positive)(c, b, a))
  const tiny = D.lt(a, 2 ** -70)
  where(b, bits.and(D.lt(x, 0), D.ge(a, 2 ** -70)), y, () => {
    const reflected = log(c, b, D.div(Math.PI, D.mul(a, circle(c, x).sin)))
    return D.select(D.eq(x, D.floor(x)), Infinity, D.sub(reflected, ref(y)))
  })
  where(b, tiny, y, () => D.neg(log(c, b, a)))
  return ref(y)
}

/** digamma of x > 0: expanded about its root between 1 and 2, recurrence to there from 0 .. 10, asymptotic beyond. */
const positiveDigamma: InlineUnary = (c, b, x) => {
  const y = variable(b, D.c(0))
  where(b, D.ge(x, 10), y, () => {
    const z = D.div(1, D.mul(x, x))
    return D.sub(D.sub(log(c, b, x), D.div(0.5, x)), D.mul(z, poly64(c, z, asymptotic)))
  })
  where(b, D.lt(x, 10), y, () => {
    const below = D.lt(x, 1)
    const up = twoSum(x, 1)
    const t = variable(b, D.select(below, up.hi, x))
    const inverse = D.div(1, x)
    // x + 1 is rounded; the derivative at 1 .. 2 is near 1.645 - x.
    const sum = variable(b, D.select(below, D.neg(inverse), 0))
    const product = twoProduct(c, inverse, x)
    const missing = D.mul(D.sub(D.sub(1, product.hi), product.lo), inverse)
    const rest = variable(b, D.select(below, D.sub(D.mul(up.lo, D.sub(1.645, x)), missing), 0))
    b.while(
      () => v128.anyTrue(write(b, between(ref(t), 2, 10))),
      () => {
        const on = ref(write(b, between(ref(t), 2, 10)))
        const next = ref(write(b, D.select(on, D.sub(ref(t), 1), ref(t))))
        const term = D.div(1, next)
        const back = twoProduct(c, term, next)
        const q = twoSum(ref(sum), D.select(on, term, 0))
        const missed = D.select(on, D.mul(D.sub(D.sub(1, back.hi), back.lo), term), 0)
        const [total, lost] = emit(b, [q.hi, D.add(D.add(ref(rest), q.lo), missed)]) as [Local<'v128'>, Local<'v128'>]
        b.set(t, write(b, next))
        b.set(sum, total)
        b.set(rest, lost)
      },
    )
    const factor = poly64(c, D.sub(ref(t), 1.5), slope)
    const near = twoProduct(c, D.sub(ref(t), root), factor)
    const low = D.sub(near.lo, D.mul(factor, rootRest))
    const q = twoSum(ref(sum), near.hi)
    return D.add(q.hi, D.add(q.lo, D.add(ref(rest), low)))
  })
  // So near the pole the inverse alone is left; it may overflow.
  return D.select(D.eq(x, x), D.select(D.lt(x, 1e-20), D.div(-1, x), ref(y)), x)
}

/** digamma of float64, by reflection on the left; NaN at the negative integers, at 0 infinite with the opposite sign of the zero. */
export const digamma64: InlineUnary = (c, b, x) => {
  const left = D.le(x, 0)
  const y = variable(b, called('digammaPositive', positiveDigamma)(c, b, D.select(left, D.sub(1, x), x)))
  where(b, left, y, () => {
    const k = circle(c, x)
    // The cotangent has the sign of x's offset from the nearest integer.
    const cot = bits.or(D.div(k.cos, k.sin), D.sign(D.sub(x, D.nearest(x))))
    return D.select(D.eq(x, D.floor(x)), D.select(D.eq(x, 0), D.div(-1, x), NaN), D.sub(ref(y), D.mul(cot, Math.PI)))
  })
  return ref(y)
}
