/** The work of a scatter: its geometry, and the shares that parallel indices own. */
import type { DType } from '../../../core/dtype.js'
import { otherAxes, range, sizeOf, stridesOf } from '../../../core/shape.js'
import type { Equation } from '../../../ir/program.js'
import type { Body, Ex, Local } from '../code.js'
import { i32 } from '../instructions.js'
import { bytesOf, loadGroup, storeGroup } from '../loops/lanes.js'
import type { FourLocals } from '../math/index.js'
import { emit } from '../math/node.js'
import type { Track } from './runs.js'
import { alongRun, divided, plus } from './runs.js'

/** Elements of updates below which one run is not worth sharing. */
const worthSharing = 1 << 16
/** Elements of a shared run, at least. */
const shortest = 64

/** What is scattered where. */
export interface Geometry {
  readonly dtype: DType
  readonly bytes: number
  readonly batches: number
  /** Elements of x in one batch, and updates of one batch. */
  readonly volume: number
  readonly count: number
  /** Places that the indices can name. */
  readonly places: number
  /** Elements of one slice, and of a contiguous run of it. */
  readonly slice: number
  readonly run: number
  /** Axes of a slice outside its runs. */
  readonly outer: readonly { readonly size: number; readonly stride: number }[]
  /** Size and stride of every indexed axis. */
  readonly indexed: readonly { readonly size: number; readonly stride: number }[]
  /** Elements of a run that one parallel index owns. */
  readonly block: number
}

/** The geometry of a scatter. */
export const geometry = (e: Equation): Geometry => {
  const { axes, batch } = e.params as unknown as { readonly axes: readonly number[]; readonly batch: number }
  const [x, indices] = [e.inputs[0]!.aval, e.inputs[1]!.aval]
  const strides = stridesOf(x.shape)
  const described = (a: number): { readonly size: number; readonly stride: number } => ({ size: x.shape[a]!, stride: strides[a]! })
  const rest = otherAxes(x.shape.length, [...range(batch), ...axes]).map(described)
  const outer = [...rest]
  let run = 1
  while (outer.length > 0 && (outer[outer.length - 1]!.stride === run || outer[outer.length - 1]!.size === 1)) run *= outer.pop()!.size
  const batches = sizeOf(x.shape.slice(0, batch))
  const count = sizeOf(indices.shape.slice(batch, -1))
  const slice = rest.reduce((n, a) => n * a.size, 1)
  const shares = batches * outer.reduce((n, a) => n * a.size, 1)
  const block = shares < 4 && count * run >= worthSharing ? Math.max(shortest, Math.ceil(run / 16) * 4) : run
  return {
    dtype: x.dtype,
    bytes: bytesOf[x.dtype],
    batches,
    volume: x.size / Math.max(batches, 1),
    count,
    places: axes.reduce((n, a) => n * x.shape[a]!, 1),
    slice,
    run,
    outer,
    indexed: axes.map(described),
    block: Math.min(block, run),
  }
}

/** The elements of a run that a parallel index owns, by address of its first element. */
export interface Share {
  readonly batch: Ex<'i32'>
  /** Elements from the start of a slice in x, and in the updates. */
  readonly inX: Ex<'i32'>
  readonly inUpdate: Ex<'i32'>
  readonly length: number
}

/** `body` for what parallel index `p` owns; written twice when the last blocks are shorter. */
export const shared = (b: Body, g: Geometry, p: Ex<'i32'>, body: (s: Share) => void): void => {
  const blocks = Math.ceil(g.run / g.block)
  const [run, block] = divided(b, p, blocks)
  let rest = run
  let inX: Ex<'i32'> = i32.mul(block, i32.const(g.block))
  let inUpdate: Ex<'i32'> = inX
  let size = g.run
  for (const a of [...g.outer].reverse()) {
    let at: Ex<'i32'>
    ;[rest, at] = divided(b, rest, a.size)
    inX = plus(inX, at, a.stride)
    inUpdate = plus(inUpdate, at, size)
    size *= a.size
  }
  const share = { batch: rest, inX: b.let(inX), inUpdate: b.let(inUpdate) }
  const last = g.run - (blocks - 1) * g.block
  if (last === g.block) body({ ...share, length: last })
  else
    b.if(
      i32.eq(block, i32.const(blocks - 1)),
      () => {
        body({ ...share, length: last })
      },
      () => {
        body({ ...share, length: g.block })
      },
    )
}

/** Loads, combines and stores the groups of a run: `f` is given what the tracks hold, and its result goes to the first. */
export const combine = (
  b: Body,
  n: number,
  to: Track & { readonly dtype: DType },
  from: readonly (Track & { readonly dtype: DType })[],
  f: (...xs: readonly FourLocals[]) => FourLocals,
): void => {
  alongRun(b, n, [to, ...from], (pointers, offset, lanes) => {
    const xs = from.map((t, k) => emit(b, loadGroup(b, t.dtype, pointers[k + 1]!, offset * t.bytes, 1, lanes)))
    storeGroup(b, to.dtype, pointers[0]!, offset * to.bytes, 1, lanes, f(...xs))
  })
}

/** `body` for every update of a batch in order, with its entry of the list of places; entries below 0 are left out. */
export const eachUpdate = (
  b: Body,
  g: Geometry,
  list: Ex<'i32'>,
  updates: Ex<'i32'>,
  body: (entry: Local<'i32'>, update: Local<'i32'>) => void,
) => {
  const at = b.let(list)
  const update = b.let(updates)
  b.loop(i32.const(0), i32.const(g.count), 1, () => {
    const entry = b.let(i32.load(at))
    b.if(i32.ge(entry, i32.const(0)), () => {
      body(entry, update)
    })
    b.set(at, i32.add(at, i32.const(4)))
    b.set(update, i32.add(update, i32.const(g.slice * g.bytes)))
  })
}

/** The address of the first update of a share. */
export const updatesOf = (args: Ex<'i32'>, g: Geometry, s: Share): Ex<'i32'> =>
  plus(plus(i32.load(args, 8), s.batch, g.count * g.slice * g.bytes), s.inUpdate, g.bytes)

/** How many shares there are. */
export const sharesOf = (g: Geometry): number => g.batches * g.outer.reduce((n, a) => n * a.size, 1) * Math.ceil(g.run / g.block)
