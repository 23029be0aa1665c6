import { describe, expect, it } from 'vitest'
import { runInNewContext } from 'node:vm'
import { axes, count, flag } from '../../src/core/check.js'
import { alongAxis, meaningsOf, optionsOf, optionsOrNumbers } from '../../src/core/options.js'
import { thrown, untyped } from '../errors/thrown.js'

interface Windows {
  readonly strides?: number
  readonly wide?: boolean
}

const windows = optionsOf<Windows>({ strides: count, wide: flag })
const refused = (given: unknown): string => thrown(() => windows('conv', untyped(given)))

describe('optionsOf', () => {
  it('gives back what it was given', () => {
    expect(windows('conv', undefined)).toEqual({})
    expect(windows('conv', { strides: 2 })).toEqual({ strides: 2 })
    expect(windows('conv', untyped({ strides: undefined }))).toEqual({ strides: undefined })
    expect(windows('conv', untyped(Object.assign(Object.create(null), { strides: 2 })))).toEqual({ strides: 2 })
  })
  it('accepts records of another realm', () =>
    expect(windows('conv', untyped(runInNewContext('({ strides: 2 })')))).toEqual({ strides: 2 }))
  it('names the option that was meant', () =>
    expect([refused({ stride: 2 }), refused({ Wide: true }), refused({ zzz: 1 })]).toMatchInlineSnapshot(`
      [
        "ValueError: conv: there is no option 'stride'; did you mean 'strides'?
        try: its options are strides, wide",
        "ValueError: conv: there is no option 'Wide'; did you mean 'wide'?
        try: its options are strides, wide",
        "ValueError: conv: there is no option 'zzz'
        try: its options are strides, wide",
      ]
    `))
  it('refuses names of Object.prototype', () => expect(refused(JSON.parse('{"constructor": 1}'))).toContain("no option 'constructor'"))
  it('refuses values that do not fit', () =>
    expect(refused({ strides: 1.5 })).toMatchInlineSnapshot(`
      "ValueError: conv: strides must be a whole number from 0, got 1.5
        try: Math.floor or Math.round of a fraction, Number(text) of a text"
    `))
  it.each([null, 3, 'a', [1], Promise.resolve({}), new Date(0), () => 1, true])('refuses what is no record: %o', (given) =>
    expect(refused(given)).toContain('conv: options must be a plain record, got'),
  )
})

describe('optionsOrNumbers', () => {
  const sums = optionsOrNumbers<{ readonly axis?: number | readonly number[] | null; readonly wide?: boolean }, 'axis'>(
    { axis: axes, wide: flag },
    'axis',
  )
  it('takes numbers in the place of the options', () => {
    expect(sums('sum', 0)).toEqual({ axis: 0 })
    expect(sums('sum', [0, 1])).toEqual({ axis: [0, 1] })
    expect(sums('sum', null)).toEqual({ axis: null })
    expect(sums('sum', { axis: 1, wide: true })).toEqual({ axis: 1, wide: true })
  })
  it('and nothing else', () => {
    expect(thrown(() => sums('sum', untyped('0')))).toMatchInlineSnapshot(`
      "ValueError: sum: options must be a plain record, got the string '0'
        try: { axis, wide }; a number or a list of numbers stands for axis"
    `)
    expect(thrown(() => sums('sum', untyped(true)))).toContain('options must be a plain record, got true')
  })
})

describe('alongAxis', () => {
  const f = alongAxis('f', meaningsOf({ axis: axes }, { wide: flag }), (x: number, { axis = -1 }) => [x, axis])
  it('is called by its name', () => expect(f.name).toBe('f'))
  it('takes an axis or options', () => {
    expect(f(7)).toEqual([7, -1])
    expect(f(7, 2)).toEqual([7, 2])
    expect(f(7, { axis: 2 })).toEqual([7, 2])
  })
  it('refuses the position that a map adds', () =>
    expect(thrown(() => [1, 2].map(untyped(f)))).toMatchInlineSnapshot(`
      "ValueError: f: takes x and options, got 3 arguments
        try: xs.map((x) => f(x)) in a map, which adds the position; { axis } and others as one record"
    `))
})
