/** Stable sorts of pairs (word, position) by the word, unsigned. */
import type { Body, Ex, Local } from '../code.js'
import { i32, memory } from '../instructions.js'

/** Bytes of a pair: the word, then the position. */
export const pairBytes = 8
/** Bytes of the counts that `byBytes` needs: one table for each byte of a word. */
export const tableBytes = 4 * 256 * 4

/** For few pairs: each is moved down past the larger ones. */
export const byInsertion = (b: Body, list: Ex<'i32'>, n: number): void => {
  const p = b.let(list)
  b.loop(i32.const(1), i32.const(n), 1, () => {
    b.set(p, i32.add(p, i32.const(pairBytes)))
    const [key, position] = [b.let(i32.load(p)), b.let(i32.load(p, 4))]
    const hole = b.let(p)
    const before = b.let(i32.const(0))
    const larger = (): Ex<'i32'> => i32.gtu(before, key)
    const look = (): void => {
      b.set(before, i32.const(0))
      b.if(i32.gtu(hole, list), () => {
        b.set(before, i32.load(i32.sub(hole, i32.const(pairBytes))))
      })
    }
    look()
    b.while(larger, () => {
      b.run(i32.store(hole, before))
      b.run(i32.store(hole, i32.load(i32.sub(hole, i32.const(4))), 4))
      b.set(hole, i32.sub(hole, i32.const(pairBytes)))
      look()
    })
    b.run(i32.store(hole, key))
    b.run(i32.store(hole, position, 4))
  })
}

/** Counts of every byte of every word, in one reading. */
const count = (b: Body, list: Ex<'i32'>, table: Local<'i32'>, n: number): void => {
  b.run(memory.fill(table, i32.const(0), i32.const(tableBytes)))
  const p = b.let(list)
  b.loop(i32.const(0), i32.const(n), 1, () => {
    const key = b.let(i32.load(p))
    for (let digit = 0; digit < 4; digit++) {
      const entry = b.let(entryOf(table, key, digit))
      b.run(i32.store(entry, i32.add(i32.load(entry, 1024 * digit), i32.const(1)), 1024 * digit))
    }
    b.set(p, i32.add(p, i32.const(pairBytes)))
  })
}
/** Where the entry of a byte of a word is, less the offset of the byte's table. */
const entryOf = (table: Ex<'i32'>, key: Ex<'i32'>, digit: number): Ex<'i32'> => {
  const times4 = digit === 0 ? i32.shl(key, i32.const(2)) : i32.shru(key, i32.const(8 * digit - 2))
  return i32.add(table, i32.and(times4, i32.const(1020)))
}

/** For many pairs: by one byte after the other, leaving out bytes that are the same everywhere. The result is in `list`. */
export const byBytes = (b: Body, list: Local<'i32'>, spare: Local<'i32'>, table: Local<'i32'>, n: number): void => {
  count(b, list, table, n)
  const from = b.let(list)
  const to = b.let(spare)
  for (let digit = 0; digit < 4; digit++) {
    const offset = 1024 * digit
    const same = i32.eq(i32.load(entryOf(table, i32.load(from), digit), offset), i32.const(n))
    b.if(i32.eqz(same), () => {
      // Counts to addresses.
      const at = b.let(to)
      const entry = b.let(table)
      b.loop(i32.const(0), i32.const(256), 1, () => {
        const some = b.let(i32.load(entry, offset))
        b.run(i32.store(entry, at, offset))
        b.set(at, i32.add(at, i32.shl(some, i32.const(3))))
        b.set(entry, i32.add(entry, i32.const(4)))
      })
      const p = b.let(from)
      b.loop(i32.const(0), i32.const(n), 1, () => {
        const [key, position] = [b.let(i32.load(p)), b.let(i32.load(p, 4))]
        const bucket = b.let(entryOf(table, key, digit))
        const place = b.let(i32.load(bucket, offset))
        b.run(i32.store(bucket, i32.add(place, i32.const(pairBytes)), offset))
        b.run(i32.store(place, key))
        b.run(i32.store(place, position, 4))
        b.set(p, i32.add(p, i32.const(pairBytes)))
      })
      const swap = b.let(from)
      b.set(from, to)
      b.set(to, swap)
    })
  }
  b.if(i32.ne(from, list), () => {
    b.run(memory.copy(list, from, i32.const(pairBytes * n)))
  })
}
