/** Workers over one heap with what they share: a control block, and the modules that they were given. */
import type { Heap } from '../heap.js'
import { type Hand, spawn } from './spawn.js'
import { controlBytes } from './worker.js'

/** Bytes of scratch that every thread has to itself. */
export const ownBytes = 1 << 20

/** Workers with their control block; when one of them ends, all do, and the next work finds new ones. */
export interface Crew {
  readonly hands: readonly Hand[]
  /** Modules that were given to all of them. */
  readonly given: Set<number>
  /** The control block. */
  readonly words: () => Int32Array
  /** Starts workers until there are so many; why there are fewer, if there are. */
  readonly grow: (count: number) => string | null
  readonly stop: () => void
}

/** No workers yet; `ended` hears why, once for each that ends. */
export const createCrew = (heap: Heap, ended: (why: string) => void): Crew => {
  const control = heap.alloc(controlBytes)
  const words = (): Int32Array => heap.view('int32', control, controlBytes / 4) as Int32Array
  words().fill(0)
  const hands: Hand[] = []
  const given = new Set<number>()
  const start = (): Hand | string => {
    const own = heap.alloc(ownBytes)
    let isPresent = true
    const gone = (why: string): void => {
      if (!isPresent) return
      isPresent = false
      heap.free(own, ownBytes)
      ended(why)
    }
    const hand = spawn({ memory: heap.memory, control, own, index: hands.length }, gone)
    if (typeof hand === 'string') heap.free(own, ownBytes)
    return hand
  }
  return {
    hands,
    given,
    words,
    grow: (count) => {
      while (hands.length < count) {
        const hand = start()
        if (typeof hand === 'string') return hand
        hands.push(hand)
        given.clear()
      }
      return null
    },
    stop: () => {
      for (const hand of hands) hand.stop()
    },
  }
}
