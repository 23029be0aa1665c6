import { describe, expect, it } from 'vitest'
import { end, join, reset, sharedMemory, threadGroup } from '../../src/distributed/threadGroup.js'
import { thrown } from '../errors/thrown.js'

describe('a group of threads', () => {
  it('of one exchanges with itself, and keeps the kind of elements', () => {
    const group = threadGroup('i', 1, 0, sharedMemory(1, 24))
    for (const mine of [Float64Array.of(1.5, -0, NaN), Int32Array.of(7), Uint8Array.of(1, 0, 1), new Float32Array(0)]) {
      const all = group.exchange(mine)
      expect(all.length).toBe(1)
      expect(all[0]!.constructor).toBe(mine.constructor)
      expect([...all[0]!]).toEqual([...mine])
    }
  })

  it('does not wait for a member that has ended, and says who failed first', () => {
    const memory = sharedMemory(2, 8)
    end(memory, 1, false)
    expect(thrown(() => threadGroup('i', 2, 0, memory).exchange(Float64Array.of(1)))).toMatchInlineSnapshot(`
      "DeviceError: spmd: the members of 'i' do not reach the same collectives in the same order
        try: conditions of whileLoop and cond that are equal for all members, by psum or pmax of them"
    `)
    end(memory, 0, true)
    expect(join(memory, 2)).toBe(0)
    reset(memory)
    end(memory, 1, true)
    end(memory, 0, true)
    expect(join(memory, 2)).toBe(1)
    reset(memory)
    end(memory, 0, false)
    end(memory, 1, false)
    expect(join(memory, 2)).toBe(-1)
  })

  it('finds members that give different things', () => {
    const memory = sharedMemory(2, 16)
    const first = threadGroup('i', 2, 0, memory)
    // The other has come already, with one element instead of two.
    new Int32Array(memory.places, 32, 2).set([8, 8])
    Atomics.add(new Int32Array(memory.control), 0, 1)
    expect(thrown(() => first.exchange(Float64Array.of(1, 2)))).toContain('do not reach the same collectives')
  })

  it('needs memory', () => {
    expect(thrown(() => sharedMemory(2, 2 ** 52))).toContain('there is no memory for what members give each other at once')
  })
})
