/**
 * Loop kernels as nests: those whose gathers are decided by positions are written by index-set splitting, where every test of positions
 * is a constant and every read behind it a plain one.
 */
import type { LoopKernel, Value } from '../../../compile/kernels.js'
import { aval } from '../../../core/aval.js'
import { operandsOf, withOperands } from '../../../kernel/scalar.js'
import type { Expr } from '../../../kernel/scalar.js'
import { s } from '../../../kernel/scalar.js'
import type { Nest } from './nest.js'

/** True for a kernel without reduced axes that holds a gather behind a test of positions alone. */
export const isSplit = ({ inner, values }: LoopKernel): boolean => {
  if (inner.length > 0 || values.every((v) => v.op !== 'gather' || v.test === undefined)) return false
  const positions: boolean[] = []
  for (const v of values)
    positions.push(v.op === 'index' || v.op === 'const' || (!('strides' in v) && operandsOf<number>(v).every((o) => positions[o]!)))
  return values.some((v) => v.op === 'gather' && v.test !== undefined && positions[v.test]!)
}

/** The nest of a kernel without reduced axes; its inputs are read as lists of elements. */
export const nestOfKernel = ({ outer, inputs, values, outputs }: LoopKernel): Nest => {
  const made: Expr[] = []
  const guards = new Set<Expr>()
  const sum = (terms: readonly Expr[], offset: number): Expr => {
    const all = offset === 0 && terms.length > 0 ? terms : [...terms, s.int(offset)]
    return all.reduce((x, y) => s.add(x, y))
  }
  const times = (x: Expr, by: number): Expr => (by === 1 ? x : s.mul(x, s.int(by)))
  const place = ({ strides, offset }: Extract<Value, { readonly strides: readonly number[] }>, more: readonly Expr[] = []): Expr =>
    sum([...strides.flatMap((by, k) => (by === 0 ? [] : [times(s.index(k), by)])), ...more], offset)
  const written = (v: Value): Expr => {
    switch (v.op) {
      case 'load':
        return s.load(v.input, [place(v)], v.dtype)
      case 'gather': {
        const more = v.at.map((at, k) => times(made[at]!, v.scales[k]!))
        const read = s.load(v.input, [place(v, more)], v.dtype)
        if (v.test === undefined) return read
        const guarded = s.select(made[v.test]!, read, s.like(read, 0))
        guards.add(guarded)
        return guarded
      }
      case 'index':
        return sum([times(s.index(v.axis), v.scale)], v.offset)
      default:
        return withOperands<number, Expr>(v, (o) => made[o]!) as Expr
    }
  }
  for (const v of values) made.push(written(v))
  return {
    shape: outer,
    ins: inputs.map(({ aval: a }) => aval([a.size], a.dtype)),
    guards,
    outputs: outputs.map((o) => ({ dtype: o.variable.aval.dtype, strides: o.strides, body: made[o.value]! })),
  }
}
