/** Text as numbers, one for each character. */
import { optionsOf } from '../core/options.js'
import type { Meaning } from '../core/check.js'
import { check, oneOf, text as textMeaning } from '../core/check.js'
import { fail, ValueError } from '../core/errors.js'

/** Text to integers and back. */
export interface Tokenizer {
  /** Number of different tokens; every token is below it. */
  readonly size: number
  /** The tokens of a text. */
  readonly encode: (text: string) => Int32Array
  /** The text of tokens: `decode(encode(text))` is `text`. */
  readonly decode: (tokens: ArrayLike<number>) => string
}

/** A tokenizer of characters. */
export interface Vocabulary extends Tokenizer {
  /** The characters (code points), each at the place that is its token. */
  readonly symbols: readonly string[]
}

/** @throws ValueError for a token that is not there. */
export const checkToken = (name: string, token: number, size: number): number =>
  Number.isInteger(token) && token >= 0 && token < size
    ? token
    : fail(ValueError, `${name}: there is no token ${String(token)}: tokens are from 0 to ${size - 1}`)

const tokenLists: Meaning = {
  says: 'a list of tokens',
  fix: 'the Int32Array of encode, or [3, 1, 2]; tensor.toTypedArray() of a tensor',
  accepts: (x) => Array.isArray(x) || ArrayBuffer.isView(x),
}

/** Tokens, in a list or a typed array. @throws ValueError for anything else. */
export const checkTokens = (name: string, tokens: ArrayLike<number>): ArrayLike<number> => check(name, 'tokens', tokenLists, tokens)

const orders = optionsOf<{ readonly order?: 'sorted' | 'appearance' }>({ order: oneOf('sorted', 'appearance') })

/**
 * The tokenizer whose tokens are the different characters (code points) of `text`: sorted by code point, or in order of appearance
 * as in DeZero.
 *
 * @throws ValueError when it encodes a character that the text did not have, or decodes a token out of range.
 * @example
 * const letters = data.characters('hello')
 * letters.symbols                               // ['e', 'h', 'l', 'o']
 * Array.from(letters.encode('hole'))                   // [1, 3, 2, 0]
 * letters.decode([1, 0, 2, 2, 3])               // 'hello'
 * data.characters('hello', { order: 'appearance' }).symbols   // ['h', 'e', 'l', 'o']
 */
export const characters = (text: string, options: { readonly order?: 'sorted' | 'appearance' } = {}): Vocabulary => {
  const { order = 'sorted' } = orders('characters', options)
  const seen = [...new Set(check('characters', 'text', textMeaning, text))]
  const symbols = order === 'appearance' ? seen : seen.sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!)
  const tokens = new Map(symbols.map((symbol, token) => [symbol, token]))
  return {
    size: symbols.length,
    symbols,
    encode: (s) => {
      check('encode', 'text', textMeaning, s)
      const out: number[] = []
      for (const symbol of s)
        out.push(
          tokens.get(symbol) ??
            fail(ValueError, `encode: ${JSON.stringify(symbol)} (character ${out.length}) is not among the ${symbols.length} characters`, {
              fix: 'a vocabulary of all texts; or a byte-pair encoding, which knows every text',
            }),
        )
      return Int32Array.from(out)
    },
    decode: (ids) => Array.from(checkTokens('decode', ids), (token) => symbols[checkToken('decode', token, symbols.length)]!).join(''),
  }
}
