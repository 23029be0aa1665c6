/** Frames: what is known at one depth of the loops. A value is found in the frame that made it by every loop inside. */
import type { Ex, Local } from '../code.js'
import type { Parts } from './lanes.js'
import type { PointerStream } from './streams.js'

/** Code between two loop heads. */
export interface Frame {
  readonly parent: Frame | null
  /** 0 outside all loops, 1 in a parallel index, deeper in the loops of one. */
  readonly level: number
  /** Values made here: one entry for every group, or one for all groups. */
  readonly made: Map<number, readonly Parts[]>
  readonly pointers: ReadonlyMap<string, Local<'i32'>>
  /** Positions on axes. */
  readonly counters: ReadonlyMap<number, Ex<'i32'>>
  /** How many lanes of every group count, where the lanes are bound. */
  readonly lanes: readonly number[] | null
}

const none: ReadonlyMap<never, never> = new Map<never, never>()

/** A frame inside `parent`. */
export const frame = (
  parent: Frame | null,
  level: number,
  { pointers = none, counters = none, lanes = null }: Partial<Pick<Frame, 'pointers' | 'counters' | 'lanes'>>,
): Frame => ({ parent, level, made: new Map(), pointers, counters, lanes })

/** What the nearest frame that has it gives. */
const nearest = <T>(f: Frame | null, get: (f: Frame) => T | undefined): T | undefined => {
  for (let at = f; at !== null; at = at.parent) {
    const x = get(at)
    if (x !== undefined) return x
  }
  return undefined
}

/** A value that was made already. */
export const madeIn = (f: Frame, value: number): readonly Parts[] | undefined => nearest(f, (g) => g.made.get(value))

/** The pointer of a stream. */
export const pointerIn = (f: Frame, s: PointerStream): Local<'i32'> => nearest(f, (g) => g.pointers.get(s.key))!

/** The position on an axis. */
export const counterIn = (f: Frame, axis: number): Ex<'i32'> | undefined => nearest(f, (g) => g.counters.get(axis))

/** How many lanes of every group count. */
export const lanesIn = (f: Frame): readonly number[] => nearest(f, (g) => g.lanes ?? undefined) ?? [1]
