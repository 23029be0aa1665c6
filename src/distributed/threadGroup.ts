/**
 * The members of an axis as threads of one process: a barrier over shared memory, and a place there for what each of them gives. Two sets of
 * places take turns, so that one barrier for each exchange is enough: who writes to a set again has passed the barrier after the last reading.
 */
import type { TypedArray } from '../core/dtype.js'
import { DeviceError, fail } from '../core/errors.js'
import type { Group } from '../ir/axes.js'

/**
 * Words of the control block: how many have arrived at the barrier, how often all have, 1 + who failed first, how many have ended, and one
 * that changes with each of these, to wait for.
 */
const word = { arrived: 0, round: 1, failed: 2, ended: 3, news: 4 } as const

/** Bytes in front of each place: how many bytes it holds, and how many the elements have. */
const header = 16

/** The memory that the members of one Program share. */
export interface SharedMemory {
  readonly control: SharedArrayBuffer
  readonly places: SharedArrayBuffer
  /** Bytes that a member may give in one exchange. */
  readonly capacity: number
}

const roundUp = (n: number): number => Math.ceil(n / 16) * 16

const allocate = (bytes: number): SharedArrayBuffer => {
  try {
    return new SharedArrayBuffer(bytes)
  } catch {
    return fail(DeviceError, `spmd: there is no memory for what members give each other at once: ${bytes} bytes`, {
      fix: 'collectives of smaller tensors, or one after the other',
    })
  }
}

/** Memory for `size` members that give at most `bytes` bytes at once. @throws DeviceError when there is none */
export const sharedMemory = (size: number, bytes: number): SharedMemory => {
  const capacity = roundUp(bytes)
  return {
    control: allocate(4 * Object.keys(word).length),
    places: allocate(2 * size * (header + capacity)),
    capacity,
  }
}

/** Everything as before the first run. */
export const reset = ({ control }: SharedMemory): void => {
  new Int32Array(control).fill(0)
}

const wake = (control: Int32Array): void => {
  Atomics.add(control, word.news, 1)
  Atomics.notify(control, word.news)
}

/** Says that a member is done, well or with an error, and frees those who wait for it. */
export const end = ({ control }: SharedMemory, index: number, failed: boolean): void => {
  const words = new Int32Array(control)
  if (failed) Atomics.compareExchange(words, word.failed, 0, index + 1)
  Atomics.add(words, word.ended, 1)
  wake(words)
  Atomics.notify(words, word.ended)
}

/** Waits until all `size` members have ended; the position of the one that failed first, or -1. */
export const join = ({ control }: SharedMemory, size: number): number => {
  const words = new Int32Array(control)
  for (;;) {
    const ended = Atomics.load(words, word.ended)
    if (ended === size) return Atomics.load(words, word.failed) - 1
    Atomics.wait(words, word.ended, ended)
  }
}

const apart = (axisName: string): never =>
  fail(DeviceError, `spmd: the members of '${axisName}' do not reach the same collectives in the same order`, {
    fix: 'conditions of whileLoop and cond that are equal for all members, by psum or pmax of them',
  })

/** The group as the member at `index` sees it. */
export const threadGroup = (axisName: string, size: number, index: number, memory: SharedMemory): Group => {
  const control = new Int32Array(memory.control)
  const stride = header + memory.capacity
  let round = 0

  const place = (k: number): number => ((round & 1) * size + k) * stride
  /** Waits until all members are here. Who has ended without having come will never come. */
  const meet = (): void => {
    const before = Atomics.load(control, word.round)
    if (Atomics.add(control, word.arrived, 1) === size - 1) {
      Atomics.store(control, word.arrived, 0)
      Atomics.add(control, word.round, 1)
      wake(control)
      return
    }
    for (;;) {
      const news = Atomics.load(control, word.news)
      if (Atomics.load(control, word.round) !== before) return
      if (Atomics.load(control, word.ended) !== 0) apart(axisName)
      Atomics.wait(control, word.news, news)
    }
  }

  return {
    size,
    index,
    exchange: (mine) => {
      const at = place(index)
      new Int32Array(memory.places, at, 2).set([mine.byteLength, mine.BYTES_PER_ELEMENT])
      new Uint8Array(memory.places, at + header, mine.byteLength).set(new Uint8Array(mine.buffer, mine.byteOffset, mine.byteLength))
      meet()
      const all = Array.from({ length: size }, (_, k): TypedArray => {
        const [bytes, width] = new Int32Array(memory.places, place(k), 2)
        if (bytes !== mine.byteLength || width !== mine.BYTES_PER_ELEMENT) apart(axisName)
        const Elements = mine.constructor as new (buffer: SharedArrayBuffer, offset: number, length: number) => TypedArray
        return new Elements(memory.places, place(k) + header, mine.length)
      })
      round++
      return all
    },
  }
}
