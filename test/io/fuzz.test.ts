import { describe, expect, it } from 'vitest'
import { attack, targets } from './mutate.js'

describe('damaged files', () => {
  it.each(targets.map((target) => [target.name, target] as const))('%s: nothing is thrown, allocation is bounded', async (_, target) => {
    const outcome = await attack(target, 3000, 7)
    expect(outcome.failures).toEqual([])
    // Damage that is always noticed, or never, would show nothing.
    expect(outcome.read).toBeGreaterThan(10)
    expect(outcome.read).toBeLessThan(2700)
  })

  it('would be noticed', async () => {
    const fragile = {
      ...targets[0]!,
      read: (bytes: Uint8Array) => Promise.resolve(String.fromCharCode(bytes[4]!) === 'P' || JSON.parse('') === 1),
    }
    expect((await attack(fragile, 2000, 7)).failures.length).toBeGreaterThan(0)
    const greedy = { ...targets[0]!, read: () => Promise.resolve(new Uint8Array(2 ** 22).length > 0) }
    expect((await attack(greedy, 10, 7)).failures.length).toBeGreaterThan(0)
  })
})
