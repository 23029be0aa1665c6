/**
 * Byte-pair encoding: tokens are bytes, and pairs of tokens that were frequent in a text (Sennrich, Haddow and Birch 2016; over bytes,
 * and within words, as in GPT-2: Radford et al. 2019).
 */
import { optionsOf } from '../core/options.js'
import { check, count, listOf, record, text as textMeaning, wholeWithin } from '../core/check.js'
import type { Tokenizer } from './characters.js'
import { checkToken, checkTokens } from './characters.js'
import { fromBytes, toBytes } from './utf8.js'

/** Two tokens that become one. */
export type Merge = readonly [left: number, right: number]

/** A tokenizer that knows every text. Its merges are all there is to it: plain data, to be stored as JSON. */
export interface BytePairs extends Tokenizer {
  /** In the order they were learnt: merge `k` makes token `256 + k`. */
  readonly merges: readonly Merge[]
}

const bytes = 256
/** Keeps keys of pairs exact: two tokens below it make a safe integer. */
const most = 2 ** 26

/** What is never torn apart by a merge across its edge: contractions, words with the space before them, numbers, other signs, spaces. */
const words = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu

const wordsOf = (text: string): readonly string[] => text.match(words) ?? []

const keyOf = (left: number, right: number): number => left * most + right

/** `word` with every pair `left, right` made `token`, from the left. */
const merged = (word: readonly number[], left: number, right: number, token: number): number[] => {
  const out: number[] = []
  for (let i = 0; i < word.length; i++) {
    const hit = word[i] === left && word[i + 1] === right
    out.push(hit ? token : word[i]!)
    if (hit) i++
  }
  return out
}

/**
 * The tokenizer of given merges: as trained, or read from a file.
 *
 * @throws ValueError for a merge of tokens that are not there yet; when it decodes a token out of range.
 * @example
 * const pairs = data.bytePairs([[104, 105]])   // h i -> 256
 * Array.from(pairs.encode('hi!'))   // [256, 33]
 * pairs.decode([256, 33])    // 'hi!'
 */
export const bytePairs = (merges: readonly Merge[]): BytePairs => {
  check('bytePairs', 'merges', listOf(listOf(count, 2)), merges)
  const size = bytes + merges.length
  const texts: number[][] = Array.from({ length: bytes }, (_, byte) => [byte])
  const ranks = new Map<number, number>()
  merges.forEach(([left, right], k) => {
    for (const token of [left, right]) checkToken(`bytePairs: merge ${k}`, token, bytes + k)
    ranks.set(keyOf(left, right), k)
    texts.push([...texts[left]!, ...texts[right]!])
  })
  const encodeWord = (word: string): readonly number[] => {
    let tokens: number[] = [...toBytes(word)]
    for (;;) {
      let first = Infinity
      for (let i = 0; i + 1 < tokens.length; i++) first = Math.min(first, ranks.get(keyOf(tokens[i]!, tokens[i + 1]!)) ?? Infinity)
      const merge = merges[first]
      if (merge === undefined) return tokens
      tokens = merged(tokens, merge[0], merge[1], bytes + first)
    }
  }
  return {
    size,
    merges,
    encode: (text) => {
      check('encode', 'text', textMeaning, text)
      const known = new Map<string, readonly number[]>()
      const out: number[] = []
      for (const word of wordsOf(text)) {
        const tokens = known.get(word) ?? encodeWord(word)
        known.set(word, tokens)
        for (const token of tokens) out.push(token)
      }
      return Int32Array.from(out)
    },
    decode: (tokens) =>
      fromBytes(Uint8Array.from(Array.from(checkTokens('decode', tokens), (token) => texts[checkToken('decode', token, size)]!).flat())),
  }
}

/** Pairs of a text's words: how often each occurs, and in which words. */
interface Pairs {
  readonly counts: Map<number, number>
  readonly places: Map<number, Set<number>>
}

const addWord = ({ counts, places }: Pairs, word: readonly number[], at: number, times: number): void => {
  for (let i = 0; i + 1 < word.length; i++) {
    const key = keyOf(word[i]!, word[i + 1]!)
    const n = (counts.get(key) ?? 0) + times
    if (n === 0) counts.delete(key)
    else counts.set(key, n)
    const where = places.get(key)
    if (where === undefined) places.set(key, new Set([at]))
    else where.add(at)
  }
}

/** The most frequent pair that occurs at least twice; of equals the one with the smallest tokens. */
const best = (counts: ReadonlyMap<number, number>): number | undefined => {
  let key: number | undefined
  let most = 1
  for (const [k, n] of counts)
    if (n > most || (n === most && key !== undefined && k < key)) {
      key = k
      most = n
    }
  return key
}

const sizes = { ...wholeWithin(bytes, most), fix: '256 bytes and some merges' }
const trainings = optionsOf<{ readonly size: number }>({ size: sizes })

/**
 * Learns merges from a text until there are `size` tokens, or no pair occurs twice. The same text, the same merges.
 *
 * @throws ValueError unless `size` is an integer from 256 (all bytes) to 2^26.
 * @example
 * const pairs = data.trainBytePairs('low lower lowest', { size: 258 })
 * pairs.merges                       // [[108, 111], [256, 119]]
 * pairs.decode(pairs.encode('löw'))   // 'löw'
 */
export const trainBytePairs = (text: string, options: { readonly size: number }): BytePairs => {
  const { size } = check('trainBytePairs', 'options', record, trainings('trainBytePairs', options))
  check('trainBytePairs', 'text', textMeaning, text)
  check('trainBytePairs', 'size', sizes, size)
  const times = new Map<string, number>()
  for (const word of wordsOf(text)) times.set(word, (times.get(word) ?? 0) + 1)
  const weights = [...times.values()]
  const spelled = [...times.keys()].map((word): number[] => [...toBytes(word)])
  const pairs: Pairs = { counts: new Map(), places: new Map() }
  spelled.forEach((word, at) => {
    addWord(pairs, word, at, weights[at]!)
  })
  const merges: Merge[] = []
  for (let token = bytes; token < size; token++) {
    const key = best(pairs.counts)
    if (key === undefined) break
    const [left, right] = [Math.floor(key / most), key % most]
    merges.push([left, right])
    for (const at of pairs.places.get(key) ?? []) {
      const shorter = merged(spelled[at]!, left, right, token)
      addWord(pairs, spelled[at]!, at, -weights[at]!)
      addWord(pairs, shorter, at, weights[at]!)
      spelled[at] = shorter
    }
    pairs.places.delete(key)
  }
  return bytePairs(merges)
}
