import { describe, expect, it } from 'vitest'
import { fieldsOf, integer, join, message, toBytes } from '../../src/io/protobuf.js'

/** A key and the value 1. */
const keyed = (key: bigint): Uint8Array => {
  const out: number[] = []
  for (let rest = key; ; rest >>= 7n) {
    out.push(Number(rest & 127n) | (rest > 127n ? 128 : 0))
    if (rest <= 127n) return Uint8Array.from([...out, 1])
  }
}

describe('fields', () => {
  it('are read as they were written', () => {
    const bytes = toBytes(join([integer(1, 300), integer(2, -1), message(3, Uint8Array.of(7, 8))]))
    expect(fieldsOf(bytes)).toEqual([
      { number: 1, form: 'integer', value: 300n },
      { number: 2, form: 'integer', value: 2n ** 64n - 1n },
      { number: 3, form: 'bytes', value: Uint8Array.of(7, 8) },
    ])
  })

  it('have numbers from 1 to 2 ** 29 - 1', () => {
    const numbered = (n: bigint) => fieldsOf(keyed(n * 8n))
    expect(numbered(0n)).toBeNull()
    expect(numbered(1n)).toEqual([{ number: 1, form: 'integer', value: 1n }])
    expect(numbered(2n ** 29n - 1n)).toEqual([{ number: 2 ** 29 - 1, form: 'integer', value: 1n }])
    expect(numbered(2n ** 29n)).toBeNull()
    expect(numbered(2n ** 60n)).toBeNull()
  })

  it('end within the message', () => {
    const bytes = toBytes(message(3, Uint8Array.of(7, 8)))
    expect(fieldsOf(bytes.subarray(0, 3))).toBeNull()
    expect(fieldsOf(bytes.subarray(0, 1))).toBeNull()
    expect(fieldsOf(keyed(9n).subarray(0, 1))).toBeNull() // eight bytes of a double
  })
})
