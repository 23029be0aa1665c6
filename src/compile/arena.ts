/** Where the values of a run lie in one piece of memory: two that are alive at once do not overlap. */

/** Bytes that are needed from one step to another, both included. */
export interface Interval {
  readonly bytes: number
  readonly from: number
  readonly to: number
}

/** A place for every interval, and the bytes of all. */
export interface Arena {
  readonly offsets: readonly number[]
  readonly bytes: number
}

/** Values begin on cache lines. */
const line = 64

/** Bytes in whole lines. */
export const inLines = (bytes: number): number => Math.ceil(bytes / line) * line

/** Beyond as many intervals not all pairs are looked at. */
const many = 2048

/** Places in an order; each goes into the smallest gap between those that it meets. With `passing`, what ended before is forgotten. */
const placed = (intervals: readonly Interval[], order: readonly number[], passing: boolean): Arena => {
  const offsets = new Array<number>(intervals.length).fill(0)
  let bytes = 0
  /** By offset. */
  let there: number[] = []
  for (const k of order) {
    const { from, to, bytes: asked } = intervals[k]!
    const size = inLines(asked)
    if (passing) there = there.filter((j) => intervals[j]!.to >= from)
    let [end, best, gap, after] = [0, -1, Infinity, 0]
    let behind = 0
    there.forEach((j, n) => {
      const other = intervals[j]!
      if (other.from > to || other.to < from) return
      const room = offsets[j]! - end
      if (room >= size && room < gap) [best, gap, after] = [end, room, n]
      if (offsets[j]! + inLines(other.bytes) > end) [end, behind] = [offsets[j]! + inLines(other.bytes), n + 1]
    })
    const at = best < 0 ? end : best
    offsets[k] = at
    bytes = Math.max(bytes, at + size)
    let place = best < 0 ? behind : after
    while (place > 0 && offsets[there[place - 1]!]! > at) place--
    while (place < there.length && offsets[there[place]!]! < at) place++
    there.splice(place, 0, k)
  }
  return { offsets, bytes }
}

/** Places for intervals: the largest first, or in order of time where that needs less. */
export const arrange = (intervals: readonly Interval[]): Arena => {
  const all = intervals.map((_, k) => k)
  const byTime = [...all].sort((a, b) => intervals[a]!.from - intervals[b]!.from || intervals[b]!.bytes - intervals[a]!.bytes)
  const first = placed(intervals, byTime, true)
  if (all.length > many) return first
  const bySize = [...all].sort((a, b) => intervals[b]!.bytes - intervals[a]!.bytes || intervals[a]!.from - intervals[b]!.from)
  const second = placed(intervals, bySize, false)
  return second.bytes < first.bytes ? second : first
}
