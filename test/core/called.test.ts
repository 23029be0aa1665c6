/** What functions are called, whatever a bundler makes of their constants. */
import { describe, expect, it } from 'vitest'
import { nn, np, random } from '../../src/index.js'
import { called } from '../../src/core/called.js'

describe('called', () => {
  it('gives the function itself, with the name', () => {
    const f = (x: number): number => x + 1
    expect(called('successor', f)).toBe(f)
    expect([f.name, f(1)]).toEqual(['successor', 2])
  })

  it('names functions made by functions: they show in errors and summaries', () => {
    const model = nn.sequential(np.tanh, nn.sigmoid, nn.flatten, np.exp, nn.glu)
    const { rows } = nn.summary(model, [2, 4])
    expect(rows.map(({ name }) => name).filter((n) => n !== 'sequential')).toEqual(['tanh', 'sigmoid', 'flatten', 'exp', 'glu'])
    expect(model.init(random.key(0))).toEqual([null, null, null, null, null])
  })
})
