/** Free ranges of addresses: cut where some of one is taken, joined with their neighbours where one is given back. */

/** Which addresses are free. Sizes are positive. */
export interface Ranges {
  /** The address of `size` bytes that were free, at the start or the end of a range that they nearly fill; undefined when no range has as many. */
  readonly take: (size: number, atEnd: boolean) => number | undefined
  /** Makes `size` bytes at `address` free. */
  readonly give: (address: number, size: number) => void
  /** Takes the range that ends at `end`: its address, or `end` where none does. */
  readonly takeBefore: (end: number) => number
}

/** Ranges of like size are kept together: four kinds per octave. */
const kinds = 32 * 4
const kindOf = (size: number): number => {
  const octave = 31 - Math.clz32(size)
  return octave < 2 ? octave * 4 : octave * 4 + ((size >>> (octave - 2)) & 3)
}
/** Ranges of one kind that are looked at before one of them is taken. */
const patience = 16

/** No free addresses. */
export const createRanges = (): Ranges => {
  const sizes = new Map<number, number>()
  /** The address of the range that ends somewhere. */
  const starts = new Map<number, number>()
  const byKind = Array.from({ length: kinds }, () => new Set<number>())

  const add = (address: number, size: number): void => {
    sizes.set(address, size)
    starts.set(address + size, address)
    byKind[kindOf(size)]!.add(address)
  }
  /** The size of the range at `address`, which is free no more. */
  const remove = (address: number): number => {
    const size = sizes.get(address)!
    sizes.delete(address)
    starts.delete(address + size)
    byKind[kindOf(size)]!.delete(address)
    return size
  }
  /** The smallest range of a kind that has `size` bytes, among the first few. */
  const fitting = (kind: number, size: number): number | undefined => {
    let found: number | undefined
    let least = Infinity
    let left = patience
    for (const address of byKind[kind]!) {
      const n = sizes.get(address)!
      if (n >= size && n < least) [found, least] = [address, n]
      if (--left === 0 || least === size) break
    }
    return found
  }

  const found = (size: number): number | undefined => {
    for (let kind = kindOf(size); kind < kinds; kind++) {
      const address = byKind[kind]!.size === 0 ? undefined : fitting(kind, size)
      if (address !== undefined) return address
    }
    return undefined
  }

  return {
    take: (size, atEnd) => {
      const address = found(size)
      if (address === undefined) return undefined
      const rest = remove(address) - size
      if (rest === 0) return address
      add(atEnd ? address : address + size, rest)
      return atEnd ? address + rest : address
    },
    give: (address, size) => {
      const before = starts.get(address)
      const from = before ?? address
      const joined = size + (before === undefined ? 0 : remove(before)) + (sizes.has(address + size) ? remove(address + size) : 0)
      add(from, joined)
    },
    takeBefore: (end) => {
      const address = starts.get(end)
      if (address === undefined) return end
      remove(address)
      return address
    },
  }
}
