/** How the loops of a domain are laid out: which axis the lanes take, how many groups go together, what runs in parallel. */
import type { Domain } from './domain.js'
import type { Facts } from './analyse.js'
import { costOf } from './analyse.js'
import { bytesOf, width } from './lanes.js'
import type { Capabilities } from '../math/index.js'

/** An axis of the parallel index: `count` steps of `step` elements along `axis`. */
export interface RowAxis {
  readonly axis: number
  readonly count: number
  readonly step: number
}

/** A layout of loops. */
export interface LoopPlan {
  /** The axis along which lanes lie. */
  readonly lane: number
  /** The axis along which groups lie, in blocks that are transposed or all of them; -1 when they follow one another along `lane`. */
  readonly cross: number
  /** Groups that go together. */
  readonly groups: number
  /** Lanes are results of reductions, not what is reduced. */
  readonly columns: boolean
  /** The parallel index, slowest first. */
  readonly rows: readonly RowAxis[]
  /** Loops within one parallel index, outermost first. */
  readonly loops: readonly number[]
  /** Elements of the lane axis in one parallel index, when it is cut. */
  readonly block: number
  /** Elements of the axis `cross` in one parallel index. */
  readonly crossBlock: number
}

/** True where groups are all the elements of a reduction. */
export const isFolded = ({ columns, cross }: LoopPlan): boolean => columns && cross >= 0

/** Elements of a row that one parallel index covers at most, where lanes are not reduced. */
const longest = 4096

interface Traffic {
  readonly strides: readonly number[]
  readonly bytes: number
  readonly store: boolean
}
const traffic = (d: Domain, facts: Facts): readonly Traffic[] => [
  ...d.values.flatMap((v, i) => ('strides' in v && facts.needed[i] ? [{ strides: v.strides, bytes: bytesOf[v.dtype], store: false }] : [])),
  ...d.targets.map((t) => ({ strides: t.strides, bytes: bytesOf[t.dtype], store: true })),
]

const sizeWithout = (d: Domain, without: readonly number[]): number => d.axes.reduce((n, a, k) => (without.includes(k) ? n : n * a.size), 1)

/** True where lanes of what is read again and again lie next to each other, for some of it. */
const adjacent = (d: Domain, facts: Facts, lane: number): boolean =>
  traffic(d, facts).some((t) => !t.store && Math.abs(t.strides[lane]!) === 1 && d.axes.some((a, k) => a.inner && t.strides[k] !== 0))

/** The most groups whose values fit in the vector registers. */
const groupsFor = (d: Domain, facts: Facts, { fma, wide }: Capabilities, lane: number, reducing: boolean): number => {
  const varying = d.values.filter((v, i) => facts.needed[i] && v.op !== 'const' && v.op !== 'reduce' && facts.along[i]!.has(lane))
  const work = varying.reduce((n, v) => n + costOf(v), 0)
  const doubles = varying.some((v) => v.dtype === 'float64') ? 2 : 1
  const size = work * doubles
  if (reducing) {
    // Sums across lanes hold nothing per group; whatever else is reduced holds a vector or more.
    const sums =
      d.axes[lane]!.inner &&
      d.values.every((v, i) => v.op !== 'reduce' || !facts.needed[i] || (v.combine === 'add' && v.dtype === 'float32'))
    if (size <= 2) return sums || !d.axes[lane]!.inner ? 8 : 4
    // Columns are walked across whole lines of memory, two at a time.
    if (!d.axes[lane]!.inner && adjacent(d, facts, lane)) return size <= 24 ? 4 : 8
  }
  // Measured: long chains of instructions need company, but what waits spills when it has too much.
  if (size <= 24) return 4
  if (wide === true) return size <= 80 ? 6 : size <= 150 ? 4 : 2
  return Math.max(1, Math.min(fma ? 4 : 6, Math.round((fma ? 260 : 200) / size)))
}

/** Instructions of the whole domain with lanes along `lane`, roughly. */
const price = (d: Domain, facts: Facts, lane: number): number => {
  const { size, inner } = d.axes[lane]!
  const reducing = d.axes.some((a) => a.inner)
  let group = 0
  for (const { strides, store } of traffic(d, facts)) {
    const s = strides[lane]!
    group += s === 0 || s === 1 ? 1 : s === -1 ? 1.5 : store ? 8 : Math.abs(s) > 256 ? 12 : 6
  }
  d.values.forEach((v, i) => {
    if (facts.needed[i] && v.op !== 'load') group += costOf(v)
  })
  const groups = Math.ceil(size / width) * sizeWithout(d, [lane])
  const reductions = d.values.filter((v) => v.op === 'reduce').length
  // Where lanes are combined, every row ends in shuffles.
  const rows = reducing && inner ? d.axes.reduce((n, a) => (a.inner ? n : n * a.size), 1) * 16 * reductions : 0
  const overhead =
    reducing && !inner
      ? Math.ceil(size / width / 4) * d.axes.reduce((n, a, k) => (a.inner || k === lane ? n : n * a.size), 1) * 8
      : sizeWithout(d, [lane]) * 6
  return groups * group + rows + overhead
}

/** Sides of the blocks that are transposed together: every line of memory is written at once, and rows are read for a while. */
const tileLane = [16, 64] as const
const tileCross = [128, 256] as const
/** Lines of a way of the first cache, and how many lines that fall on one another stay in it. */
const sets = 64
const stay = 4

/** The most rows, `bytes` apart, whose lines stay in the cache together. */
const rowsThatStay = (bytes: number): number => {
  const apart = bytes / 64
  // The largest power of two in the distance says on how many places the lines fall.
  return Number.isInteger(apart) ? stay * (sets / Math.min(sets, apart & -apart)) : Infinity
}

/** Blocks of four by four, where what is read lies across what is written. */
const tiles = (d: Domain, facts: Facts): LoopPlan | null => {
  const all = traffic(d, facts)
  const lane = d.axes.findIndex((a, k) => a.size >= width && all.every((t) => !t.store || t.strides[k] === 1))
  if (lane < 0 || d.axes.some((a) => a.inner)) return null
  const across = all.filter((t) => Math.abs(t.strides[lane]!) > 1)
  const cross = d.axes.findIndex((a, k) => k !== lane && a.size >= width && across.every((t) => t.strides[k] === 1))
  if (across.length === 0 || cross < 0) return null
  const size = Number(across.every((t) => rowsThatStay(Math.abs(t.strides[lane]!) * t.bytes) >= tileLane[1]))
  const [block, crossBlock] = [tileLane[size]!, tileCross[size]!]
  const rows: RowAxis[] = d.axes.flatMap((a, k) => (k === lane || k === cross ? [] : [{ axis: k, count: a.size, step: 1 }]))
  rows.push({ axis: cross, count: Math.ceil(d.axes[cross]!.size / crossBlock), step: crossBlock })
  rows.push({ axis: lane, count: Math.ceil(d.axes[lane]!.size / block), step: block })
  return { lane, cross, groups: width, columns: false, rows, loops: [cross, lane], block, crossBlock }
}

/** Elements of a short reduction: what is made of all of them stays in registers and near the stack. */
const shortest = 16
/** The same where it is read once only: longer ones are summed across lanes as fast. */
const shortestOnce = 8
/** Instructions of one parallel index at most. */
const longestText = 1200

/**
 * Short reductions, e.g. over ten classes or three coordinates: lanes are rows, groups the elements of a row, and no loop is
 * left within four rows, so that each element is read, made and written once.
 */
const folded = (d: Domain, facts: Facts): LoopPlan | null => {
  const inner = d.axes.flatMap((a, k) => (a.inner ? [k] : []))
  const cross = inner[0]
  const lane = d.axes.map((a) => a.inner).lastIndexOf(false)
  if (cross === undefined || inner.length > 1 || lane < 0 || d.axes[lane]!.size < width) return null
  const groups = d.axes[cross]!.size
  const needed = d.values.filter((_, i) => facts.needed[i])
  const once = d.targets.every((t) => t.perRow) && facts.phase.every((p, i) => !facts.needed[i] || p <= 1)
  const text = groups * needed.reduce((n, v) => n + costOf(v) * (v.dtype === 'float64' ? 2 : 1), 0)
  if (groups > (once ? shortestOnce : shortest) || text > longestText) return null
  // Lines of four rows are read or written together, or rows that lie within one line.
  if (!traffic(d, facts).every((t) => t.strides[cross] === 0 || t.strides[cross] === 1 || Math.abs(t.strides[lane]!) <= 1)) return null
  const rows: RowAxis[] = d.axes.flatMap((a, k) => (k === lane || k === cross ? [] : [{ axis: k, count: a.size, step: 1 }]))
  rows.push({ axis: lane, count: Math.ceil(d.axes[lane]!.size / width), step: width })
  return { lane, cross, groups, columns: true, rows, loops: [], block: width, crossBlock: 0 }
}

/**
 * The layout with the least work; machines differ in how many groups go together. The layout of an `elastic` domain is the same
 * for any size of its axis.
 */
export const choose = (d: Domain, facts: Facts, machine: Capabilities, elastic = false): LoopPlan => {
  const tiled = tiles(d, facts)
  if (tiled !== null) return tiled
  const short = folded(d, facts)
  if (short !== null) return short
  const reducing = d.axes.some((a) => a.inner)
  let lane = d.axes.length - 1
  let best = Infinity
  // There is nothing to choose among one.
  for (let k = d.axes.length - 1; d.axes.length > 1 && k >= 0; k--) {
    const p = price(d, facts, k)
    if (p < best) {
      best = p
      lane = k
    }
  }
  const { size, inner } = d.axes[lane]!
  const columns = reducing && !inner
  const wanted = groupsFor(d, facts, machine, lane, reducing)
  const groups = Math.max(1, Math.min(wanted, Math.ceil(size / width)))
  const rows: RowAxis[] = []
  const loops: number[] = []
  d.axes.forEach((a, k) => {
    if (k === lane) return
    if (a.inner) loops.push(k)
    else rows.push({ axis: k, count: a.size, step: 1 })
  })
  if (columns) {
    const block = groups * width
    rows.push({ axis: lane, count: Math.ceil(size / block), step: block })
    return { lane, cross: -1, groups, columns, rows, loops, block, crossBlock: 0 }
  }
  loops.push(lane)
  if (inner || (size <= 2 * longest && !elastic)) return { lane, cross: -1, groups, columns, rows, loops, block: size, crossBlock: 0 }
  const block = Math.floor(longest / (groups * width)) * groups * width
  rows.push({ axis: lane, count: Math.ceil(size / block), step: block })
  return { lane, cross: -1, groups, columns, rows, loops, block, crossBlock: 0 }
}
