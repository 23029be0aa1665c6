/**
 * Integer and boolean operations on four lanes. Where hardware has no answer the results are the reference backend's:
 * `x / 0` has all bits set, `x rem 0` is `x`, a shift by 32 or more shifts everything out.
 */
import type { Body, Callee, Ex } from '../code.js'
import type { BinaryOp, CompareOp, UnaryOp } from '../../../kernel/operations.js'
import { op, simd } from '../code.js'
import { call, i32, i32x4, select, v128 } from '../instructions.js'
import type { InlineBinary, MathContext, InlineUnary } from './context.js'
import type { Node } from './node.js'
import { bits, int, node, ref, write } from './node.js'

type I = Ex<'i32'>

const b2 = (f: Parameters<typeof bits.bin>[0]): InlineBinary => {
  const g = bits.bin(f)
  return (_c, _b, x, y) => g(x, y)
}

/** Each lane through a scalar function of the module. */
const lanes1 =
  (f: (x: I) => I): InlineUnary =>
  (_c, b, x) => {
    const v = write(b, x)
    let y: Node = node([], () => i32x4.splat(f(i32x4.lane(v, 0))))
    for (let k = 1; k < 4; k++) y = node([y], ([a]) => i32x4.replace(a!, k, f(i32x4.lane(v, k))))
    return ref(write(b, y))
  }
const lanes2 =
  (name: string, body: (b: Body, x: I, y: I) => void): InlineBinary =>
  (c, b, x, y) => {
    const f = scalar(c, name, body)
    const [v, w] = [write(b, x), write(b, y)]
    const at = (k: number): I => call('i32', f, [i32x4.lane(v, k), i32x4.lane(w, k)])
    let r: Node = node([], () => i32x4.splat(at(0)))
    for (let k = 1; k < 4; k++) r = node([r], ([a]) => i32x4.replace(a!, k, at(k)))
    return ref(write(b, r))
  }
const scalar = (c: MathContext, name: string, body: (b: Body, x: I, y: I) => void): Callee => {
  let f = c.functions.get(name)
  if (f === undefined) c.functions.set(name, (f = c.module.func(null, ['i32', 'i32'], 'i32', body)))
  return f
}

const minusOne = i32.const(-1)

const divSigned = lanes2('div', (b, x, y) => {
  b.if(i32.eqz(y), () => b.return(minusOne))
  // -2^31 / -1 traps in WebAssembly; it wraps here.
  b.if(i32.eq(y, minusOne), () => b.return(i32.sub(i32.const(0), x)))
  b.return(i32.div(x, y))
})
const remSigned = lanes2('remi', (b, x, y) => {
  b.if(i32.eqz(y), () => b.return(x))
  b.return(i32.rem(x, y))
})
const divUnsigned = lanes2('divu', (b, x, y) => {
  b.if(i32.eqz(y), () => b.return(minusOne))
  b.return(i32.divu(x, y))
})
const remUnsigned = lanes2('remu', (b, x, y) => {
  b.if(i32.eqz(y), () => b.return(x))
  b.return(i32.remu(x, y))
})

const squaring = (b: Body, x: I, y: I): void => {
  const base = b.let(x)
  const e = b.let(y)
  const r = b.let(i32.const(1))
  b.while(
    () => e,
    () => {
      b.if(i32.and(e, i32.const(1)), () => b.set(r, i32.mul(r, base)))
      b.set(base, i32.mul(base, base))
      b.set(e, i32.shru(e, i32.const(1)))
    },
  )
  b.return(r)
}
const powUnsigned = lanes2('powu', squaring)
const powSigned = lanes2('powi', (b, x, y) => {
  b.if(i32.lt(y, i32.const(0)), () => {
    b.if(i32.eq(x, i32.const(1)), () => b.return(x))
    b.if(i32.eq(x, minusOne), () => b.return(select(i32.and(y, i32.const(1)), minusOne, i32.const(1))))
    b.return(i32.const(0))
  })
  squaring(b, x, y)
})

/** Shifts by lanes: vector shifts take one amount for all. */
const shift = (name: string, f: (x: I, y: I) => I, arithmetic: boolean): InlineBinary =>
  lanes2(name, (b, x, y) => {
    b.if(i32.gtu(y, i32.const(31)), () => b.return(arithmetic ? i32.shr(x, i32.const(31)) : i32.const(0)))
    b.return(f(x, y))
  })
const shl = shift('shl', i32.shl, false)

/** i8x16.popcnt, then sums of neighbours. */
const popcount: InlineUnary = (_c, _b, x) => {
  const bytes = node([x], ([a]) => op('v128', simd + 0x62, [a!]))
  const pairs = node([bytes], ([a]) => op('v128', simd + 0x7d, [a!]))
  return node([pairs], ([a]) => op('v128', simd + 0x7f, [a!]))
}

type Table1 = { readonly [K in UnaryOp]?: InlineUnary }
type Table2 = { readonly [K in BinaryOp]?: InlineBinary }

const neg = bits.un(i32x4.neg)
const not: InlineUnary = (_c, _b, x) => bits.not(x)
const logic = { and: b2(v128.and), or: b2(v128.or), xor: b2(v128.xor) } satisfies Table2
const ring = { add: b2(i32x4.add), sub: b2(i32x4.sub), mul: b2(i32x4.mul), ...logic, shl } satisfies Table2
const common = { neg: (_c, _b, x) => neg(x), not, popcount, clz: lanes1(i32.clz) } satisfies Table1

/** Operations on int32 lanes. */
export const unarySigned: Table1 = {
  ...common,
  abs: (_c, _b, x) => bits.un(i32x4.abs)(x),
  sign: (_c, _b, x) => bits.bin(i32x4.max)(bits.bin(i32x4.min)(x, int(1)), int(-1)),
}
/** Operations on uint32 lanes. */
export const unaryUnsigned: Table1 = { ...common, abs: (_c, _b, x) => x, sign: (_c, _b, x) => bits.bin(i32x4.minu)(x, int(1)) }
/** Operations on masks. */
export const unaryBool: Table1 = { not }

/** Operations on two vectors of int32. */
export const binarySigned: Table2 = {
  ...ring,
  div: divSigned,
  rem: remSigned,
  pow: powSigned,
  max: b2(i32x4.max),
  min: b2(i32x4.min),
  shr: shift('shr', i32.shr, true),
}
/** Operations on two vectors of uint32. */
export const binaryUnsigned: Table2 = {
  ...ring,
  div: divUnsigned,
  rem: remUnsigned,
  pow: powUnsigned,
  max: b2(i32x4.maxu),
  min: b2(i32x4.minu),
  shr: shift('shru', i32.shru, false),
}
/** Operations on two masks: sum is or, product is and. */
export const binaryBool: Table2 = { ...logic, add: logic.or, mul: logic.and, max: logic.or, min: logic.and }

type Compare = Readonly<Record<CompareOp, (x: Node, y: Node) => Node>>

/** Comparisons of int32, as masks. */
export const compareSigned: Compare = {
  eq: bits.bin(i32x4.eq),
  ne: bits.bin(i32x4.ne),
  lt: bits.bin(i32x4.lt),
  le: bits.bin(i32x4.le),
  gt: bits.bin(i32x4.gt),
  ge: bits.bin(i32x4.ge),
}
/** Comparisons of uint32. */
export const compareUnsigned: Compare = {
  eq: bits.bin(i32x4.eq),
  ne: bits.bin(i32x4.ne),
  lt: bits.bin(i32x4.ltu),
  le: bits.bin(i32x4.leu),
  gt: bits.bin(i32x4.gtu),
  ge: bits.bin(i32x4.geu),
}
/** Comparisons of masks: true is -1, so the order is turned about. */
export const compareBool: Compare = {
  eq: compareSigned.eq,
  ne: compareSigned.ne,
  lt: compareSigned.gt,
  le: compareSigned.ge,
  gt: compareSigned.lt,
  ge: compareSigned.le,
}
