/**
 * Operations over a named axis of `vmap`: the batching rule under that axis carries them out, under any other they pass
 * through, so none ever reaches a backend.
 */
import { aval, withShape } from '../core/aval.js'
import { fail, TraceError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Batched, Primitive } from '../ir/primitive.js'
import { mul } from './arithmetic.js'
import { broadcast, iota, like, reduceSum, replicate } from './broadcast.js'
import { eq } from './comparison.js'
import { checkDType, linear } from './define.js'
import { moveAxis } from './layout.js'
import { select } from './select.js'

type Named = { readonly axisName: string }
type Member = { readonly axisName: string; readonly size: number }

const unbound = ({ axisName }: Named): never =>
  fail(TraceError, `no axis is named '${axisName}' here`, { fix: `vmap(f, { axisName: '${axisName}' })` })

const lower = { kind: 'inline', run: (_inputs: readonly Tensor[], p: Named) => unbound(p) } as const

/** A result that all members of the axis have in common. */
const shared = (y: Tensor): Batched => ({ outputs: [y], batched: [false] })

/** The sum over the named axis, the same for every one of its members. */
export const psumP: Primitive<Named> = {
  name: 'psum',
  shape: ([x]) => {
    checkDType('psum', [x!], 'number')
    return [x!]
  },
  linear: linear((cy, _x, { axisName }) => psum(cy, axisName)),
  batch: ([x], [batched], { axisName }, size, over) => {
    if (over !== axisName) return [psum(x!, axisName)]
    return shared(batched === true ? reduceSum(x!, [0]) : mul(x!, like(x!, size)))
  },
  lower,
}
export const psum = (x: Tensor, axisName: string): Tensor => bind(psumP, [x], { axisName })

/** Position along the named axis of `size`, int32. */
export const axisIndexP: Primitive<Member> = {
  name: 'axisIndex',
  shape: () => [aval([], 'int32')],
  linear: { kind: 'zero' },
  batch: (_inputs, _batched, { axisName, size }, n, over) =>
    over === axisName ? [iota([n], 'int32', 0)] : shared(axisIndex(axisName, size)),
  lower,
}
export const axisIndex = (axisName: string, size: number): Tensor => bind(axisIndexP, [], { axisName, size })

/** The values of all members of the named axis of `size`, stacked along a new leading axis. */
export const allGatherP: Primitive<Member> = {
  name: 'allGather',
  shape: ([x], { size }) => [withShape(x!, [size, ...x!.shape])],
  // everyone's share for everyone, of which each keeps its own
  linear: linear((cy, _x, { axisName, size }) => {
    const shares = psum(cy, axisName)
    const own = eq(iota(cy.shape, 'int32', 0), broadcast(axisIndex(axisName, size), cy.shape, []))
    return reduceSum(select(own, shares, like(shares, 0)), [0])
  }),
  batch: ([x], [batched], { axisName, size }, n, over) => {
    if (over !== axisName) return [moveAxis(allGather(x!, axisName, size), 1, 0)]
    return shared(batched === true ? x! : replicate(x!, n))
  },
  lower,
}
export const allGather = (x: Tensor, axisName: string, size: number): Tensor => bind(allGatherP, [x], { axisName, size })
