/** The table, from results. */
import { againstPeers, ofLimit, summaryOf, type Column, type Report, type Row } from './results.js'
import { spread } from './statistics.js'
import { aligned, three } from './table.js'

const cell = (row: Row, library: string): string => {
  const s = summaryOf(row, library)
  if (s !== null) return `${three(s.median)} ±${(100 * Math.abs(spread(s))).toFixed(0)}%`
  const r = row.results[library]
  return r === undefined ? '' : r.status === 'wrong' ? `wrong ${three(r.error)}` : 'fails'
}

const times = (x: number | null): string => (x === null ? '' : `${three(x)}x`)
const percent = (x: number | null): string => (x === null ? '' : `${(100 * x).toFixed(0)}%`)

/** Rows of text: a heading, then one per workload. */
export const cells = ({ columns, rows }: Report): readonly (readonly string[])[] => {
  const own = columns.filter((c) => c.role === 'own')
  const threads = (c: Column): string => (c.threads === 1 ? '' : ` ${c.threads}`)
  const label = (c: Column, what: string): string =>
    own.filter((o) => o.threads === c.threads).length > 1 ? `${c.name} ${what}` : what + threads(c)
  return [
    ['workload', '', ...columns.map((c) => c.name), ...own.map((c) => label(c, 'of peers')), ...own.map((c) => label(c, 'of limit'))],
    ...rows.map((row) => [
      row.name,
      row.unit,
      ...columns.map((c) => cell(row, c.name)),
      ...own.map((c) => times(againstPeers(row, columns, c))),
      ...own.map((c) => percent(ofLimit(row, c))),
    ]),
  ]
}

const legend = `Each cell: the median of the rounds, ± half the distance from the 10th to the 90th percentile. GF/s, GB/s, /s: more is better; else less.
of peers: times as fast as the best of jax-js and tfjs with at most as many threads. of limit: share of what the machine did in the same
rounds with 128-bit multiplications and additions in registers, or with memory traffic of the same size. wrong: not timed, with its error.`

/** What went wrong, one line each. */
const notes = ({ rows }: Report): readonly string[] =>
  rows.flatMap((row) =>
    Object.entries(row.results).flatMap(([library, r]) =>
      r.status === 'failed'
        ? [`${library} fails at ${row.name}: ${r.message}`]
        : r.status === 'wrong'
          ? [`${library} is wrong at ${row.name}: ${r.error.toExponential(1)}`]
          : [],
    ),
  )

/** The whole report as text. */
export const text = (report: Report): string =>
  [
    `${report.command}`,
    report.machine,
    report.columns.map((c) => `${c.name}: ${c.version}`).join(', '),
    ...report.absent.map((name) => `absent: ${name}`),
    '',
    aligned(cells(report)),
    '',
    legend,
    ...notes(report),
  ].join('\n')
