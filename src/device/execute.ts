/** Evaluation: a primitive applied to concrete tensors is the cached executable of a Program of one equation. */
import type { Aval } from '../core/aval.js'
import type { TypedArray } from '../core/dtype.js'
import { dtypes } from '../core/dtype.js'
import { DeviceError, DonatedError, DTypeError, fail, ValueError } from '../core/errors.js'
import { buffer, donate, Tensor } from '../core/tensor.js'
import type { Backend } from '../compile/backend.js'
import type { Executor } from '../ir/bind.js'
import { leaked } from '../ir/bind.js'
import { callHost } from '../ir/host.js'
import { inline } from '../ir/passes/inline.js'
import type { AnyPrimitive, HostLowering, Params } from '../ir/primitive.js'
import type { Program } from '../ir/program.js'
import { variables } from '../ir/program.js'
import { track } from './buffers.js'
import type { CompiledEquation } from './cache.js'
import { answers, entryOf, siteOf } from './cache.js'
import { current } from './current.js'

/** The Program of one application of a primitive. */
export const oneEquation = (prim: AnyPrimitive, ins: readonly Aval[], outs: readonly Aval[], params: Params): Program => {
  const fresh = variables()
  const inputs = ins.map(fresh)
  const outputs = outs.map(fresh)
  return { inputs, equations: [{ prim, inputs, params, outputs, scope: '' }], outputs }
}

const donations = (params: Params): readonly number[] => (Array.isArray(params.donate) ? params.donate : [])

const checkSupported = (prim: AnyPrimitive, backend: Backend, avals: readonly Aval[]): void => {
  for (const a of avals)
    if (!backend.supports(a.dtype))
      fail(DTypeError, `${prim.name}: the ${backend.name} backend has no ${a.dtype}`, { fix: 'another dtype, or configure({ backend })' })
}

const compile = (prim: AnyPrimitive, inputs: readonly Tensor[], params: Params): CompiledEquation => {
  const { backend, generation } = current
  for (const t of inputs) if (t.owner !== null) leaked(t, prim)
  const ins = inputs.map((t) => t.aval)
  const outs = prim.shape(ins, params)
  checkSupported(prim, backend, [...ins, ...outs])
  // A called Program is compiled itself, so that what it was given to reuse, the backend may reuse.
  const program = prim.program?.(params) ?? inline(oneEquation(prim, ins, outs, params))
  return { ins, params, outs, generation, run: backend.compile(program, { donate: donations(params) }) }
}

/** True when the data of a concrete tensor is a buffer of `backend` as it is. */
const isHere = ({ memory }: Tensor, backend: Backend): boolean => (memory === null ? backend.host : memory === backend)

/** A tensor of a result of `backend`. */
const tensorOf = (a: Aval, buffer: unknown, backend: Backend): Tensor =>
  new Tensor(a, null, buffer, backend.host && ArrayBuffer.isView(buffer) ? null : backend)

/** A tensor's buffer, checked to be there. */
const heldBy = (t: Tensor, prim: AnyPrimitive): unknown => {
  if (t.owner !== null) return leaked(t, prim)
  if (t[buffer] === null)
    return fail(DonatedError, `${prim.name}: this tensor was donated to a jitted function and its memory reused`, {
      args: { x: t.aval },
      fix: 'use the value that the function returned, or do not donate this argument',
    })
  return t[buffer]
}

/** The elements of `t` in host memory, to be used at `place`. */
const elementsOf = (t: Tensor, prim: AnyPrimitive, place: string): TypedArray => {
  const held = heldBy(t, prim)
  if (t.memory === null) return held as TypedArray
  const host = t.memory.get(held, t.aval)
  if (!(host instanceof Promise)) return host
  host.catch(() => undefined)
  return fail(DeviceError, `${prim.name}: a tensor of ${t.memory.name} has to be read asynchronously to be used on ${place}`, {
    args: { x: t.aval },
    fix: 'await x.read() and make a tensor of it here',
  })
}

/** The buffer of `t` on the current backend. */
const bufferOf = (t: Tensor, prim: AnyPrimitive): unknown => {
  const held = heldBy(t, prim)
  const { backend } = current
  return isHere(t, backend) ? held : backend.put(elementsOf(t, prim, backend.name), t.aval)
}

const consume = (inputs: readonly Tensor[], params: Params): void => {
  for (const k of donations(params)) inputs[k]![donate]()
}

/**
 * Whether memory that may be overwritten is also that of another argument. Two tensors may share theirs without anyone knowing:
 * a jitted function may give back its argument. One tensor given twice is a mistake, and throws.
 */
const sharesDonated = (prim: AnyPrimitive, inputs: readonly Tensor[], params: Params): boolean => {
  const donated = donations(params)
  if (donated.length === 0) return false
  /** Who holds each piece of memory: one argument, or more. */
  const holders = new Map<unknown, number>()
  for (const t of inputs) holders.set(t[buffer], (holders.get(t[buffer]) ?? 0) + 1)
  const shared = donated.filter((k) => holders.get(inputs[k]![buffer])! > 1)
  for (const k of shared)
    if (inputs.indexOf(inputs[k]!) !== k || inputs.lastIndexOf(inputs[k]!) !== k)
      fail(ValueError, `${prim.name}: a donated tensor is also another argument, or closed over`, {
        args: { x: inputs[k]!.aval },
        fix: 'donate what is used once, or do not donate it',
      })
  return shared.length > 0
}

const undonating = new WeakMap<Params, Params>()
/** The same parameters without donation; one object for each, because caches compare by identity. */
const withoutDonation = (params: Params): Params => {
  let kept = undonating.get(params)
  if (kept === undefined) undonating.set(params, (kept = { ...params, donate: [] }))
  return kept
}

/** The engine's or the backend's words for memory that there is not, in ours and with the result; other errors as they are. */
const outOfMemory = (error: unknown, prim: AnyPrimitive, outs: readonly Aval[]): never => {
  const ours = error instanceof DeviceError && error.message.includes('memory is full')
  // eslint-disable-next-line functional/no-throw-statements -- not ours: passed on as it is
  if (!ours && !(error instanceof RangeError && /array length|allocation/i.test(error.message))) throw error
  const [reason] = error.message.split('\n')
  return fail(DeviceError, `${prim.name}: there is no memory for its result (${reason})`, {
    args: Object.fromEntries(outs.map((a, k) => [outs.length === 1 ? 'result' : `result ${k}`, a])),
    fix: 'evalShape to see shapes without computing; smaller batches, checkpoint in the reverse pass, or donated arguments',
  })
}

/**
 * A function of the host is called as it is. There is nothing to compile, and a cache of it, by the identity of what is often a new
 * closure, would only keep what it closes over.
 */
const executeHost = (prim: AnyPrimitive, lower: HostLowering<Params>, inputs: readonly Tensor[], params: Params): readonly Tensor[] => {
  const { backend } = current
  const arrays = inputs.map((t) => elementsOf(t, prim, 'the host'))
  const ins = inputs.map((t) => t.aval)
  const outs = prim.shape(ins, params)
  checkSupported(prim, backend, outs)
  return callHost(prim, lower, arrays, { ins, outs, params }).map((x, k) => {
    const a = outs[k]!
    const held = backend.put(x.slice(), a)
    if (current.trackBuffers) track(held, a.size * dtypes[a.dtype].bytes)
    return tensorOf(a, held, backend)
  })
}

/** Elements from which on a pass over memory costs more than the compilation of one that does everything. */
const large = 1 << 14
const isLarge = (t: Tensor): boolean => t.size >= large

/** Evaluates `prim` on concrete tensors with the current backend. */
export const execute: Executor = (prim, inputs, params) => {
  if (prim.lower.kind === 'inline' && !(prim.lower.fused === true && inputs.some(isLarge))) {
    prim.shape(
      inputs.map((t) => t.aval),
      params,
    ) // its errors name this primitive, not those it consists of
    return prim.lower.run(inputs, params)
  }
  if (prim.lower.kind === 'host') return executeHost(prim, prim.lower, inputs, params)
  if (prim.placed !== undefined) {
    for (const t of inputs) if (t.owner !== null || t[buffer] === null) bufferOf(t, prim)
    const results = prim.placed(inputs, params)
    if (results !== null) return results
  }
  if (params.donate !== undefined && sharesDonated(prim, inputs, params)) {
    const results = execute(prim, inputs, withoutDonation(params))
    consume(inputs, params)
    return results
  }
  const site = siteOf(prim)
  const { last } = site
  const entry =
    last !== undefined && answers(last, inputs, params, current.generation)
      ? last
      : entryOf(site, inputs, params, current.generation, () => compile(prim, inputs, params))

  const { backend } = current
  const buffers = new Array<unknown>(inputs.length)
  for (let k = 0; k < inputs.length; k++) {
    const t = inputs[k]!
    buffers[k] = t.owner === null && t[buffer] !== null && isHere(t, backend) ? t[buffer] : bufferOf(t, prim)
  }
  let results: readonly unknown[]
  try {
    results = entry.run(buffers)
  } catch (error) {
    return outOfMemory(error, prim, entry.outs)
  }
  const { outs } = entry
  if (current.trackBuffers) {
    results.forEach((b, k) => {
      if (!buffers.includes(b)) track(b, outs[k]!.size * dtypes[outs[k]!.dtype].bytes)
    })
  }
  if (params.donate !== undefined) consume(inputs, params)
  if (outs.length === 1) return [tensorOf(outs[0]!, results[0], backend)]
  const tensors = new Array<Tensor>(outs.length)
  for (let k = 0; k < outs.length; k++) tensors[k] = tensorOf(outs[k]!, results[k], backend)
  return tensors
}
