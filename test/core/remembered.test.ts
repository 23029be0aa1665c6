import { expect, it } from 'vitest'
import { remembered } from '../../src/core/remembered.js'

it('answers from memory for the same object and text, and forgets the oldest beyond its limit', () => {
  const asked: string[] = []
  const memory = remembered<string | undefined>(2)
  const [a, b] = [{}, {}]
  const ask = (owner: object, key: string): string | undefined =>
    memory(owner, key, () => {
      asked.push(key)
      return key === 'none' ? undefined : `${key}!`
    })
  expect([ask(a, 'x'), ask(a, 'x'), ask(b, 'x'), ask(a, 'none'), ask(a, 'none')]).toEqual(['x!', 'x!', 'x!', undefined, undefined])
  expect(asked).toEqual(['x', 'x', 'none'])
  ask(a, 'y')
  ask(a, 'x')
  expect(asked).toEqual(['x', 'x', 'none', 'y', 'x'])
  expect(() =>
    memory(b, 'e', () => {
      throw new Error('not kept')
    }),
  ).toThrow('not kept')
  expect(ask(b, 'e')).toBe('e!')
})
