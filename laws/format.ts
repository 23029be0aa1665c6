/** The law of formats: what was written is read back. */
import type { Arbitrary } from 'fast-check'
import { arbitrary, callable, check, having, optionsOf } from './check.js'
import type { LawOptions } from './law.js'
import { broken, forAll, lawMeanings } from './law.js'
import { expectSame } from './same.js'

/** A way to write values as bytes or text, and to read them. */
export interface Format<T, E> {
  /** The encoded form. */
  readonly encode: (value: T) => E
  /** Throws what it cannot read. */
  readonly decode: (encoded: E) => T
}

const bytesOf = (encoded: unknown): string =>
  ArrayBuffer.isView(encoded) ? new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength).join() : String(encoded)

/** Options of `format`. */
export interface FormatOptions<T> extends LawOptions {
  /** Throws unless two values are equal; trees of tensors, bit by bit, by default. */
  readonly same?: (actual: T, expected: T) => void
  readonly show?: (value: T) => string
}

const formatOf = optionsOf<FormatOptions<never>>({ ...lawMeanings, same: callable, show: callable })

/** Law: `decode . encode = id`, encoding is deterministic, and decoding leaves the encoded form as it was. */
export const format = <T, E>(subject: Format<T, E>, values: Arbitrary<T>, options?: FormatOptions<T>): void => {
  const { encode, decode } = check('format', 'subject', having('a format', '{ encode, decode }', 'encode', 'decode'), subject)
  check('format', 'values', arbitrary, values)
  const {
    same = (a, b) => {
      expectSame('decode of encode', a, b)
    },
    show = String,
    ...rest
  } = formatOf('format', options) as FormatOptions<T>
  forAll(
    'decode . encode = id',
    values,
    show,
    (value) => {
      const encoded = encode(value)
      const before = bytesOf(encoded)
      same(decode(encoded), value)
      if (bytesOf(encoded) !== before) broken('decode changed what it read')
      if (bytesOf(encode(value)) !== before) broken('encoding the same value again gives other bytes')
    },
    rest,
  )
}
