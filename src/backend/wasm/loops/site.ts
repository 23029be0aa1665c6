/** What emission of one function reads, and how accesses to memory move along its lanes and groups. */
import type { Body, Ex } from '../code.js'
import type { MathContext } from '../math/index.js'
import type { Facts } from './analyse.js'
import type { LoopPlan } from './choose.js'
import type { Domain, StoreTarget } from './domain.js'
import type { Frame } from './frame.js'
import { lanesIn } from './frame.js'
import { width } from './lanes.js'
import type { Access, PointerStream } from './streams.js'
import { streamKey } from './streams.js'

/** What emission of one function reads. */
export interface LoopSite {
  readonly c: MathContext
  readonly b: Body
  readonly domain: Domain
  readonly facts: Facts
  readonly plan: LoopPlan
  readonly streams: ReadonlyMap<string, PointerStream>
  /** The size of the only axis, where it is not known before the kernel runs. */
  readonly extent: Ex<'i32'> | null
  /** The depth of loops at which an axis is bound. */
  readonly levelOf: (axis: number) => number
  /** Where values that are kept in the memory of a target are read again. */
  readonly kept: ReadonlyMap<number, StoreTarget>
}

/** True for a value that differs between lanes or groups. */
export const varies = ({ facts, plan }: LoopSite, v: number): boolean =>
  facts.along[v]!.has(plan.lane) || (plan.cross >= 0 && facts.along[v]!.has(plan.cross))

/** Bytes from one group to the next, elements from one lane to the next. */
export const steps = (
  { plan, streams }: LoopSite,
  a: Access,
): { readonly group: number; readonly lane: number; readonly delta: number; readonly stream: PointerStream } => {
  const stream = streams.get(streamKey(a))!
  const lane = a.strides[plan.lane]!
  const group = plan.cross < 0 ? lane * width : a.strides[plan.cross]!
  return { stream, lane, group: group * stream.bytes, delta: (a.offset - stream.base) * stream.bytes }
}

/** The lanes of the groups along which an access moves: of one, where it does not move along their axis. */
export const lanesAlong = ({ plan }: LoopSite, f: Frame, a: Access): readonly number[] => {
  const lanes = lanesIn(f)
  return plan.cross >= 0 && a.strides[plan.cross] === 0 ? lanes.slice(0, 1) : lanes
}
