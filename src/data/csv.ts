/** CSV (RFC 4180): rows of fields; quotes around fields that hold commas, quotes or line ends. */
import { optionsOf } from '../core/options.js'
import { bytes, check, either, listOf as entries, number, oneOf, record, text } from '../core/check.js'
import { textDecoder, textEncoder } from '../core/text.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { aval } from '../core/aval.js'
import { fail, ValueError } from '../core/errors.js'
import { dtypes, isBool, isInteger, isReal } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor } from '../core/tensor.js'
import { unmasked } from './disguise.js'
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
  /** What lines that are no rows start with, `#` for instance; without it every line is a row. */
  readonly comment?: string
}

/** A text, or its bytes: UTF-8, or UTF-16 where a byte order mark says so. */
export type CsvText = string | Uint8Array

const csvText = either(text, bytes)
const formats = { delimiter: text, comment: text }
const formatOf = optionsOf<CsvFormat>(formats)
const csvOptions = optionsOf<CsvOptions<Readonly<Record<string, ColumnType>>>>({
  ...formats,
  columns: record,
  names: entries(text),
  missing: number,
  missingFields: entries(text),
  decimal: oneOf('.', ','),
})

const textOf = (given: CsvText): E.Either<DataFault, string> => {
  if (typeof given === 'string') return E.right(given.startsWith('\ufeff') ? given.slice(1) : given)
  const [a, b] = given
  const encoding = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8'
  try {
    return E.right(textDecoder(encoding, { fatal: true }).decode(given))
  } catch {
    return E.left(fault('Corrupt', `CSV: the bytes are no ${encoding.toUpperCase()}`, 'the text, decoded by new TextDecoder(encoding)'))
  }
}

const separator = (name: string, { delimiter = ',' }: CsvFormat): string =>
  delimiter.length === 1 && !'"\r\n'.includes(delimiter)
    ? delimiter
    : fail(ValueError, `${name}: the delimiter must be one character, no quote and no line end, got ${JSON.stringify(delimiter)}`)

const commentOf = (name: string, { comment, delimiter = ',' }: CsvFormat): string | undefined =>
  comment === undefined || (comment !== '' && !/["\r\n]/.test(comment) && !comment.startsWith(delimiter))
    ? comment
    : fail(ValueError, `${name}: comment must be what lines start with, no quote and no delimiter, got ${JSON.stringify(comment)}`)

/**
 * The rows of a CSV text. Lines end in LF or CRLF; a byte order mark, empty lines and comments are skipped. `Corrupt`, with the line, for a quote
 * that is not closed, or one in the middle of a field.
 *
 * @example
 * data.csvRows('a,b\n1,"x, ""y"""\n')   // Right: [{ line: 1, fields: ['a', 'b'] }, { line: 2, fields: ['1', 'x, "y"'] }]
 */
export const csvRows = (source: CsvText, options: CsvFormat = {}): E.Either<DataFault, readonly CsvRow[]> => {
  const format = formatOf('csvRows', options)
  check('csvRows', 'source', csvText, source)
  const delimiter = separator('csvRows', format)
  const comment = commentOf('csvRows', format)
  return pipe(
    textOf(source),
    E.chain((decoded) => rowsOf(decoded, delimiter, comment)),
  )
}

const rowsOf = (text: string, delimiter: string, comment: string | undefined): E.Either<DataFault, readonly CsvRow[]> => {
  const corrupt = (line: number, what: string, fix?: string): E.Either<DataFault, never> =>
    E.left(fault('Corrupt', `CSV: line ${line}: ${what}`, fix))
  const rows: CsvRow[] = []
  const lineEnd = (i: number): number => (text[i] === '\n' ? 1 : text[i] === '\r' && text[i + 1] === '\n' ? 2 : 0)
  let at = 0
  let line = 1
  while (at < text.length) {
    if (comment !== undefined && text.startsWith(comment, at)) {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end + 1
      line++
      continue
    }
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
export const formatCsv = (rows: readonly (readonly string[])[], options: CsvFormat = {}): string => {
  const format = formatOf('formatCsv', options)
  check('formatCsv', 'rows', entries(entries(text)), rows)
  const delimiter = separator('formatCsv', format)
  const comment = commentOf('formatCsv', format)
  const plain = (field: string, k: number, count: number): boolean =>
    !(field.includes(delimiter) || /["\r\n\ufeff]/.test(field)) &&
    !(count === 1 && field === '') &&
    !(k === 0 && comment !== undefined && field.startsWith(comment.slice(0, 1)))
  return rows
    .map((row) => row.map((f, k) => (plain(f, k, row.length) ? f : `"${f.replaceAll('"', '""')}"`)).join(delimiter) + '\n')
    .join('')
}

/** What the fields of a column become. */
export type ColumnType = 'float32' | 'float64' | 'int32' | 'bool' | 'string'

/** Columns by name: strings as they are, everything else a tensor. */
export type CsvTable<C extends Readonly<Record<string, ColumnType>>> = {
  readonly [K in keyof C]: C[K] extends 'string' ? readonly string[] : Tensor
}

/** Options of `csv`. */
export interface CsvOptions<C extends Readonly<Record<string, ColumnType>>> extends CsvFormat {
  /** The columns to keep and what they are. */
  readonly columns: C
  /** Names of the columns of a file whose first row is data. */
  readonly names?: readonly string[]
  /**
   * What a field without a value becomes, in columns of numbers: NaN, or a number that the column can hold. Without it such a field
   * is an error.
   */
  readonly missing?: number
  /** Fields that stand for no value, besides the empty one: by default those of pandas and R, and `?`. */
  readonly missingFields?: readonly string[]
  /** What stands before the digits of a fraction: a point by default, a comma in many countries, whose files have another delimiter. */
  readonly decimal?: '.' | ','
}

const noValue = ['?', 'NA', 'N/A', '#N/A', '<NA>', 'null', 'NULL', 'None', 'NaN', 'nan', 'n/a', '-'] as const

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

/** How fields of numbers are read. */
interface Reading {
  readonly missing: number | undefined
  readonly missingFields: ReadonlySet<string>
  readonly decimal: '.' | ','
}

const isInt32 = (x: number): boolean => (x | 0) === x

/** The number that a field is, or undefined. */
const numberOf = (
  field: string,
  type: Exclude<ColumnType, 'string'>,
  { missing, missingFields, decimal: mark }: Reading,
): number | undefined => {
  const trimmed = field.trim()
  if (missing !== undefined && (trimmed === '' || missingFields.has(trimmed)))
    return isReal(type) || (isInteger(type) ? isInt32(missing) : missing === 0 || missing === 1) ? missing : undefined
  const text = trimmed.toLowerCase()
  if (isBool(type)) return Object.hasOwn(truths, text) ? truths[text] : undefined
  if (isInteger(type))
    return /^[+-]?\d+$/.test(text) && Math.abs(Number(text)) <= 2 ** 31 && isInt32(Number(text)) ? Number(text) : undefined
  const number = mark === '.' ? text : text.includes('.') ? '' : text.replace(',', '.')
  return decimal.test(number) ? Number(number) : Object.hasOwn(specials, text) ? specials[text] : undefined
}

/** What to do about fields that are no numbers. */
const remedy = (fields: readonly string[], { missing, missingFields, decimal: mark }: Reading): string | undefined =>
  missing === undefined && fields.some((f) => missingFields.has(f.trim()))
    ? 'missing: NaN, for fields without a value; missingFields: [...], for those that stand for none'
    : mark === '.' && fields.some((f) => /^\s*[+-]?\d+,\d+\s*$/.test(f))
      ? "decimal: ','"
      : undefined

/** No more than this many errors are listed. */
const listed = 5

const listOf = (errors: readonly string[], fix?: string): DataFault =>
  fault(
    'Corrupt',
    `CSV: ${errors.slice(0, listed).join('\n     ')}${errors.length > listed ? `\n     and ${errors.length - listed} more` : ''}`,
    fix,
  )

/**
 * The columns of a CSV text by name, typed. `Corrupt` lists what is wrong with their lines: rows of another length, names that
 * are not in the header, fields that are no numbers.
 *
 * shapes: each column of numbers: [rows]
 *
 * @throws ValueError when `decimal` and `delimiter` are one character.
 * @example
 * const table = data.csv('name,age\nAda,36\n"Curie, Marie",66\n', { columns: { age: 'float32' } })
 * if (table._tag === 'Right') table.right.age   // [36, 66]
 * data.csv('age\nold\n', { columns: { age: 'float32' } })   // Left: CSV: line 2: age: "old" is no float32
 */
export const csv = <const C extends Readonly<Record<string, ColumnType>>>(
  source: CsvText,
  options: CsvOptions<C>,
): E.Either<DataFault, CsvTable<C>> => {
  csvOptions('csv', options)
  check('csv', 'source', csvText, source)
  const { columns, names, missing, missingFields = noValue, decimal: mark = '.', ...format } = check('csv', 'options', record, options)
  check('csv', 'columns', record, columns)
  if (mark === (format.delimiter ?? ','))
    fail(ValueError, `csv: decimal and delimiter are both '${mark}'`, { fix: "delimiter: ';', which files with decimal commas have" })
  const reading: Reading = { missing, missingFields: new Set(missingFields), decimal: mark }
  return pipe(
    csvRows(source, format),
    E.chain((all): E.Either<DataFault, CsvTable<C>> => {
      const header = names ?? all[0]?.fields
      if (header === undefined) return E.left(fault('Corrupt', 'CSV: line 1: no header', 'names: [...], for a file without one'))
      const rows = names === undefined ? all.slice(1) : all
      const line = names === undefined ? (all[0]?.line ?? 1) : 1
      const unknown = Object.keys(columns).filter((name) => !header.includes(name))
      if (unknown.length > 0) {
        const bytes = typeof source === 'string' ? textEncoder().encode(source.slice(0, 1024)) : source
        return E.left(
          unmasked(bytes)(fault('Corrupt', `CSV: line ${line}: no column ${unknown.join(', ')}: there are ${header.join(', ')}`)),
        )
      }
      const twice = Object.keys(columns).find((name) => header.indexOf(name) !== header.lastIndexOf(name))
      if (twice !== undefined)
        return E.left(
          fault('Corrupt', `CSV: line ${line}: two columns are called ${twice}`, 'names: [...], and the first row is data then'),
        )
      const errors: string[] = []
      const wrong: string[] = []
      for (const { line, fields } of rows)
        if (fields.length !== header.length) errors.push(`line ${line}: ${fields.length} fields, expected ${header.length}`)
      if (errors.length > 0) return E.left(listOf(errors))
      const entries = Object.entries(columns).map(([name, type]) => {
        const k = header.indexOf(name)
        if (type === 'string') return [name, rows.map((row) => row.fields[k]!)] as const
        const out = dtypes[type].make(rows.length)
        rows.forEach(({ line, fields }, i) => {
          const value = numberOf(fields[k]!, type, reading)
          if (value === undefined) {
            errors.push(`line ${line}: ${name}: ${JSON.stringify(fields[k])} is no ${type}`)
            wrong.push(fields[k]!)
          } else out[i] = value
        })
        return [name, hostTensor(aval([rows.length], type), out)] as const
      })
      return errors.length > 0 ? E.left(listOf(errors, remedy(wrong, reading))) : E.right(Object.fromEntries(entries) as CsvTable<C>)
    }),
  )
}
