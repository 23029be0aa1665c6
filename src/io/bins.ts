/** How often numbers fall into bins of equal width. */

/** Counts, and what was counted. */
export interface EventBins {
  /** The ends of the bins, one more than there are bins; none for no numbers. */
  readonly edges: readonly number[]
  readonly counts: readonly number[]
  /** The finite numbers, and their extremes. */
  readonly size: number
  readonly min: number
  readonly max: number
  /** Numbers that are not finite, which are not in any bin. */
  readonly skipped: number
}

/** Finite numbers counted in `bins` bins between the smallest and the largest; the largest belongs to the last. One value is one bin around it. */
export const countBins = (values: ArrayLike<number>, bins: number): EventBins => {
  let [min, max, size] = [Infinity, -Infinity, 0]
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!
    if (!Number.isFinite(v)) continue
    min = Math.min(min, v)
    max = Math.max(max, v)
    size++
  }
  const skipped = values.length - size
  if (size === 0) return { edges: [], counts: [], size, min: 0, max: 0, skipped }
  const half = min === max ? Math.max(0.5, Math.abs(min) * 2 ** -10) : 0
  const [low, high] = [min - half, max + half]
  const n = min === max ? 1 : bins
  const counts = new Array<number>(n).fill(0)
  // Halved, so that the range of numbers of opposite signs stays finite.
  const width = high / 2 - low / 2
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!
    if (Number.isFinite(v)) counts[Math.min(n - 1, Math.floor(((v / 2 - low / 2) / width) * n) || 0)]!++
  }
  const edges = Array.from({ length: n + 1 }, (_, i) => low * (1 - i / n) + high * (i / n))
  return { edges, counts, size, min, max, skipped }
}
