import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { data } from '../../src/index.js'

const fields = (text: string, format?: data.CsvFormat): unknown => {
  const rows = data.csvRows(text, format)
  return rows._tag === 'Left' ? rows.left.message : rows.right.map((row) => row.fields)
}
const message = (loaded: { readonly _tag: string; readonly left?: data.DataFault }): string => loaded.left?.message ?? 'Right'

describe('csvRows', () => {
  it('reads what RFC 4180 shows', () => {
    expect(fields('aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n')).toEqual([
      ['aaa', 'bbb', 'ccc'],
      ['zzz', 'yyy', 'xxx'],
    ])
    expect(fields('aaa,bbb,ccc\r\nzzz,yyy,xxx')).toEqual([
      ['aaa', 'bbb', 'ccc'],
      ['zzz', 'yyy', 'xxx'],
    ])
    expect(fields('"aaa","b\r\nbb","ccc"\r\nzzz,yyy,xxx')).toEqual([
      ['aaa', 'b\r\nbb', 'ccc'],
      ['zzz', 'yyy', 'xxx'],
    ])
    expect(fields('"aaa","b""bb","ccc"')).toEqual([['aaa', 'b"bb', 'ccc']])
    expect(fields('a, b ,\n,,\n')).toEqual([
      ['a', ' b ', ''],
      ['', '', ''],
    ])
    expect(fields('\ufeffa;b,c\n\n"";x\n', { delimiter: ';' })).toEqual([
      ['a', 'b,c'],
      ['', 'x'],
    ])
    expect(fields('')).toEqual([])
  })
  it('knows the line where a row starts', () => {
    const rows = data.csvRows('a\n"x\ny\n"\r\n\nb')
    expect(rows._tag === 'Right' && rows.right.map((row) => row.line)).toEqual([1, 2, 6])
  })
  it('names the line of what is no CSV', () => {
    expect(fields('a\nb,"c\nd')).toBe('CSV: line 2: a quote is opened and never closed')
    expect(fields('a\nb"c')).toMatch(/^CSV: line 2: a quote in a field that does not start with one/)
    expect(fields('"a\n"x,b')).toMatch(/^CSV: line 2: "x" after a closing quote/)
    expect(() => data.csvRows('', { delimiter: '""' })).toThrow(/the delimiter must be one character/)
  })
  it('decode . encode = id', () => {
    const field = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', '\ufeff', ' ', 'a') }))
    fc.assert(
      fc.property(
        fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
        fc.constantFrom(',', ';', '\t'),
        (rows, delimiter) => {
          expect(fields(data.formatCsv(rows, { delimiter }), { delimiter })).toEqual(rows)
        },
      ),
      { numRuns: 1000 },
    )
  })
  it('gives rows or a fault, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a') }), (text) => {
        expect(['Left', 'Right']).toContain(data.csvRows(text)._tag)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('csv', () => {
  const text = 'name,age,ok,score\nAda,36,true,1.5e-1\n"Lovelace, A.",-7,0,nan\n'
  it('types the columns', () => {
    const table = data.csv(text, { columns: { name: 'string', age: 'int32', ok: 'bool', score: 'float64' } })
    if (table._tag === 'Left') throw new Error(table.left.message)
    const { name, age, ok, score } = table.right
    expect(name).toEqual(['Ada', 'Lovelace, A.'])
    expect([age.dtype, age.toArray(), ok.dtype, ok.toArray(), score.dtype, score.toArray()]).toEqual([
      'int32',
      [36, -7],
      'bool',
      [true, false],
      'float64',
      [0.15, NaN],
    ])
  })
  it('takes names for a file without a header, and missing values when told', () => {
    const table = data.csv('1,2\n,4\n', { names: ['a', 'b'], columns: { a: 'float32' }, missing: -1 })
    expect(table._tag === 'Right' && table.right.a.toArray()).toEqual([1, -1])
  })
  const values = (text: data.CsvText, options: Omit<data.CsvOptions<{ a: 'float64' }>, 'columns'> = {}): unknown => {
    const table = data.csv(text, { columns: { a: 'float64' }, ...options })
    return table._tag === 'Left' ? table.left.message : table.right.a.toArray()
  }
  it('reads fields that stand for no value when told what they become', () => {
    expect(values('a,b\nNA,1\n?,2\n,3\n 4 ,5\n', { missing: NaN })).toEqual([NaN, NaN, NaN, 4])
    expect(values('a\nNA\n-999\n1\n', { missing: 0, missingFields: ['-999', 'NA'] })).toEqual([0, 0, 1])
    expect(values('a,b\nNA,1\n', {})).toBe(
      'CSV: line 2: a: "NA" is no float64\n  try: missing: NaN, for fields without a value; missingFields: [...], for those that stand for none',
    )
    const whole = data.csv('a\n?\n3\n', { columns: { a: 'int32' }, missing: -1 })
    expect(whole._tag === 'Right' && whole.right.a.toArray()).toEqual([-1, 3])
    expect(message(data.csv('a\n?\n', { columns: { a: 'int32' }, missing: NaN }))).toBe('CSV: line 2: a: "?" is no int32')
  })
  it('reads decimal commas', () => {
    expect(values('a;b\n1,5;x\n-2,5e1;y\n3;z\n', { delimiter: ';', decimal: ',' })).toEqual([1.5, -25, 3])
    expect(values('a;b\n1.5;x\n', { delimiter: ';', decimal: ',' })).toMatch(/"1.5" is no float64/)
    expect(values('a;b\n1,5;x\n', { delimiter: ';' })).toMatch(/"1,5" is no float64\n {2}try: decimal: ','/)
    expect(() => values('a', { decimal: ',' })).toThrow("csv: decimal and delimiter are both ','")
  })
  it('skips comments', () => {
    expect(values('# made by hand\na\n1\n#2\n"3"\n# end', { comment: '#' })).toEqual([1, 3])
    expect(values('#x\na\nb', { comment: '#' })).toMatch(/^CSV: line 3: a: "b"/)
    expect(data.formatCsv([['#a', '#b']], { comment: '#' })).toBe('"#a",#b\n')
    expect(fields(data.formatCsv([['#a', '#b']], { comment: '#' }), { comment: '#' })).toEqual([['#a', '#b']])
    expect(() => data.csvRows('', { comment: '' })).toThrow(/comment must be what lines start with/)
  })
  it('reads bytes, with a byte order mark or without', () => {
    const utf16 = (little: boolean): Uint8Array =>
      Uint8Array.from(
        [...'\ufeffa\n1\n'].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]).map((_, i, all) => all[little ? i : i ^ 1]!),
      )
    for (const bytes of [new TextEncoder().encode('a\n1\n'), new TextEncoder().encode('\ufeffa\n1\n'), utf16(true), utf16(false)])
      expect(values(bytes)).toEqual([1])
    expect(values(Uint8Array.of(0x61, 0xff))).toMatch(/^CSV: the bytes are no UTF-8/)
  })
  it('says what is no table, and which column is there twice', () => {
    expect(values('<!DOCTYPE html>\n<title>Log in</title>')).toMatch(/it is a web page \(Log in\)/)
    expect(values('a,a\n1,2\n')).toMatch(/^CSV: line 1: two columns are called a/)
  })
  it('lists what is wrong, line by line', () => {
    expect(message(data.csv('a,b\n1\n"x\n",2\n', { columns: { a: 'string' } }))).toBe('CSV: line 2: 1 fields, expected 2')
    expect(message(data.csv('a\n1\n\nx\n\n"y"\n', { columns: { a: 'float32' } }))).toBe(
      'CSV: line 4: a: "x" is no float32\n     line 6: a: "y" is no float32',
    )
    expect(message(data.csv('a\n1.5\n3000000000\n0x10\n', { columns: { a: 'int32' } }))).toMatch(
      /line 2: a: "1.5" is no int32[\s\S]*line 3[\s\S]*line 4/,
    )
    expect(message(data.csv('a,b\n,1\n', { columns: { a: 'float32' } }))).toBe('CSV: line 2: a: "" is no float32')
    expect(message(data.csv('a\n' + 'x\n'.repeat(9), { columns: { a: 'bool' } }))).toMatch(/line 6: a: "x" is no bool\n {5}and 4 more$/)
    expect(message(data.csv('a,b\n', { columns: { c: 'float32' } }))).toBe('CSV: line 1: no column c: there are a, b')
    expect(message(data.csv('', { columns: { c: 'float32' } }))).toMatch(/CSV: line 1: no header/)
  })
})
