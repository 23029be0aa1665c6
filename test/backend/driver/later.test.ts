import { describe, expect, it } from 'vitest'
import { andThen, attempt, now, repeat } from '../../../src/backend/driver/later.js'

const later = async <T>(x: T): Promise<T> => {
  await Promise.resolve()
  return x
}

describe('work that may have to wait', () => {
  it('goes on at once where nobody waits', () => {
    expect(andThen(2, (x) => x + 1)).toBe(3)
    let n = 0
    expect(repeat(() => ++n < 5)).toBeUndefined()
    expect(n).toBe(5)
    expect(
      attempt(
        () => 7,
        () => undefined,
      ),
    ).toBe(7)
    expect(now(4)).toBe(4)
  })
  it('goes on later where it has to', async () => {
    expect(await andThen(later(2), (x) => x + 1)).toBe(3)
    let n = 0
    // some answers are there at once, some are not
    const done = repeat(() => (++n % 3 === 0 ? later(n < 100_000) : n < 100_000))
    expect(done).toBeInstanceOf(Promise)
    await done
    expect(n).toBe(100_000)
  })
  it('tells of failures, now and later, and passes them on', async () => {
    const told: unknown[] = []
    const tell = (error: unknown): void => {
      told.push(error)
    }
    const error = new Error('it fails')
    const throws = (): never => {
      throw error
    }
    expect(() => attempt(throws, tell)).toThrow(error)
    await expect(attempt(() => later(0).then(throws), tell)).rejects.toBe(error)
    await expect(Promise.resolve(repeat(() => later(true).then(throws)))).rejects.toBe(error)
    expect(told).toEqual([error, error])
  })
  it('refuses a wait where there must be none', () => {
    expect(() => now(later(1))).toThrow(/made to wait/)
  })
})
