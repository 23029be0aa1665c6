import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { jit, np } from '../../src/index.js'

/** More than any machine has, whatever `v` is. */
const tooMuch = (v: Tensor): Tensor => np.sum(np.sort(np.broadcastTo(np.sum(v), [2 ** 33])))
/** A result of the device, large enough to stay in its memory, and the same on the host. */
const made = (on: 'device' | 'host'): Tensor => {
  const x = np.full([20_000], 3)
  return on === 'host' ? np.array(x.toTypedArray()) : np.add(x, 0)
}

describe.each(['device', 'host'] as const)('a donated argument on the %s', (on) => {
  it('is still there when the run had no memory', () => {
    const [x, y] = [made(on), made(on)]
    const f = jit((v: Tensor, w: Tensor) => [np.mul(v, 2), np.add(w, 1), tooMuch(np.add(v, w))] as const, { donate: [0, 1] })
    for (let i = 0; i < 2; i++) expect(() => f(x, y)).toThrow(/there is no memory for its result/)
    expect([np.sum(x).item(), np.sum(y).item()]).toEqual([60_000, 60_000])
    // It can be donated again, once.
    const g = jit((v: Tensor) => np.mul(v, 2), { donate: [0] })
    expect(np.sum(g(x)).item()).toBe(120_000)
    expect(() => np.sum(x)).toThrow(/was donated/)
    expect(np.sum(y).item()).toBe(60_000)
  })

  it('that is shared with another tensor leaves both', () => {
    const x = made(on)
    const same = jit((v: Tensor) => v)(x)
    const f = jit((v: Tensor) => [np.mul(v, 2), tooMuch(v)] as const, { donate: [0] })
    expect(() => f(x)).toThrow(/there is no memory for its result/)
    expect([np.sum(x).item(), np.sum(same).item()]).toEqual([60_000, 60_000])
  })
})
