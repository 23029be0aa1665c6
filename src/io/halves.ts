/** Floats narrower than 32 bits, from their bits to numbers and back: IEEE binary16, bfloat16, and the two 8-bit formats. */

const word = new Uint32Array(1)
const float = new Float32Array(word.buffer)

const floatOfBits = (bits: number): number => {
  word[0] = bits
  return float[0]!
}
const bitsOfFloat = (x: number): number => {
  float[0] = x
  return word[0]!
}

/** A float of `exponent` and `mantissa` bits, with infinities and NaN as IEEE 754 has them. */
const ieee =
  (exponent: number, mantissa: number) =>
  (bits: number): number => {
    const sign = bits >> (exponent + mantissa) === 0 ? 1 : -1
    const e = (bits >> mantissa) & ((1 << exponent) - 1)
    const m = bits & ((1 << mantissa) - 1)
    const bias = (1 << (exponent - 1)) - 1
    if (e === (1 << exponent) - 1) return m === 0 ? sign * Infinity : NaN
    return e === 0 ? sign * m * 2 ** (1 - bias - mantissa) : sign * (m + (1 << mantissa)) * 2 ** (e - bias - mantissa)
  }

/** IEEE binary16. */
export const float16 = ieee(5, 10)

/** 8 bits, 5 of exponent, with infinities. */
export const float8e5m2 = ieee(5, 2)

/** 8 bits, 4 of exponent, without infinities: only all ones are NaN, and the largest number is 448. */
export const float8e4m3 = (bits: number): number => {
  const sign = bits >> 7 === 0 ? 1 : -1
  const e = (bits >> 3) & 15
  const m = bits & 7
  if (e === 15 && m === 7) return NaN
  return e === 0 ? sign * m * 2 ** -9 : sign * (m + 8) * 2 ** (e - 10)
}

/** The upper half of a float32. */
export const bfloat16 = (bits: number): number => floatOfBits(bits << 16)

/** The bits of the bfloat16 nearest to `x`, ties to even. */
export const toBfloat16 = (x: number): number => {
  const bits = bitsOfFloat(x)
  return Number.isNaN(x) ? (bits >>> 16) | 0x40 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16
}

/** The bits of the binary16 nearest to `x`, ties to even. */
export const toFloat16 = (x: number): number => {
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0
  const size = Math.abs(x)
  if (Number.isNaN(x)) return 0x7e00
  if (size >= 65520) return sign | 0x7c00
  // Steps of 2^-24 below the smallest normal number, of 2^(e - 10) above: what carries over into the next exponent is right as it is.
  const normal = size >= 2 ** -14
  const guess = normal ? Math.floor(Math.log2(size)) : -14
  const e = normal && size < 2 ** guess ? guess - 1 : size >= 2 ** (guess + 1) ? guess + 1 : guess
  const scaled = size / 2 ** (e - 10)
  const down = Math.floor(scaled)
  const rest = scaled - down
  const steps = rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down
  return sign | (steps + (e + 14) * 1024)
}
