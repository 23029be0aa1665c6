/** Threefry-2x32: random bits as a pure function of a key and a counter. */
import { aval } from '../core/aval.js'
import { wordType } from '../core/dtype.js'
import { DTypeError, fail } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { bindAll } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { checkAlike, named } from './define.js'

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const

const rotate = (x: Expr, r: number): Expr => s.or(s.shl(x, s.like(x, r)), s.shr(x, s.like(x, 32 - r)))

/** The 20 rounds: each adds and mixes, and every fourth is followed by the next pair of key words. */
const rounds = ([k0, k1, x0, x1]: readonly Expr[]): readonly Expr[] => {
  const keys = [k0!, k1!, s.xor(s.xor(k0!, k1!), s.like(k0!, 0x1bd11bda))]
  let [a, b] = [s.add(x0!, keys[0]!), s.add(x1!, keys[1]!)]
  for (let group = 0; group < 5; group++) {
    for (const r of rotations[group % 2]!) {
      a = s.add(a, b)
      b = s.xor(a, rotate(b, r))
    }
    a = s.add(a, keys[(group + 1) % 3]!)
    b = s.add(s.add(b, keys[(group + 2) % 3]!), s.like(b, group + 1))
  }
  return [a, b]
}

/** Two words of random bits for the counter (x0, x1) under the key (k0, k1); all uint32 of one shape. */
export const threefry2x32P: Primitive = {
  name: 'threefry2x32',
  shape: (inputs) => {
    if (inputs.some((a) => a.dtype !== wordType)) fail(DTypeError, 'threefry2x32: key and counter must be uint32', { args: named(inputs) })
    checkAlike('threefry2x32', inputs)
    const y = aval(inputs[0]!.shape, 'uint32')
    return [y, y]
  },
  linear: { kind: 'zero' },
  batch: 'elementwise',
  lower: { kind: 'scalar', body: rounds },
}
export const threefry2x32 = (k0: Tensor, k1: Tensor, x0: Tensor, x1: Tensor): readonly Tensor[] =>
  bindAll(threefry2x32P, [k0, k1, x0, x1], none)
