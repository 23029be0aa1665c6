/** CSV (RFC 4180): rows of fields; quotes around fields that hold commas, quotes or line ends. */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { aval } from '../core/aval.js'
import { fail, ValueError } from '../core/errors.js'
import { dtypes } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor } from '../core/tensor.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'

/** A row, and the line of the file where it starts, from 1. */
export interface CsvRow {
  readonly line: number
  readonly fields: readonly string[]
}

/** How a file is written. */
export interface CsvFormat {
  /** What separates fields: one character, a comma by default. */
  readonly delimiter?: string
}

const separator = (name: string, { delimiter = ',' }: CsvFormat): string =>
  delimiter.length === 1 && !'"\r\n'.includes(delimiter)
    ? delimiter
    : fail(ValueError, `${name}: the delimiter must be one character, no quote and no line end, got ${JSON.stringify(delimiter)}`)

/**
 * The rows of a CSV text. Lines end in LF or CRLF; a byte order mark and empty lines are skipped. `Corrupt`, with the line, for a quote
 * that is not closed, or one in the middle of a field.
 *
 * @example
 * data.csvRows('a,b\n1,"x, ""y"""\n')   // Right: [{ line: 1, fields: ['a', 'b'] }, { line: 2, fields: ['1', 'x, "y"'] }]
 */
export const csvRows = (text: string, format: CsvFormat = {}): E.Either<DataFault, readonly CsvRow[]> => {
  const delimiter = separator('csvRows', format)
  const corrupt = (line: number, what: string, fix?: string): E.Either<DataFault, never> =>
    E.left(fault('Corrupt', `CSV: line ${line}: ${what}`, fix))
  const rows: CsvRow[] = []
  const lineEnd = (i: number): number => (text[i] === '\n' ? 1 : text[i] === '\r' && text[i + 1] === '\n' ? 2 : 0)
  let at = text.startsWith('\ufeff') ? 1 : 0
  let line = 1
  while (at < text.length) {
    const fields: string[] = []
    const start = line
    for (;;) {
      const quoted = text[at] === '"'
      let field = ''
      if (quoted) {
        const opened = line
        for (at++; ;) {
          const end = text.indexOf('"', at)
          if (end === -1) return corrupt(opened, 'a quote is opened and never closed')
          field += text.slice(at, end)
          at = end + 1
          if (text[at] !== '"') break
          field += '"'
          at++
        }
        line += field.split('\n').length - 1
        if (at < text.length && text[at] !== delimiter && lineEnd(at) === 0)
          return corrupt(line, `${JSON.stringify(text[at])} after a closing quote`, 'a quote inside a quoted field written twice')
      } else {
        const from = at
        while (at < text.length && text[at] !== delimiter && lineEnd(at) === 0) {
          if (text[at] === '"') return corrupt(line, 'a quote in a field that does not start with one', 'the whole field in quotes')
          at++
        }
        field = text.slice(from, at)
      }
      const end = lineEnd(at)
      const empty = fields.length === 0 && field === '' && !quoted && text[at] !== delimiter
      fields.push(field)
      if (text[at] === delimiter) {
        at++
        continue
      }
      at += end
      if (end > 0) line++
      if (!empty) rows.push({ line: start, fields })
      break
    }
  }
  return E.right(rows)
}

/**
 * CSV of rows of fields, with LF at the end of lines and quotes where they are needed: `csvRows` reads the same fields.
 *
 * @example
 * data.formatCsv([['a', 'b'], ['1', 'x,y']])   // 'a,b\n1,"x,y"\n'
 */
export const formatCsv = (rows: readonly (readonly string[])[], format: CsvFormat = {}): string => {
  const delimiter = separator('formatCsv', format)
  const plain = (field: string, alone: boolean): boolean =>
    !(field.includes(delimiter) || /["\r\n\ufeff]/.test(field)) && !(alone && field === '')
  return rows
    .map((row) => row.map((f) => (plain(f, row.length === 1) ? f : `"${f.replaceAll('"', '""')}"`)).join(delimiter) + '\n')
    .join('')
}

/** What the fields of a column become. */
export type ColumnType = 'float32' | 'float64' | 'int32' | 'bool' | 'string'

/** Columns by name: strings as they are, everything else a tensor. */
export type Table<C extends Readonly<Record<string, ColumnType>>> = {
  readonly [K in keyof C]: C[K] extends 'string' ? readonly string[] : Tensor
}

/** Options of `csv`. */
export interface CsvOptions<C extends Readonly<Record<string, ColumnType>>> extends CsvFormat {
  /** The columns to keep and what they are. */
  readonly columns: C
  /** Names of the columns of a file whose first row is data. */
  readonly names?: readonly string[]
  /** What an empty field of a float column becomes; without it an empty field is an error. */
  readonly missing?: number
}

const truths: Readonly<Record<string, number>> = { true: 1, false: 0, 1: 1, 0: 0 }
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const specials: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '-infinity': -Infinity,
}

/** The number that a field is, or undefined. */
const numberOf = (field: string, type: Exclude<ColumnType, 'string'>, missing: number | undefined): number | undefined => {
  const text = field.trim().toLowerCase()
  if (type === 'bool') return Object.hasOwn(truths, text) ? truths[text] : undefined
  if (type === 'int32')
    return /^[+-]?\d+$/.test(text) && Math.abs(Number(text)) <= 2 ** 31 && (Number(text) | 0) === Number(text) ? Number(text) : undefined
  if (text === '') return missing
  return decimal.test(text) ? Number(text) : Object.hasOwn(specials, text) ? specials[text] : undefined
}

/** No more than this many errors are listed. */
const listed = 5

const listOf = (errors: readonly string[]): DataFault =>
  fault(
    'Corrupt',
    `CSV: ${errors.slice(0, listed).join('\n     ')}${errors.length > listed ? `\n     and ${errors.length - listed} more` : ''}`,
  )

/**
 * The columns of a CSV text by name, typed. `Corrupt` lists what is wrong with their lines: rows of another length, names that
 * are not in the header, fields that are no numbers.
 *
 * shapes: each column of numbers: [rows]
 *
 * @example
 * const table = data.csv('name,age\nAda,36\n"Curie, Marie",66\n', { columns: { age: 'float32' } })
 * if (table._tag === 'Right') table.right.age   // [36, 66]
 * data.csv('age\nold\n', { columns: { age: 'float32' } })   // Left: CSV: line 2: age: "old" is no float32
 */
export const csv = <const C extends Readonly<Record<string, ColumnType>>>(
  text: string,
  { columns, names, missing, ...format }: CsvOptions<C>,
): E.Either<DataFault, Table<C>> =>
  pipe(
    csvRows(text, format),
    E.chain((all): E.Either<DataFault, Table<C>> => {
      const header = names ?? all[0]?.fields
      if (header === undefined) return E.left(fault('Corrupt', 'CSV: line 1: no header', 'names: [...], for a file without one'))
      const rows = names === undefined ? all.slice(1) : all
      const unknown = Object.keys(columns).filter((name) => !header.includes(name))
      if (unknown.length > 0)
        return E.left(fault('Corrupt', `CSV: line 1: no column ${unknown.join(', ')}: there are ${header.join(', ')}`))
      const errors: string[] = []
      for (const { line, fields } of rows)
        if (fields.length !== header.length) errors.push(`line ${line}: ${fields.length} fields, expected ${header.length}`)
      if (errors.length > 0) return E.left(listOf(errors))
      const entries = Object.entries(columns).map(([name, type]) => {
        const k = header.indexOf(name)
        if (type === 'string') return [name, rows.map((row) => row.fields[k]!)] as const
        const out = dtypes[type].make(rows.length)
        rows.forEach(({ line, fields }, i) => {
          const value = numberOf(fields[k]!, type, missing)
          if (value === undefined) errors.push(`line ${line}: ${name}: ${JSON.stringify(fields[k])} is no ${type}`)
          else out[i] = value
        })
        return [name, hostTensor(aval([rows.length], type), out)] as const
      })
      return errors.length > 0 ? E.left(listOf(errors)) : E.right(Object.fromEntries(entries) as Table<C>)
    }),
  )
