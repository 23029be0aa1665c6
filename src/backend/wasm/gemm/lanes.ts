/** The two float types as vectors: what the matrix kernels need of them. */
import type { Ex } from '../code.js'
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
  readonly splat: (at: I, offset?: number) => V
  readonly zero: V
  /** Copies one element. */
  readonly move: (to: I, from: I, toOffset?: number, fromOffset?: number) => { readonly write: Ex['write'] }
  /** Adds the element at `from` to the one at `to`. */
  readonly gain: (to: I, from: I) => { readonly write: Ex['write'] }
  /** One lane as a scalar. */
  readonly lane: (x: V, k: number) => Ex<'f32'> | Ex<'f64'>
}

/** Four lanes of float32. */
export const single: Lanes = {
  dtype: 'float32',
  lanes: 4,
  bytes: 4,
  add: f32x4.add,
  mul: f32x4.mul,
  splat: (at, offset = 0) => v128.load32splat(at, offset),
  zero: f32x4.const(0),
  move: (to, from, t = 0, f = 0) => i32.store(to, i32.load(from, f), t),
  gain: (to, from) => f32.store(to, f32.add(f32.load(to), f32.load(from))),
  lane: f32x4.lane,
}

/** Two lanes of float64. */
export const double: Lanes = {
  dtype: 'float64',
  lanes: 2,
  bytes: 8,
  add: f64x2.add,
  mul: f64x2.mul,
  splat: (at, offset = 0) => v128.load64splat(at, offset),
  zero: f64x2.const(0),
  move: (to, from, t = 0, f = 0) => f64.store(to, f64.load(from, f), t),
  gain: (to, from) => f64.store(to, f64.add(f64.load(to), f64.load(from))),
  lane: f64x2.lane,
}
