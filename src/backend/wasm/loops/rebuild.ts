/** Lists of values made again: what is not needed is left out, operands are renumbered. */
import { withOperands } from '../../../kernel/scalar.js'
import type { Value } from '../../../compile/kernels.js'

/** Rewrites one value; `emit` appends to the new list, operands are renumbered already. */
export type Rewrite = (v: Value, position: number, emit: (v: Value) => number) => number

/** The list of values again, with only what `roots` need; gives their new positions. */
export const rebuild = (values: readonly Value[], roots: readonly number[], rewrite: Rewrite) => {
  const list: Value[] = []
  const at = new Map<number, number>()
  const emit = (v: Value): number => list.push(v) - 1
  const visit = (i: number): number => {
    const known = at.get(i)
    if (known !== undefined) return known
    const result = rewrite(withOperands<number, number>(values[i]!, visit) as Value, i, emit)
    at.set(i, result)
    return result
  }
  return { positions: roots.map(visit), values: list }
}
