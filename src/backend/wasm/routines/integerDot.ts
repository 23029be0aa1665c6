/** dotGeneral of integers as a loop nest; they wrap. */
import type { Equation } from '../../../ir/program.js'
import type { LoopNest } from '../../../kernel/loop.js'
import type { Expr } from '../../../kernel/scalar.js'
import { s } from '../../../kernel/scalar.js'

/** The nest over batch, rows and columns that reduces the contracted axes. */
export const integerDot = (e: Equation): LoopNest => {
  const { lhsContract, rhsContract, lhsBatch, rhsBatch } = e.params as unknown as Readonly<Record<string, readonly number[]>>
  const [x, y] = [e.inputs[0]!.aval, e.inputs[1]!.aval]
  const { shape, dtype } = e.outputs[0]!.aval
  let next = lhsBatch!.length
  const place = (ndim: number, batch: readonly number[], contract: readonly number[]): readonly Expr[] =>
    Array.from({ length: ndim }, (_, k) => {
      if (batch.includes(k)) return s.index(batch.indexOf(k))
      return s.index(contract.includes(k) ? shape.length + contract.indexOf(k) : next++)
    })
  const left = s.load(0, place(x.shape.length, lhsBatch!, lhsContract!), dtype)
  const right = s.load(1, place(y.shape.length, rhsBatch!, rhsContract!), dtype)
  return {
    kind: 'loops',
    shape,
    dtype,
    reduce: { sizes: lhsContract!.map((k) => x.shape[k]!), combine: 'add' },
    body: s.mul(left, right),
  }
}
