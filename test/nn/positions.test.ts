import { describe, expect, it } from 'vitest'
import { nn, np, random } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

describe('learnedPositions', () => {
  const layer = nn.learnedPositions(400, 50)
  const { table } = layer.init(random.key(0)) as { table: ReturnType<typeof np.array> }
  it('begins as GPT-2 does: normal, of deviation 0.02', () => {
    expect(table.shape).toEqual([400, 50])
    expectClose(np.std(table), 0.02, { rtol: 0.02 })
    expectClose(np.mean(table), 0, { atol: 5e-4 })
  })
  it('adds its first rows', () => {
    const x = np.ones([2, 3, 50])
    expectClose(layer.apply({ table })(x), np.add(x, np.index(table, ':3')), { atol: 0 })
    expect(() => layer.apply({ table })(np.ones([401, 50]))).toThrow(/a sequence of 401 is longer than the 400 positions/)
  })
})
