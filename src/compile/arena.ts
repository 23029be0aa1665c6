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

/** Bytes in whole multiples of `align`. */
export const aligned = (bytes: number, align: number): number => Math.ceil(bytes / align) * align

/** Beyond as many intervals not all pairs are looked at. */
const many = 2048

/** Places in an order; each goes into the smallest gap between those that it meets. */
const placed = (intervals: readonly Interval[], order: readonly number[], align: number): Arena => {
  const offsets = new Array<number>(intervals.length).fill(0)
  let bytes = 0
  /** By offset. */
  const there: number[] = []
  for (const k of order) {
    const { from, to, bytes: asked } = intervals[k]!
    const size = aligned(asked, align)
    let [end, best, gap, after] = [0, -1, Infinity, 0]
    let behind = 0
    there.forEach((j, n) => {
      const other = intervals[j]!
      if (other.from > to || other.to < from) return
      const room = offsets[j]! - end
      if (room >= size && room < gap) [best, gap, after] = [end, room, n]
      if (offsets[j]! + aligned(other.bytes, align) > end) [end, behind] = [offsets[j]! + aligned(other.bytes, align), n + 1]
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

/** A piece that nothing alive lies in. */
interface Gap {
  readonly at: number
  readonly size: number
}

/** Places in order of time, as an allocator finds them: each goes into the smallest gap. Its time grows with the gaps, not with what is alive. */
const inTime = (intervals: readonly Interval[], byStart: readonly number[], align: number): Arena => {
  const offsets = new Array<number>(intervals.length).fill(0)
  const byEnd = intervals.map((_, k) => k).sort((a, b) => intervals[a]!.to - intervals[b]!.to)
  let ended = 0
  let bytes = 0
  /** By position; the last one has no end. */
  const gaps: Gap[] = [{ at: 0, size: Infinity }]
  const release = (k: number): void => {
    let [at, size] = [offsets[k]!, aligned(intervals[k]!.bytes, align)]
    let low = 0
    for (let high = gaps.length; low < high;) {
      const middle = (low + high) >>> 1
      if (gaps[middle]!.at < at) low = middle + 1
      else high = middle
    }
    const [before, behind] = [gaps[low - 1], gaps[low]]
    const joinsBefore = before !== undefined && before.at + before.size === at
    const joinsBehind = behind?.at === at + size
    if (joinsBefore) [at, size] = [before.at, before.size + size]
    if (joinsBehind) size += behind.size
    gaps.splice(joinsBefore ? low - 1 : low, (joinsBefore ? 1 : 0) + (joinsBehind ? 1 : 0), { at, size })
  }
  for (const k of byStart) {
    for (; ended < byEnd.length && intervals[byEnd[ended]!]!.to < intervals[k]!.from; ended++)
      if (intervals[byEnd[ended]!]!.bytes > 0) release(byEnd[ended]!)
    const size = aligned(intervals[k]!.bytes, align)
    let best = gaps.length - 1
    for (let n = 0; n < gaps.length; n++) if (gaps[n]!.size >= size && gaps[n]!.size < gaps[best]!.size) best = n
    const { at, size: room } = gaps[best]!
    offsets[k] = at
    bytes = Math.max(bytes, at + size)
    if (size === 0) continue
    if (room === size) gaps.splice(best, 1)
    else gaps[best] = { at: at + size, size: room - size }
  }
  return { offsets, bytes }
}

/** Places for intervals at multiples of `align`: the largest first, or in order of time where that needs less. */
export const arrange = (intervals: readonly Interval[], align: number): Arena => {
  const all = intervals.map((_, k) => k)
  const byTime = [...all].sort((a, b) => intervals[a]!.from - intervals[b]!.from || intervals[b]!.bytes - intervals[a]!.bytes)
  const first = inTime(intervals, byTime, align)
  if (all.length > many) return first
  const bySize = [...all].sort((a, b) => intervals[b]!.bytes - intervals[a]!.bytes || intervals[a]!.from - intervals[b]!.from)
  const second = placed(intervals, bySize, align)
  return second.bytes < first.bytes ? second : first
}

/** Blocks that values follow one another in: the bytes of each, and the block of every interval; -1 for one without bytes. */
export interface Blocks {
  readonly bytes: readonly number[]
  readonly block: readonly number[]
}

/** Blocks for intervals, none of which shares one with another at the same time: the largest first, each into the smallest block that is free. */
export const separate = (intervals: readonly Interval[]): Blocks => {
  const order = intervals
    .map((_, k) => k)
    .sort((a, b) => intervals[b]!.bytes - intervals[a]!.bytes || intervals[a]!.from - intervals[b]!.from)
  const bytes: number[] = []
  const inside: Interval[][] = []
  const block = new Array<number>(intervals.length).fill(-1)
  for (const k of order) {
    const x = intervals[k]!
    if (x.bytes === 0) continue
    let at = bytes.length - 1
    while (at >= 0 && inside[at]!.some((y) => y.from <= x.to && x.from <= y.to)) at--
    if (at < 0) {
      at = bytes.push(x.bytes) - 1
      inside.push([])
    }
    inside[at]!.push(x)
    block[k] = at
  }
  return { bytes, block }
}
