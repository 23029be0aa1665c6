import { afterEach, describe, expect, it, vi } from 'vitest'
import { builtin, peer } from '../../src/core/builtin.js'
import { textDecoder, textEncoder } from '../../src/core/text.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('what is not part of the package', () => {
  it('finds modules of Node', () => {
    expect(builtin('node:os')).toHaveProperty('totalmem')
    expect(builtin('node:none')).toBeUndefined()
  })
  it('has none where they are refused, or there is no process', () => {
    vi.stubGlobal('process', {
      getBuiltinModule: () => {
        throw new Error('not permitted')
      },
    })
    expect(builtin('node:os')).toBeUndefined()
    vi.stubGlobal('process', undefined)
    expect(builtin('node:os')).toBeUndefined()
  })
  it('loads an installed package', async () => {
    expect(await peer('viz')).toHaveProperty('instance')
  })
})

describe('text', () => {
  it('is coded where pages have coders', () => {
    expect(textDecoder('utf-8', { fatal: true }).decode(textEncoder().encode('é'))).toBe('é')
  })
  it('is coded by Node where a page has none, as in jsdom', () => {
    vi.stubGlobal('TextEncoder', undefined)
    vi.stubGlobal('TextDecoder', undefined)
    expect(Array.from(textEncoder().encode('é'))).toEqual([0xc3, 0xa9])
    expect(textDecoder('latin1').decode(Uint8Array.of(0xe9))).toBe('é')
  })
})
