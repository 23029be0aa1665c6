/** Timing one thing at a time. */

/** Seconds per call: the median of several rounds, and the fastest. */
export interface Timing {
  readonly median: number
  readonly best: number
}

const now = (): number => performance.now() / 1000

const round = (f: () => unknown, calls: number): number => {
  const start = now()
  for (let i = 0; i < calls; i++) f()
  return (now() - start) / calls
}

/** Times `f`: warms it up, then takes `rounds` rounds of at least `seconds` each. */
export const measure = (f: () => unknown, { rounds = 9, seconds = 0.05 } = {}): Timing => {
  let calls = 1
  for (let t = round(f, calls) * calls; t < seconds; t = round(f, calls) * calls)
    calls = Math.ceil(t === 0 ? calls * 10 : calls * Math.min(10, (1.2 * seconds) / t))
  for (let k = 0; k < 3; k++) round(f, calls)
  const times = Array.from({ length: rounds }, () => round(f, calls)).sort((a, b) => a - b)
  return { median: times[rounds >> 1]!, best: times[0]! }
}

/** A number with three significant digits. */
export const three = (x: number): string => (x === 0 ? '0' : Number(x.toPrecision(3)).toString())

/** Rows as a table with aligned columns. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, k) => Math.max(...rows.map((r) => r[k]!.length)))
  return rows.map((r) => r.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!))).join('   ')).join('\n')
}
