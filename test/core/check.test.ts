import { describe, expect, it } from 'vitest'
import { ValueError } from '../../src/core/errors.js'
import type { Meaning } from '../../src/core/check.js'
import * as M from '../../src/core/check.js'
import { hostTensor } from '../../src/core/tensor.js'
import { aval } from '../../src/core/aval.js'

const tensor = hostTensor(aval([2], 'float32'), new Float32Array(2))

/** Values of every kind that a caller may hand over. */
const values = {
  minus: -1,
  zero: 0,
  one: 1,
  half: 0.5,
  three: 3,
  huge: 2 ** 60,
  nan: NaN,
  infinity: Infinity,
  text: 'a',
  yes: true,
  nothing: null,
  list: [1, 2],
  mixed: [1, 'a'],
  tensor,
  promise: Promise.resolve(1),
  instance: new Date(0),
  record: { a: 1 },
  f: () => 1,
} as const

type Name = keyof typeof values

const accepted = (meaning: Meaning): readonly Name[] => (Object.keys(values) as Name[]).filter((k) => meaning.accepts(values[k]))

describe('meanings accept what they say', () => {
  const table: readonly (readonly [Meaning, readonly Name[]])[] = [
    [M.whole, ['minus', 'zero', 'one', 'three']],
    [M.count, ['zero', 'one', 'three']],
    [M.positiveWhole, ['one', 'three']],
    [M.wholeWithin(0, 1), ['zero', 'one']],
    [M.number, ['minus', 'zero', 'one', 'half', 'three', 'huge', 'nan', 'infinity']],
    [M.finite, ['minus', 'zero', 'one', 'half', 'three', 'huge']],
    [M.positive, ['one', 'half', 'three', 'huge', 'infinity']],
    [M.nonNegative, ['zero', 'one', 'half', 'three', 'huge', 'infinity']],
    [M.probability, ['zero', 'one', 'half']],
    [M.decay, ['zero', 'half']],
    [M.flag, ['yes']],
    [M.text, ['text']],
    [M.callable, ['f']],
    [M.dtype, []],
    [M.tensorLike, ['minus', 'zero', 'one', 'half', 'three', 'huge', 'nan', 'infinity', 'yes', 'tensor']],
    [M.axisOrFlat, ['minus', 'zero', 'one', 'half', 'three', 'huge', 'nan', 'infinity', 'nothing']],
    [M.record, ['record']],
    [M.oneOf('a', 3), ['three', 'text']],
    [M.either(M.flag, M.text), ['text', 'yes']],
    [M.listOf(M.count), ['list']],
    [M.listOf(M.count, 3), []],
    [M.perAxis(M.positiveWhole), ['one', 'three', 'list']],
  ]
  it.each(table.map(([m, names]) => [m.says, m, names] as const))('%s', (_, m, names) => expect(accepted(m)).toEqual(names))
})

it('a refusal names the function, the parameter, what was given and what is wanted', () => {
  expect(() => M.check('dropout', 'rate', M.probability, 5)).toThrow(ValueError)
  expect(() => M.check('dropout', 'rate', M.probability, tensor)).toThrowErrorMatchingInlineSnapshot(`
    [ValueError: dropout: rate must be a number from 0 to 1, got a tensor float32[2]
      try: 0.5 for one half]
  `)
  expect(M.check('dropout', 'rate', M.probability, 0.5)).toBe(0.5)
})
