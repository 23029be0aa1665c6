/** Deflate without waiting, in plain code: the same bytes on every platform. Repetitions are found by hashing, codes are the fixed ones. */

/** Bits in a growing array, the least significant first. */
interface Bits {
  readonly put: (value: number, length: number) => void
  /** All bytes, the last one filled up with zeros. */
  readonly end: () => Uint8Array
}

const bits = (capacity: number): Bits => {
  let out = new Uint8Array(capacity)
  let [at, held, count] = [0, 0, 0]
  return {
    put: (value, length) => {
      held |= value << count
      count += length
      for (; count >= 8; count -= 8) {
        if (at === out.length) {
          const larger = new Uint8Array(2 * out.length + 64)
          larger.set(out)
          out = larger
        }
        out[at++] = held & 255
        held >>>= 8
      }
    },
    end: () => {
      const rest = count > 0 ? [held & 255] : []
      const all = new Uint8Array(at + rest.length)
      all.set(out.subarray(0, at))
      all.set(rest, at)
      return all
    },
  }
}

/** The `length` bits of `code` in the opposite order: Huffman codes start with their most significant bit. */
const reversed = (code: number, length: number): number => {
  let out = 0
  for (let k = 0; k < length; k++) out |= ((code >> k) & 1) << (length - 1 - k)
  return out
}

/** RFC 1951, 3.2.6: the fixed code of a symbol: a byte, the end (256), or a length. */
const symbolCode = (symbol: number): readonly [code: number, length: number] =>
  symbol < 144 ? [0x30 + symbol, 8] : symbol < 256 ? [0x190 + symbol - 144, 9] : symbol < 280 ? [symbol - 256, 7] : [0xc0 + symbol - 280, 8]

/** Where the ranges of a kind of number start, each with its count of further bits; RFC 1951, 3.2.5. */
const ranges = (first: number, extra: readonly number[]): readonly (readonly [start: number, extra: number])[] => {
  let start = first
  return extra.map((e) => {
    const range = [start, e] as const
    start += 2 ** e
    return range
  })
}
const lengths = /* @__PURE__ */ ranges(3, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5])
const distances = /* @__PURE__ */ ranges(
  1,
  [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13],
)

/** The last range that starts at or before `x`. */
const rangeOf = (table: readonly (readonly [number, number])[], x: number): number => {
  let [low, high] = [0, table.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (table[middle]![0] <= x) low = middle
    else high = middle - 1
  }
  return low
}

const longest = 258
const window = 32768
/** Places with the same hash that are looked at. */
const tries = 48

/** The raw deflate stream of `bytes`: one block with the fixed codes. */
const deflated = (bytes: Uint8Array): Uint8Array => {
  const out = bits(bytes.length / 2 + 16)
  const n = bytes.length
  const symbol = (s: number): void => {
    const [code, length] = symbolCode(s)
    out.put(reversed(code, length), length)
  }
  const copy = (length: number, distance: number): void => {
    // A length of 258 has a code of its own, without further bits.
    const l = length === longest ? 28 : rangeOf(lengths, length)
    symbol(257 + l)
    if (l < 28) out.put(length - lengths[l]![0], lengths[l]![1])
    const d = rangeOf(distances, distance)
    out.put(reversed(d, 5), 5)
    out.put(distance - distances[d]![0], distances[d]![1])
  }
  const last = new Int32Array(window).fill(-1)
  const before = new Int32Array(n)
  const enter = (i: number): void => {
    if (i + 2 >= n) return
    const hash = ((bytes[i]! << 10) ^ (bytes[i + 1]! << 5) ^ bytes[i + 2]!) & (window - 1)
    before[i] = last[hash]!
    last[hash] = i
  }
  out.put(1, 1)
  out.put(1, 2)
  for (let i = 0; i < n;) {
    enter(i)
    let [best, from] = [2, -1]
    const most = Math.min(longest, n - i)
    for (let j = i + 2 < n ? before[i]! : -1, t = 0; j >= 0 && i - j <= window && t < tries; j = before[j]!, t++) {
      let k = 0
      while (k < most && bytes[j + k] === bytes[i + k]) k++
      if (k > best) {
        best = k
        from = j
        if (k === most) break
      }
    }
    if (from < 0) symbol(bytes[i++]!)
    else {
      copy(best, i - from)
      for (const end = i + best; ++i < end;) enter(i)
    }
  }
  symbol(256)
  return out.end()
}

const adler32 = (bytes: Uint8Array): number => {
  let [a, b] = [1, 0]
  for (let i = 0; i < bytes.length;) {
    // 3800 bytes cannot make the sums exceed 32 bits.
    for (const end = Math.min(bytes.length, i + 3800); i < end; i++) {
      a += bytes[i]!
      b += a
    }
    a %= 65521
    b %= 65521
  }
  return b * 65536 + a
}

/** A zlib stream that holds `bytes`; RFC 1950. */
export const packed = (bytes: Uint8Array): Uint8Array => {
  const body = deflated(bytes)
  const out = new Uint8Array(body.length + 6)
  out.set([0x78, 0x9c])
  out.set(body, 2)
  new DataView(out.buffer).setUint32(body.length + 2, adler32(bytes))
  return out
}
