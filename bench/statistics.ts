/** Numbers about numbers. */

/** The value below which a share `q` of the numbers lies, between neighbours linearly. */
export const quantile = (xs: readonly number[], q: number): number => {
  if (xs.length === 0) return NaN
  const sorted = [...xs].sort((a, b) => a - b)
  const at = q * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
  return low + (high - low) * (at - Math.floor(at))
}

/** Middle, and how far nine tenths of the rounds reach. */
export interface Summary {
  readonly median: number
  readonly p10: number
  readonly p90: number
}

/** Median, tenth and ninetieth percentile. */
export const summary = (xs: readonly number[]): Summary => ({ median: quantile(xs, 0.5), p10: quantile(xs, 0.1), p90: quantile(xs, 0.9) })

/** Half the distance from p10 to p90 over the median. */
export const spread = ({ median, p10, p90 }: Summary): number => (p90 - p10) / 2 / median
