/** Forward mode: values and tangents together. */
import { check, flag, list } from '../core/check.js'
import { isInexact } from '../core/dtype.js'
import { optionsOf } from '../core/options.js'
import { buffer, Tensor } from '../core/tensor.js'
import type { Interpreter } from '../ir/bind.js'
import { bindUnder, current, within } from '../ir/bind.js'
import type { Maybe } from '../ir/linear.js'
import { keep } from './application.js'
import type { Args, Differential } from './flat.js'
import { checkFunction, flattenLike, flattenTensors, onLeaves, pairOf } from './flat.js'
import { push } from './linearMap.js'
import { instantiate } from './zeros.js'

interface Dual {
  readonly primal: Tensor
  readonly tangent: Tensor
}

/** Runs `f` on values with tangents; `null` is the symbolic zero, in and out. */
export const pushForward = (
  name: string,
  f: (args: readonly Tensor[]) => readonly Tensor[],
  primals: readonly Tensor[],
  tangents: readonly Maybe[],
): { readonly values: readonly Tensor[]; readonly tangents: readonly Maybe[] } => {
  const outer = current()
  const primalOf = (t: Tensor): Tensor => (t.owner === interpreter ? (t[buffer] as Dual).primal : t)
  const tangentOf = (t: Tensor): Maybe => (t.owner === interpreter ? (t[buffer] as Dual).tangent : null)
  const dual = (primal: Tensor, tangent: Maybe): Tensor =>
    tangent === null || !isInexact(primal.dtype) ? primal : new Tensor(primal.aval, interpreter, { primal, tangent } satisfies Dual, null)

  const interpreter: Interpreter = {
    name,
    outer,
    primal: (t) => (t[buffer] as Dual).primal,
    process: (prim, inputs, params) => {
      const values = inputs.map(primalOf)
      const active = inputs.map((t) => t.owner === interpreter)
      const { linear } = prim
      if (linear.kind === 'zero' || !active.includes(true)) return bindUnder(outer, prim, values, params)
      const dxs = inputs.map(tangentOf)
      if (linear.kind === 'structured') {
        const [outputs, dys] = within(outer, () => linear.jvp(values, dxs, params))
        return outputs.map((y, i) => dual(y, dys[i]!))
      }
      const outputs = bindUnder(outer, prim, values, params)
      const dys = within(outer, () =>
        push(
          {
            prim,
            params,
            ins: values.map((t) => t.aval),
            outs: outputs.map((t) => t.aval),
            active,
            saved: keep(prim, values, outputs, active),
            map: null,
          },
          dxs,
        ),
      )
      return outputs.map((y, i) => dual(y, dys[i]!))
    },
  }

  const results = within(interpreter, () => f(primals.map((p, i) => dual(p, tangents[i]!))))
  return { values: results.map(primalOf), tangents: results.map(tangentOf) }
}

const jvpOptions = optionsOf<{ readonly hasAux?: boolean }>({ hasAux: flag })

/**
 * Jacobian-vector product: the value of `f` at `primals` and its directional derivative along `tangents`.
 *
 * @returns `[f(...primals), df]`; with `hasAux`, where `f` returns `[y, aux]`: `[y, dy, aux]`.
 * @throws TreeError, ShapeError or DTypeError when the tangents do not match the primals.
 * @example
 * const [y, dy] = jvp(np.sin, [0], [1])   // y = 0, dy = 1
 */
export function jvp<A extends Args = readonly Tensor[], R = unknown>(
  f: (...args: A) => R,
  primals: A,
  tangents: NoInfer<A>,
): [Differential<R>, Differential<R>]
export function jvp<A extends Args = readonly Tensor[], R = unknown, X = unknown>(
  f: (...args: A) => readonly [R, X],
  primals: A,
  tangents: NoInfer<A>,
  options: { readonly hasAux: true },
): [Differential<R>, Differential<R>, X]
export function jvp(f: (...args: Args) => unknown, primals: Args, tangents: Args, options: { readonly hasAux?: boolean } = {}): unknown {
  const { hasAux = false } = jvpOptions('jvp', options)
  checkFunction('jvp', f)
  check('jvp', 'primals', list, primals)
  check('jvp', 'tangents', list, tangents)
  const { leaves, structure } = flattenTensors([...primals])
  const dxs = flattenLike(
    'jvp tangents',
    [...tangents],
    structure,
    leaves.map((x) => x.aval),
  )
  const flat = onLeaves(hasAux ? (args: Args) => pairOf('jvp', 'y', f(...args)) : (args: Args) => f(...args), structure, 'jvp')
  const { values, tangents: dys } = pushForward('jvp', flat.call, leaves, dxs)
  const y = flat.result(values)
  const dy = flat.result(values.map((v, i) => instantiate(dys[i]!, v.aval)))
  return hasAux ? [(y as Args)[0], (dy as Args)[0], (y as Args)[1]] : [y, dy]
}
