import { describe, expect, it } from 'vitest'
import { io, np } from '../../src/index.js'
import { expectSame } from '../../laws/index.js'
import { left, right } from './either.js'

const fresh = { body: [{ w: np.zeros([2]) }, { w: np.zeros([3]) }], head: { w: np.zeros([3, 10]), b: np.zeros([10]) } }
const stored = {
  'body/0/w': np.ones([2]),
  'body/1/w': np.ones([3]),
  'head/w': np.ones([3, 1000]),
  'head/b': np.ones([1000]),
  extra: np.ones([1]),
}

describe('restore', () => {
  it('puts weights where their paths say', () => {
    const saved = { b: np.array([3, 4]), l: [np.array([1], { dtype: 'int32' })] }
    const { tree, ...report } = right(io.restore({ l: [np.zeros([1], { dtype: 'int32' })], b: np.zeros([2]) }, io.toWeights(saved)))
    expectSame('tree', tree, saved)
    expect(report).toEqual({ loaded: ['b', 'l/0'], missing: [], unexpected: [], mismatched: [] })
  })

  it('keeps keys that are numbers apart', () => {
    const numbered = Object.fromEntries([9, 10, 2].map((n) => [String(n), np.array([n])]))
    const zeros = Object.fromEntries([9, 10, 2].map((n) => [String(n), np.zeros([1])]))
    expectSame('tree', right(io.restore(zeros, io.toWeights(numbered))).tree, numbered)
  })

  it('says everything that does not fit', () => {
    expect(io.restore({ ...fresh, more: np.zeros([1]) }, stored)).toMatchObject({
      left: {
        _tag: 'Mismatch',
        message:
          'restore: the weights are not those of this tree\n  missing: more\n  unexpected: extra\n' +
          '  other shape or dtype: head/b is float32[1000], not float32[10], head/w is float32[3,1000], not float32[3,10]\n' +
          '  try: { partial: true } to load what fits',
      },
    })
  })

  it('replaces a head: loads what fits, keeps the rest, reports', () => {
    const { tree, ...report } = right(io.restore(fresh, stored, { partial: true }))
    expectSame('tree', tree, { body: [{ w: np.ones([2]) }, { w: np.ones([3]) }], head: fresh.head })
    expect(report).toEqual({
      loaded: ['body/0/w', 'body/1/w'],
      missing: [],
      unexpected: ['extra'],
      mismatched: [
        { path: 'head/b', expected: 'float32[10]', found: 'float32[1000]' },
        { path: 'head/w', expected: 'float32[3,10]', found: 'float32[3,1000]' },
      ],
    })
    expect(tree.head.w).toBe(fresh.head.w)
  })

  it('loads a part, strictly', () => {
    const { extra: _, ...rest } = stored
    const select = (path: string): boolean => !path.startsWith('head/')
    expect(right(io.restore(fresh, rest, { select })).loaded).toEqual(['body/0/w', 'body/1/w'])
    expect(left(io.restore(fresh, stored, { select }))?.[0]).toBe('Mismatch')
  })

  it('finds weights under other names', () => {
    const weights = { 'model.w': np.ones([2]) }
    expect(right(io.restore({ w: np.zeros([2]) }, weights, { rename: (path) => `model.${path}` })).tree.w.toArray()).toEqual([1, 1])
  })

  it('casts floats on request only, and keeps plain numbers plain', () => {
    const weights = { w: np.ones([2], { dtype: 'float64' }) }
    expect(left(io.restore({ w: np.zeros([2]) }, weights))?.[0]).toBe('Mismatch')
    expect(right(io.restore({ w: np.zeros([2]) }, weights, { cast: true })).tree.w.dtype).toBe('float32')
    expect(left(io.restore({ w: np.zeros([2], { dtype: 'int32' }) }, weights, { cast: true }))?.[0]).toBe('Mismatch')
    expect(right(io.restore({ lr: 0, on: false }, io.toWeights({ lr: 0.5, on: true }))).tree).toEqual({ lr: 0.5, on: true })
  })
})
