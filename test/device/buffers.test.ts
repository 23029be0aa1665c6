import { describe, expect, it } from 'vitest'
import { track, tracked } from '../../src/device/buffers.js'

describe('live buffers', () => {
  it('are counted once, with their bytes, until they are collected', async () => {
    const before = tracked()
    let buffers: object[] | null = [{}, {}]
    track(buffers[0], 100)
    track(buffers[0], 100)
    track(buffers[1], 11)
    track(null, 5)
    track(7, 5)
    expect(tracked()).toEqual({ count: before.count + 2, bytes: before.bytes + 111 })
    buffers = null
    for (let k = 0; k < 100 && tracked().count > before.count; k++) {
      globalThis.gc!()
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    expect(tracked()).toEqual(before)
  })
})
