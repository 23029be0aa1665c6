import { describe, expect, it } from 'vitest'
import { cells, text } from '../../bench/report.js'
import { againstPeers, ofLimit, shown, type Column, type Report, type Row } from '../../bench/results.js'
import { aligned, markdown, three } from '../../bench/table.js'
import { groups } from '../../bench/workloads/index.js'

const columns: readonly Column[] = [
  { name: 'adjoint', role: 'own', threads: 1, version: '1' },
  { name: 'adjoint 2', role: 'own', threads: 2, version: '1' },
  { name: 'peer', role: 'peer', threads: 1, version: '2' },
  { name: 'peer 2', role: 'peer', threads: 2, version: '2' },
  { name: 'torch', role: 'scale', threads: 1, version: '3' },
]
const measured = (...samples: number[]) => ({ status: 'measured', error: 0, first: 1, samples }) as const
const row: Row = {
  group: 'g',
  name: 'matmul',
  kind: 'time',
  unit: 'GF/s',
  flops: 2e9,
  bytes: 0,
  pieces: 1,
  results: {
    adjoint: measured(0.02, 0.02, 0.02),
    'adjoint 2': measured(0.01, 0.01, 0.01),
    peer: measured(0.1, 0.09, 0.1),
    'peer 2': measured(0.05, 0.05, 0.04),
    torch: measured(0.001),
  },
  limits: { 1: [0.016, 0.016], 2: [0.008] },
}
const report: Report = { command: 'npm run bench', machine: 'm', date: 'd', columns, absent: ['jax-js'], rows: [row] }

describe('numbers', () => {
  it('have three digits and no exponent', () =>
    expect([0, 1234.5, 12.345, 1, 0.012345, 100, Infinity].map(three)).toEqual(['0', '1230', '12.3', '1.00', '0.0123', '100', 'Infinity']))
  it('are in the unit of the row', () => {
    expect(shown({ unit: 'us', flops: 0, bytes: 0, pieces: 100 }, 1e-4)).toBeCloseTo(1, 12)
    expect(shown({ unit: 'GB/s', flops: 0, bytes: 8e9, pieces: 1 }, 2)).toBe(4)
    expect(shown({ unit: '/s', flops: 0, bytes: 0, pieces: 1 }, 0.25)).toBe(4)
    expect(shown({ unit: 'MB', flops: 0, bytes: 0, pieces: 1 }, 7)).toBe(7)
  })
})

describe('ratios', () => {
  it('are against the best peer with at most as many threads', () => {
    expect(againstPeers(row, columns, columns[0]!)).toBeCloseTo(5, 12)
    expect(againstPeers(row, columns, columns[1]!)).toBeCloseTo(5, 12)
    expect(againstPeers({ ...row, results: { adjoint: measured(1) } }, columns, columns[0]!)).toBeNull()
    expect(againstPeers({ ...row, results: { ...row.results, adjoint: { status: 'wrong', error: 1 } } }, columns, columns[0]!)).toBeNull()
  })
  it('are against the limit of as many threads', () => {
    expect(ofLimit(row, columns[0]!)).toBeCloseTo(0.8, 12)
    expect(ofLimit(row, columns[1]!)).toBeCloseTo(0.8, 12)
    expect(ofLimit({ ...row, limits: {} }, columns[0]!)).toBeNull()
  })
})

describe('the table', () => {
  it('has a row per workload and says what is wrong', () => {
    const wrong: Row = {
      ...row,
      name: 'bad',
      results: { adjoint: measured(1), peer: { status: 'wrong', error: 0.5 }, torch: { status: 'failed', message: 'no kernel' } },
    }
    const [head, first, second] = cells({ ...report, rows: [row, wrong] })
    expect(head).toEqual([
      'workload',
      '',
      'adjoint',
      'adjoint 2',
      'peer',
      'peer 2',
      'torch',
      'of peers',
      'of peers 2',
      'of limit',
      'of limit 2',
    ])
    expect(first).toEqual([
      ...['matmul', 'GF/s', '100 ±0%', '200 ±0%', '20.0 ±4%', '40.0 ±10%', '2000 ±0%'],
      ...['5.00x', '5.00x', '80%', '80%'],
    ])
    expect(second).toEqual(['bad', 'GF/s', '2.00 ±0%', '', 'wrong 0.500', '', 'fails', '', '', '2%', ''])
    const printed = text({ ...report, rows: [wrong] })
    expect(printed).toContain('absent: jax-js')
    expect(printed).toContain('torch fails at bad: no kernel')
    expect(printed).toContain('peer is wrong at bad: 5.0e-1')
  })
  it('is aligned, or Markdown', () => {
    expect(
      aligned([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toBe('a    bb\nccc   d')
    expect(
      markdown([
        ['a', 'b'],
        ['c', 'd'],
      ]),
    ).toBe('| a | b |\n|---|--:|\n| c | d |')
  })
})

describe('workloads', () => {
  it('have names of their own, and a program of this library', () => {
    const all = Object.values(groups).flat()
    expect(new Set(all.map((w) => w.name)).size).toBe(all.length)
    expect(all.filter((w) => (w.programs.adjoint as unknown) === undefined).map((w) => w.name)).toEqual([])
    expect(all.length).toBeGreaterThan(0)
  })
})
