/** Elementwise functions by name and dtype, on one vector. */
import type { DType } from '../../../core/dtype.js'
import { DeviceError, fail } from '../../../core/errors.js'
import type { BinaryOp, UnaryOp } from '../../../kernel/scalar.js'
import { i32, i32x4 } from '../instructions.js'
import type { Binary, Unary } from '../math/context.js'
import { exp32, exp64, sigmoid32, tanh32 } from '../math/exp.js'
import { log32, log64 } from '../math/log.js'
import { bits, D, F } from '../math/node.js'
import type { Node } from '../math/node.js'

type U = { readonly [K in UnaryOp]?: Unary }
type B = { readonly [K in BinaryOp]?: Binary }
const u = (f: (x: Node) => Node): Unary => (_c, _b, x) => f(x)
const v = (f: (x: Node, y: Node) => Node): Binary => (_c, _b, x, y) => f(x, y)
const floatUnary = (k: typeof F | typeof D): U => ({
  neg: u(k.neg), abs: u(k.abs), floor: u(k.floor), ceil: u(k.ceil), round: u(k.nearest), trunc: u(k.trunc), sqrt: u(k.sqrt),
  rsqrt: u((x) => k.div(1, k.sqrt(x))),
  sign: u((x) => k.select(bits.or(k.eq(x, 0), k.ne(x, x)), x, bits.or(k.sign(x), k.c(1)))),
})
const floatBinary = (k: typeof F | typeof D): B => ({
  add: v(k.add), sub: v(k.sub), mul: v(k.mul), div: v(k.div), max: v(k.max), min: v(k.min),
})
const shiftRight = (x: Node, by: number): Node => bits.shift(i32x4.shru, i32.const(by))(x)
const ints: { u: U; b: B } = {
  u: { neg: u(bits.un(i32x4.neg)), abs: u(bits.un(i32x4.abs)), not: u(bits.not), sign: u((x) => bits.or(bits.shift(i32x4.shr, i32.const(31))(x), shiftRight(bits.un(i32x4.neg)(x), 31))) },
  b: { add: v(bits.bin(i32x4.add)), sub: v(bits.bin(i32x4.sub)), mul: v(bits.bin(i32x4.mul)), max: v(bits.bin(i32x4.max)), min: v(bits.bin(i32x4.min)),
    and: v(bits.and), or: v(bits.or), xor: v(bits.xor) },
}
const tables: Readonly<Record<Exclude<DType, 'bool'>, { readonly u: U; readonly b: B }>> = {
  float32: { u: { ...floatUnary(F), exp: exp32, log: log32, tanh: tanh32, sigmoid: sigmoid32 }, b: floatBinary(F) },
  float64: { u: { ...floatUnary(D), exp: exp64, log: log64 }, b: floatBinary(D) },
  int32: ints,
  uint32: { u: { ...ints.u, abs: u((x) => x) }, b: { ...ints.b, max: v(bits.bin(i32x4.maxu)), min: v(bits.bin(i32x4.minu)) } },
}

const missing = (op: string, dtype: string): never => fail(DeviceError, `wasm: ${op} of ${dtype} is not defined`)

/** The function of `op` on one vector of `dtype`. */
export const unaryMath = (op: UnaryOp, dtype: Exclude<DType, 'bool'>): Unary => tables[dtype].u[op] ?? missing(op, dtype)
/** The function of `op` on two vectors of `dtype`. */
export const binaryMath = (op: BinaryOp, dtype: Exclude<DType, 'bool'>): Binary => tables[dtype].b[op] ?? missing(op, dtype)
