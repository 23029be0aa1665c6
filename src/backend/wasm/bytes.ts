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
  /** Everything that was written; nothing may be written after it. */
  readonly done: () => Uint8Array
}

const scratch = new DataView(new ArrayBuffer(8))

/** A fresh buffer with room for `room` bytes before it grows. */
export const bytes = (room = 64): Bytes => {
  let data = new Uint8Array(room)
  let length = 0
  const grow = (needed: number): void => {
    const bigger = new Uint8Array(Math.max(data.length * 4, needed))
    bigger.set(data)
    data = bigger
  }
  const byte = (b: number): void => {
    if (length === data.length) grow(length + 1)
    data[length++] = b
  }
  const append = (bs: ArrayLike<number>): void => {
    const n = bs.length
    if (length + n > data.length) grow(length + n)
    if (n > 16) data.set(bs, length)
    else for (let k = 0; k < n; k++) data[length + k] = bs[k]!
    length += n
  }
  const float = (n: number): void => {
    if (length + n > data.length) grow(length + n)
    for (let k = 0; k < n; k++) data[length++] = scratch.getUint8(k)
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
    f32: (x) => {
      scratch.setFloat32(0, x, true)
      float(4)
    },
    f64: (x) => {
      scratch.setFloat64(0, x, true)
      float(8)
    },
    done: () => data.subarray(0, length),
  }
}
