import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { data } from '../../src/index.js'

/** Any string at all: halves of surrogate pairs included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes)),
)
const awkward = [
  '',
  ' ',
  '\u0000',
  'naïve 😀👩‍👩‍👧 𝔘nicode\r\n',
  '\ud800',
  'a\udc00\ud800b',
  '\ufeffx',
  '\ufffd',
  '\uffff',
  "don't  we'll \n\n x",
  '한국어 e\u0301',
]

describe('characters', () => {
  it('decode . encode = id', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const letters = data.characters(text)
        expect(letters.decode(letters.encode(text))).toBe(text)
        expect(letters.size).toBe(new Set(text).size)
      }),
      { numRuns: 200 },
    )
  })
  it('sorted, or as DeZero orders them', () => {
    expect(data.characters('banana 😀').symbols).toEqual([' ', 'a', 'b', 'n', '😀'])
    expect(data.characters('banana', { order: 'appearance' }).symbols).toEqual(['b', 'a', 'n'])
    expect([...data.characters('banana', { order: 'appearance' }).encode('nab')]).toEqual([2, 1, 0])
  })
  it('names what it does not know', () => {
    expect(() => data.characters('ab').encode('abc')).toThrow(/encode: "c" \(character 2\) is not among the 2 characters/)
    expect(() => data.characters('ab').decode([2])).toThrow(/there is no token 2: tokens are from 0 to 1/)
  })
})

describe('byte pairs', () => {
  const corpus = 'low low low low low lower lower newest newest newest newest newest newest widest widest widest'
  const trained = data.trainBytePairs(corpus, { size: 280 })
  it('learns the most frequent pair first, the smaller of equals', () => {
    const names = trained.merges.slice(0, 3).map((_, k) => trained.decode([256 + k]))
    expect(names).toEqual(['es', 'est', 'lo'])
    expect(data.trainBytePairs('ab cd', { size: 300 }).merges).toEqual([])
    expect(data.trainBytePairs('aaaa aaaa', { size: 257 }).merges).toEqual([[97, 97]])
  })
  it('learns what counting all pairs anew at every step learns', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 60 }), (text) => {
        const words = (text.match(/ ?[abc]+|\s+(?!\S)|\s+/g) ?? []).map((w) => [...w].map((c) => c.charCodeAt(0)))
        const merges: number[][] = []
        for (let token = 256; token < 262; token++) {
          const counts = new Map<string, number>()
          for (const w of words)
            for (let i = 0; i + 1 < w.length; i++) counts.set(`${w[i]!},${w[i + 1]!}`, (counts.get(`${w[i]!},${w[i + 1]!}`) ?? 0) + 1)
          const ranked = [...counts].filter(([, n]) => n > 1).map(([k, n]) => [n, ...k.split(',').map(Number)] as const)
          ranked.sort((x, y) => y[0] - x[0] || x[1]! - y[1]! || x[2]! - y[2]!)
          if (ranked.length === 0) break
          const [, l, r] = ranked[0]!
          merges.push([l!, r!])
          for (const w of words) for (let i = 0; i + 1 < w.length; i++) if (w[i] === l && w[i + 1] === r) w.splice(i, 2, token)
        }
        expect(data.trainBytePairs(text, { size: 262 }).merges).toEqual(merges)
      }),
      { numRuns: 200 },
    )
  })
  it('decode . encode = id on any string, trained on it or not', () => {
    for (const text of awkward) {
      expect(trained.decode(trained.encode(text))).toBe(text)
      const own = data.trainBytePairs(text + text, { size: 270 })
      expect(own.decode(own.encode(text))).toBe(text)
    }
    fc.assert(
      fc.property(anyText, anyText, (text, other) => {
        const own = data.trainBytePairs(other.repeat(2), { size: 266 })
        for (const t of [trained, own]) expect(t.decode(t.encode(text))).toBe(text)
        expect(own.encode(other).length).toBeLessThanOrEqual(new TextEncoder().encode(other).length)
      }),
      { numRuns: 300 },
    )
  })
  it('survives JSON, and tokens cut anywhere decode to something', () => {
    const again = data.bytePairs(JSON.parse(JSON.stringify(trained.merges)) as data.Merge[])
    expect([...again.encode('lowest newer')]).toEqual([...trained.encode('lowest newer')])
    expect(again.encode(' newest').length).toBe(1)
    expect(again.size).toBe(256 + again.merges.length)
    expect(trained.decode([0xf0, 0x9f])).toMatch(/^\ufffd+$/)
  })
  it('says what is wrong', () => {
    expect(() => data.trainBytePairs('a', { size: 255 })).toThrow(/size must be a whole number from 256/)
    expect(() => data.bytePairs([[300, 1]])).toThrow(/bytePairs: merge 0: there is no token 300: tokens are from 0 to 255/)
    expect(() => trained.decode([100_000])).toThrow(/there is no token 100000/)
  })
})
