/** `node scripts/run.mjs bench/readme.ts FILE.json`: writes the table of README.md, between its two comments, from what the bench measured. */
import { readFileSync, writeFileSync } from 'node:fs'
import { inRepository } from './paths.js'
import { againstPeers, ofLimit, summaryOf, type Column, type Report, type Row } from './results.js'
import { markdown, three } from './table.js'

const [begin, end] = ['<!-- bench -->', '<!-- /bench -->']

const cell = (row: Row, { name }: Column): string => {
  const s = summaryOf(row, name)
  const r = row.results[name]
  return s !== null ? three(s.median) : r === undefined ? '' : r.status === 'wrong' ? 'wrong' : 'fails'
}

/** Heading, table, and what they are: one paragraph each. */
const section = ({ command, machine, date, columns, rows }: Report): string => {
  const libraries = columns.filter((c) => c.name !== 'loops')
  const own = columns.filter((c) => c.role === 'own')
  const times = (x: number | null): string => (x === null ? '' : `${three(x)}×`)
  const percent = (x: number | null): string => (x === null ? '' : `${Math.round(100 * x)} %`)
  const head = [
    '',
    '',
    ...libraries.map((c) => c.name),
    ...own.map((c) => `of peers, ${c.threads}T`),
    ...own.map((c) => `of limit, ${c.threads}T`),
  ]
  const body = rows.map((row) => [
    row.name,
    row.unit,
    ...libraries.map((c) => cell(row, c)),
    ...own.map((c) => times(againstPeers(row, columns, c))),
    ...own.map((c) => percent(ofLimit(row, c))),
  ])
  const versions = libraries.map((c) => `${c.name} ${c.version}`).join(', ')
  return [
    `\`${command}\` on ${date.slice(0, 10)}: ${machine}. Medians; a 2 after a name means two threads. ${versions}.`,
    '',
    markdown([head, ...body]),
    '',
    'GF/s, GB/s and /s: more is better, else less. *of peers*: times as fast as the best of jax-js and tfjs with at most as many threads. *of limit*: share of what the machine did in the same rounds with 128-bit arithmetic in registers, or with memory traffic of the same size.',
  ].join('\n')
}

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: node scripts/run.mjs bench/readme.ts FILE.json')
const readme = inRepository('README.md')
const text = readFileSync(readme, 'utf8')
const [from, to] = [text.indexOf(begin), text.indexOf(end)]
if (from < 0 || to < from) throw new Error(`README.md has no ${begin} ... ${end}`)
const report = JSON.parse(readFileSync(file, 'utf8')) as Report
writeFileSync(readme, `${text.slice(0, from + begin.length)}\n${section(report)}\n${text.slice(to)}`)
