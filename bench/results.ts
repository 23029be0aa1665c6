/** What a run of the bench found, as it is written to JSON. */
import { quantile, summary, type Summary } from './statistics.js'
import type { Kind, Unit } from './workload.js'

/** What one library did with one workload. */
export type Result =
  | { readonly status: 'measured'; readonly error: number; readonly first: number; readonly samples: readonly number[] }
  /** Not timed: the result is off by `error`. */
  | { readonly status: 'wrong'; readonly error: number }
  | { readonly status: 'failed'; readonly message: string }

/** One row. */
export interface Row {
  readonly group: string
  readonly name: string
  readonly kind: Kind
  readonly unit: Unit
  readonly flops: number
  readonly bytes: number
  readonly pieces: number
  readonly results: Readonly<Record<string, Result>>
  /** Seconds that the machine itself needs, by number of threads: one sample a round. */
  readonly limits: Readonly<Record<string, readonly number[]>>
}

/** A column as it was measured. */
export interface Column {
  readonly name: string
  readonly role: 'own' | 'peer' | 'scale'
  readonly threads: number
  readonly version: string
}

/** A whole run. */
export interface Report {
  readonly command: string
  readonly machine: string
  readonly date: string
  readonly columns: readonly Column[]
  readonly absent: readonly string[]
  readonly rows: readonly Row[]
}

/** A sample in the unit of its row. */
export const shown = ({ unit, flops, bytes, pieces }: Pick<Row, 'unit' | 'flops' | 'bytes' | 'pieces'>, sample: number): number => {
  switch (unit) {
    case 'GF/s':
      return flops / sample / 1e9
    case 'GB/s':
      return bytes / sample / 1e9
    case '/s':
      return 1 / sample
    case 'ms':
      return (sample * 1e3) / pieces
    case 'us':
      return (sample * 1e6) / pieces
    case 'ns':
      return (sample * 1e9) / pieces
    case 'x':
    case 'MB':
      return sample
  }
}

/** The samples of a library, in the unit of the row; null when there are none. */
export const summaryOf = (row: Row, library: string): Summary | null => {
  const r = row.results[library]
  return r?.status === 'measured' ? summary(r.samples.map((s) => shown(row, s))) : null
}

const middle = (row: Row, library: string): number | null => {
  const r = row.results[library]
  return r?.status === 'measured' ? quantile(r.samples, 0.5) : null
}

/** How many times as fast as the best peer with at most as many threads. */
export const againstPeers = (row: Row, columns: readonly Column[], own: Column): number | null => {
  const mine = middle(row, own.name)
  const theirs = columns
    .filter((c) => c.role === 'peer' && c.threads <= own.threads)
    .map((c) => middle(row, c.name))
    .filter((m) => m !== null)
  return mine === null || theirs.length === 0 ? null : Math.min(...theirs) / mine
}

/** Share of what the machine can do with as many threads: the median over rounds of limit over time. */
export const ofLimit = (row: Row, { name, threads }: Column): number | null => {
  const mine = middle(row, name)
  const limit = row.limits[threads]
  return mine === null || limit === undefined || limit.length === 0 ? null : quantile(limit, 0.5) / mine
}
