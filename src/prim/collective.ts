/**
 * Operations over a named axis of `vmap`. The interpreter of that axis carries them out; under any other they pass through,
 * so none ever reaches a backend.
 */
import { aval, withShape } from '../core/aval.js'
import { fail, TraceError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import { broadcast, iota, like, reduceSum } from './broadcast.js'
import { eq } from './comparison.js'
import { checkDType, movement } from './define.js'
import { moveAxis } from './layout.js'
import { select } from './select.js'

type Member = { readonly axisName: string; readonly size: number }

const unbound = ({ axisName }: { readonly axisName: string }): never =>
  fail(TraceError, `no axis is named '${axisName}' here`, { fix: `vmap(f, { axisName: '${axisName}' })` })

const lower = { kind: 'inline', run: (_inputs: readonly Tensor[], p: { readonly axisName: string }) => unbound(p) } as const

/** The sum over the named axis, the same for every one of its members. */
export const psumP: Primitive<{ readonly axisName: string }> = movement('psum', {
  shape: (x) => {
    checkDType('psum', [x], 'number')
    return x
  },
  transpose: (cy, _x, { axisName }) => psum(cy, axisName),
  batch: (x, { axisName }) => psum(x, axisName),
  lower,
})
export const psum = (x: Tensor, axisName: string): Tensor => bind(psumP, [x], { axisName })

/** Position along the named axis of `size`, int32. */
export const axisIndexP: Primitive<Member> = {
  name: 'axisIndex',
  shape: () => [aval([], 'int32')],
  linear: { kind: 'zero' },
  // no inputs, so a vmap over another axis never sees it batched
  batch: (_inputs, _batched, { axisName, size }, n) => [broadcast(axisIndex(axisName, size), [n], [])],
  lower,
}
export const axisIndex = (axisName: string, size: number): Tensor => bind(axisIndexP, [], { axisName, size })

/** The values of all members of the named axis of `size`, stacked along a new leading axis. */
export const allGatherP: Primitive<Member> = movement<Member>('allGather', {
  shape: (x, { size }) => withShape(x, [size, ...x.shape]),
  // everyone's share for everyone, of which each keeps its own
  transpose: (cy, _x, { axisName, size }) => {
    const shares = psum(cy, axisName)
    const own = eq(iota(cy.shape, 'int32', 0), broadcast(axisIndex(axisName, size), cy.shape, []))
    return reduceSum(select(own, shares, like(shares, 0)), [0])
  },
  batch: (x, { axisName, size }) => moveAxis(allGather(x, axisName, size), 1, 0),
  lower,
})
export const allGather = (x: Tensor, axisName: string, size: number): Tensor => bind(allGatherP, [x], { axisName, size })
