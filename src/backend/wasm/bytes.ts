/** Growing byte buffers and the variable-length integers of the WebAssembly binary format. */

/** Where bytes are written. */
export interface Bytes {
  readonly byte: (b: number) => void
  readonly bytes: (bs: ArrayLike<number>) => void
  /** Unsigned LEB128. */
  readonly u: (n: number) => void
  /** Signed LEB128 of an int32. */
  readonly s: (n: number) => void
  readonly f32: (x: number) => void
  readonly f64: (x: number) => void
  readonly done: () => Uint8Array
}

/** A fresh buffer. */
export const bytes = (): Bytes => {
  let data = new Uint8Array(256)
  let length = 0
  const reserve = (n: number): void => {
    if (length + n <= data.length) return
    const bigger = new Uint8Array(Math.max(data.length * 2, length + n))
    bigger.set(data)
    data = bigger
  }
  const byte = (b: number): void => {
    reserve(1)
    data[length++] = b
  }
  const append = (bs: ArrayLike<number>): void => {
    reserve(bs.length)
    data.set(bs, length)
    length += bs.length
  }
  return {
    byte,
    bytes: append,
    u: (n) => {
      let x = n >>> 0
      while (x >= 0x80) {
        byte((x & 0x7f) | 0x80)
        x >>>= 7
      }
      byte(x)
    },
    s: (n) => {
      let x = n | 0
      for (;;) {
        const low = x & 0x7f
        x >>= 7
        if ((x === 0 && (low & 0x40) === 0) || (x === -1 && (low & 0x40) !== 0)) return byte(low)
        byte(low | 0x80)
      }
    },
    f32: (x) => append(new Uint8Array(Float32Array.of(x).buffer)),
    f64: (x) => append(new Uint8Array(Float64Array.of(x).buffer)),
    done: () => data.slice(0, length),
  }
}
