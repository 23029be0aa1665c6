/**
 * Functions of the user that Programs call on the host: one whose results are values like any other, one that is called for its effect.
 * What they are given are tensors in host memory.
 */
import type { Aval } from '../core/aval.js'
import { withShape } from '../core/aval.js'
import type { TypedArray } from '../core/dtype.js'
import { dtypes } from '../core/dtype.js'
import { fail, TraceError } from '../core/errors.js'
import { hostTensor, peek, type Tensor } from '../core/tensor.js'
import { bindAll } from '../ir/bind.js'
import type { Params, Primitive } from '../ir/primitive.js'
import { replicate } from './broadcast.js'
import { reshape } from './structure.js'

/** One `vmap` around a call: how many members there are, and which inputs have their axis. */
export interface Batch {
  readonly size: number
  readonly batched: readonly boolean[]
}

/** What `vmap` does with a function that it cannot see into. */
export type VmapMethod = 'sequential' | 'expandDims' | 'broadcastAll'

/** The user's function on leaves. `results` are the avals of what it gives for one member; it is told those that are asked for. */
export interface HostFunction {
  (inputs: readonly Tensor[], outputs: readonly Aval[]): readonly TypedArray[]
  readonly results: readonly Aval[]
}

/** Parameters of `pureCallback`. Inputs have the axes of `batches` in front, outermost first; so have the results. */
export interface PureCallbackParams extends Params {
  readonly f: HostFunction
  readonly vmapMethod: VmapMethod | null
  readonly batches: readonly Batch[]
}

/** Parameters of `debugCallback`: the same without results. */
export interface DebugCallbackParams extends Params {
  readonly f: (inputs: readonly Tensor[]) => void
  readonly batches: readonly Batch[]
}

/** Element `at` of the leading axis. */
const element = (x: Tensor, at: number): Tensor => {
  const a = withShape(x.aval, x.shape.slice(1))
  return hostTensor(a, peek(x).slice(at * a.size, (at + 1) * a.size))
}

/** Calls `f` with the inputs of every member, in the order in which nested loops over the axes meet them. */
const forEachMember = (inputs: readonly Tensor[], batches: readonly Batch[], f: (inputs: readonly Tensor[]) => void): void => {
  const [outermost, ...others] = batches
  if (outermost === undefined) return f(inputs)
  for (let at = 0; at < outermost.size; at++)
    forEachMember(
      inputs.map((x, k) => (outermost.batched[k] ? element(x, at) : x)),
      others,
      f,
    )
}

/** Calls `f` for one member after the other and puts what it gives in a row. */
const inTurn = (inputs: readonly Tensor[], outputs: readonly Aval[], { f, batches }: PureCallbackParams): readonly TypedArray[] => {
  const rows = outputs.map((a) => dtypes[a.dtype].make(a.size))
  let member = 0
  forEachMember(inputs, batches, (xs) => {
    f(xs, f.results).forEach((y, k) => {
      rows[k]!.set(y, member * y.length)
    })
    member++
  })
  return rows
}

const underived = (f: HostFunction): never =>
  fail(TraceError, `pureCallback: ${f.name} has no derivative, because no transform sees into it`, {
    fix: 'customJvp or customVjp around the call, which say what it is; or stopGradient of its arguments',
  })

const unbatched = (f: HostFunction): never =>
  fail(TraceError, `pureCallback: ${f.name} does not say what vmap is to do with it`, {
    fix: "a last argument { vmapMethod: 'sequential' }, one call for each member; or 'expandDims', 'broadcastAll', one call for all of them",
  })

/** `f` of the inputs. */
export const pureCallbackP: Primitive<PureCallbackParams> = {
  name: 'pureCallback',
  shape: (_inputs, { f, batches }) => f.results.map((a) => withShape(a, [...batches.map((b) => b.size), ...a.shape])),
  linear: { kind: 'structured', jvp: (_inputs, _tangents, { f }) => underived(f), forward: (_inputs, _active, { f }) => underived(f) },
  batch: (inputs, batched, p, size) => {
    const around = (xs: readonly Tensor[], flags: readonly boolean[]): readonly Tensor[] =>
      bindAll(pureCallbackP, xs, { ...p, batches: [{ size, batched: flags }, ...p.batches] })
    const spread = (f: (x: Tensor) => Tensor): readonly Tensor[] =>
      around(
        inputs.map((x, k) => (batched[k] ? x : f(x))),
        inputs.map(() => true),
      )
    switch (p.vmapMethod) {
      case 'sequential':
        return around(inputs, batched)
      case 'expandDims':
        return spread((x) => reshape(x, [1, ...x.shape]))
      case 'broadcastAll':
        return spread((x) => replicate(x, size))
      case null:
        return unbatched(p.f)
    }
  },
  lower: {
    kind: 'host',
    run: (inputs, outputs, p) => (p.vmapMethod === 'sequential' ? inTurn(inputs, outputs, p) : p.f(inputs, outputs)),
  },
}

/** `f` of the inputs, for what it does: for each member of a batch, once. */
export const debugCallbackP: Primitive<DebugCallbackParams> = {
  name: 'debugCallback',
  shape: () => [],
  linear: { kind: 'zero' },
  batch: (inputs, batched, p, size) => bindAll(debugCallbackP, inputs, { ...p, batches: [{ size, batched }, ...p.batches] }),
  lower: {
    kind: 'host',
    effect: true,
    run: (inputs, _outputs, { f, batches }) => {
      forEachMember(inputs, batches, f)
      return []
    },
  },
}
