/**
 * Expansion: scalar operations that a target lacks, or has for some dtypes only, are taken apart by their definitions. What has no
 * definition is basic, and every target has it.
 */
import type { DType } from '../../core/dtype.js'
import type { Op } from '../operations.js'
import type { Expr } from '../scalar.js'
import { nodesOf, withOperands } from '../scalar.js'

/** Operands by name, those that the operation has, and the dtype of the result; `undefined`: the operation itself is meant, on such operands. */
export type OperationDefinition = (x: Expr, y: Expr, z: Expr, dtype: DType) => Expr | undefined

/** The definitions that a target takes: of the operations that it lacks. */
export type Definitions = Readonly<Partial<Record<Op, OperationDefinition>>>

/** Whether a target has an operation on operands of a dtype. */
export type Computes = (op: Op, dtype: DType) => boolean

/** What an expression means, one step down; undefined where it is left as it is. */
export const expansion = (e: Expr, definitions: Definitions): Expr | undefined =>
  'x' in e ? definitions[e.op]?.(e.x, 'y' in e ? e.y : e.x, 'z' in e ? e.z : e.x, e.dtype) : undefined

/** Expressions in the operations that a target computes; shared parts stay shared. */
export const expand = (roots: readonly Expr[], definitions: Definitions): readonly Expr[] => {
  const made = new Map<Expr, Expr>()
  const of = (e: Expr): Expr => {
    for (const node of nodesOf([e], (x) => made.has(x))) {
      if (made.has(node)) continue
      const other = expansion(node, definitions)
      made.set(node, other === undefined ? (withOperands<Expr, Expr>(node, (x) => made.get(x)!) as Expr) : of(other))
    }
    return made.get(e)!
  }
  return nodesOf(roots).some((e) => expansion(e, definitions) !== undefined) ? roots.map(of) : roots
}
