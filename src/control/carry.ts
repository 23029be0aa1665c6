/** The state of a loop must keep its structure, shapes and dtypes from one step to the next. */
import type { Aval } from '../core/aval.js'
import { strong } from '../core/aval.js'
import { fail, TreeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import type { Traced } from '../ir/trace.js'
import { cast } from '../prim/select.js'
import { structurePaths } from '../tree/path.js'
import type { Structure } from '../tree/structure.js'
import { checkSame } from '../tree/tree.js'

/**
 * Traces the body of a loop, strengthening weak (JavaScript number) entries of the initial state that the body
 * returns with a dtype. The state is the first outputs of the body.
 */
export const settleCarry = (
  name: string,
  init: readonly Tensor[],
  structure: Structure,
  consts: number,
  body: (carry: readonly Aval[]) => { readonly traced: Traced; readonly structure: Structure },
): { readonly traced: Traced; readonly carry: readonly Tensor[] } => {
  let carry = init
  for (;;) {
    const run = body(carry.map((x) => x.aval))
    checkSame(`${name}: the state and what the body returns for it`, structure, run.structure)
    const outs = run.traced.program.outputs.slice(consts, consts + carry.length).map((v) => v.aval)
    const next = carry.map((x, i) => {
      const out = outs[i]!
      if (out === x.aval) return x
      const weaker = x.aval.weak && strong(out) === out && out.shape.length === x.ndim && out.shape.every((n, k) => n === x.shape[k])
      if (weaker) return cast(x, out.dtype)
      if (out.weak && strong(out) === x.aval) return x
      const path = structurePaths(structure)[i] ?? ''
      return fail(TreeError, `${name}: the body changes the state${path === '' ? '' : ` at '${path}'`}`, {
        args: { before: x.aval, after: out },
        fix: 'return the same shapes and dtypes; np.astype and np.reshape convert',
      })
    })
    if (next.every((x, i) => x === carry[i])) return { traced: run.traced, carry }
    carry = next
  }
}
