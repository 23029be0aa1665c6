/** Products of tensors as MatMul, with the transpositions and shapes that it needs and no others. */
import { otherAxes, sizeOf } from '../../core/shape.js'
import type { Builder, GraphValue } from './builder.js'
import type { LoweringRule } from './rule.js'
import { reshaped, transposed } from './rule.js'

interface Dot {
  readonly lhsContract: readonly number[]
  readonly rhsContract: readonly number[]
  readonly lhsBatch: readonly number[]
  readonly rhsBatch: readonly number[]
}

const pick = (xs: readonly number[], at: readonly number[]): number[] => at.map((k) => xs[k]!)

/** The batched product of matrices `[batch..., m, k] [batch..., k, n]`. */
export const matmul = (b: Builder, x: GraphValue, y: GraphValue): GraphValue => {
  const [m, n] = [x.shape[x.shape.length - 2]!, y.shape[y.shape.length - 1]!]
  return b.node('MatMul', [x, y], { type: x.type, shape: [...x.shape.slice(0, -2), m, n] })
}

/**
 * The left operand with its free axes before the contracted ones, the right one the other way about, each gathered into one axis where
 * there are several or none. A left operand with many free axes and no batch is left as it is: MatMul takes the first ones for a batch.
 */
export const dotGeneral: LoweringRule<Dot> = ({ b, ins, outs, whole, params: p }) => {
  const [x, y] = ins
  // of nothing: runtimes disagree about products without terms
  if (outs[0]!.size === 0 || p.lhsContract.some((k) => x!.shape[k] === 0)) return [b.scalar(0, x!.dtype)]
  const free = {
    lhs: otherAxes(x!.shape.length, [...p.lhsContract, ...p.lhsBatch]),
    rhs: otherAxes(y!.shape.length, [...p.rhsContract, ...p.rhsBatch]),
  }
  const lead = pick(x!.shape, p.lhsBatch)
  const inner = pick(x!.shape, p.lhsContract)
  const [rows, columns] = [pick(x!.shape, free.lhs), pick(y!.shape, free.rhs)]
  const open = p.lhsBatch.length === 0 && rows.length > 0
  const joined = (sizes: readonly number[]): number[] => (sizes.length === 1 ? [...sizes] : [sizeOf(sizes)])
  const left = reshaped(b, transposed(b, whole(0), [...p.lhsBatch, ...free.lhs, ...p.lhsContract]), [
    ...lead,
    ...(open ? rows : joined(rows)),
    ...joined(inner),
  ])
  const right = reshaped(b, transposed(b, whole(1), [...p.rhsBatch, ...p.rhsContract, ...free.rhs]), [
    ...lead,
    ...joined(inner),
    ...joined(columns),
  ])
  return [reshaped(b, matmul(b, left, right), outs[0]!.shape)]
}
