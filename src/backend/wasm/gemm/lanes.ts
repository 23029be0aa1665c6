/** The two float types as vectors: what the matrix kernels need of them. */
import type { Ex, Statement } from '../code.js'
import { f32, f32x4, f64, f64x2, i32, v128 } from '../instructions.js'

type I = Ex<'i32'>
type V = Ex<'v128'>

/** Vector arithmetic of one float type. */
export interface Lanes {
  readonly dtype: 'float32' | 'float64'
  readonly lanes: number
  readonly bytes: number
  readonly add: (x: V, y: V) => V
  readonly mul: (x: V, y: V) => V
  /** `a b + c`, fused or not. */
  readonly madd: (a: V, b: V, c: V) => V
  readonly splat: (at: I, offset?: number) => V
  readonly zero: V
  /** Copies one element. */
  readonly move: (to: I, from: I, toOffset?: number, fromOffset?: number) => Statement
  /** Adds the element at `from` to the one at `to`. */
  readonly gain: (to: I, from: I) => Statement
  /** Adds the product of the elements at `x` and `y` to the one at `to`. */
  readonly gainProduct: (to: I, x: I, y: I) => Statement
  /** Stores the sum of all lanes. */
  readonly storeSum: (to: I, x: V) => Statement
}

/** Four lanes of float32. */
export const single: Lanes = {
  dtype: 'float32',
  lanes: 4,
  bytes: 4,
  add: f32x4.add,
  mul: f32x4.mul,
  madd: f32x4.relaxedMadd,
  splat: (at, offset = 0) => v128.load32splat(at, offset),
  zero: f32x4.const(0),
  move: (to, from, t = 0, f = 0) => i32.store(to, i32.load(from, f), t),
  gain: (to, from) => f32.store(to, f32.add(f32.load(to), f32.load(from))),
  gainProduct: (to, x, y) => f32.store(to, f32.add(f32.load(to), f32.mul(f32.load(x), f32.load(y)))),
  storeSum: (to, x) => f32.store(to, f32.add(f32.add(f32x4.lane(x, 0), f32x4.lane(x, 2)), f32.add(f32x4.lane(x, 1), f32x4.lane(x, 3)))),
}

/** Two lanes of float64. */
export const double: Lanes = {
  dtype: 'float64',
  lanes: 2,
  bytes: 8,
  add: f64x2.add,
  mul: f64x2.mul,
  madd: f64x2.relaxedMadd,
  splat: (at, offset = 0) => v128.load64splat(at, offset),
  zero: f64x2.const(0),
  move: (to, from, t = 0, f = 0) => f64.store(to, f64.load(from, f), t),
  gain: (to, from) => f64.store(to, f64.add(f64.load(to), f64.load(from))),
  gainProduct: (to, x, y) => f64.store(to, f64.add(f64.load(to), f64.mul(f64.load(x), f64.load(y)))),
  storeSum: (to, x) => f64.store(to, f64.add(f64x2.lane(x, 0), f64x2.lane(x, 1))),
}
