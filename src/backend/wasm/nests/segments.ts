/** Axes cut where a test of positions changes its answer: inside a segment every test of its axis alone is decided. */
import type { AxisPlace, Questions, Segment } from './terms.js'

/** Pieces of one axis at most: more are left to tests at run time. */
const mostSegments = 32

/** The first `j` from which `factor * j + constant` is no longer (or for the first time) at least 0, or above 0 when `strict`. */
const turn = (factor: number, constant: number, strict: boolean): number => {
  const at = -constant / factor
  // Rising: the first j that passes. Falling: the first that does not.
  const passes = factor > 0 ? !strict : strict
  return passes ? Math.ceil(at) : Math.floor(at) + 1
}

/**
 * The segments of every axis, a constant for those in `fixed`. `visit` looks at the body with every axis at a place and
 * asks its questions.
 */
export const segmentsOf = (
  sizes: readonly number[],
  split: readonly number[],
  visit: (axis: number, place: AxisPlace, questions: Questions) => void,
): ReadonlyMap<number, readonly Segment[]> => {
  const result = new Map<number, readonly Segment[]>()
  for (const axis of split) {
    const whole: Segment = { from: 0, step: 1, count: sizes[axis]! }
    const done: Segment[] = []
    const waiting = [whole]
    while (waiting.length > 0 && done.length + waiting.length <= mostSegments) {
      const s = waiting.pop()!
      const cuts = new Set<number>()
      let period = 1
      if (s.count > 1)
        visit(
          axis,
          { segment: s, name: `${s.from} ${s.step} ${s.count}` },
          {
            sign: (a, factor, constant, strict) => {
              const j = turn(factor, constant, strict)
              if (a === axis && j > 0 && j < s.count) cuts.add(j)
            },
            divides: (a, p) => {
              if (a === axis) period = Math.max(period, p)
            },
            several: () => undefined,
          },
        )
      if (cuts.size > 0) {
        const ends = [...cuts, s.count].sort((a, b) => a - b)
        ends.forEach((end, k) => {
          const start = k === 0 ? 0 : ends[k - 1]!
          waiting.push({ from: s.from + start * s.step, step: s.step, count: end - start })
        })
      } else if (period > 1)
        for (let r = 0; r < Math.min(period, s.count); r++)
          waiting.push({ from: s.from + r * s.step, step: s.step * period, count: Math.ceil((s.count - r) / period) })
      else done.push(s)
    }
    result.set(axis, waiting.length > 0 ? [whole] : done.sort((a, b) => a.from - b.from))
  }
  return result
}
