/** The threads of the backend: workers that share chunks of a range with the main thread. */
import { DeviceError, fail } from '../../../core/errors.js'
import type { Heap } from '../heap.js'
import type { Kernel } from '../kernel.js'
import { canShare } from '../host.js'
import { refused } from '../refusals.js'
import { spawn, type Hand } from './spawn.js'
import { controlBytes, word } from './worker.js'

/** Bytes of scratch that every thread has to itself. */
export const ownBytes = 1 << 20

/** From how many nanoseconds of work on threads are worth waking. */
const worthWaking = 30_000
/** Nanoseconds of such work after which they are worth starting, which takes longer than the first call of most programs. */
const worthStarting = 10_000_000

/** How long a worker may be at one chunk before it is taken for dead, in ms. */
const patience = 20_000

/** Threads over one heap. */
export interface Team {
  /** Scratch of the main thread. */
  readonly own: number
  /** Runs `kernel(args, begin, end)` over `0..total` in chunks of `grain`; `cost` is in nanoseconds per index. */
  readonly sweep: (kernel: Kernel, args: number, total: number, grain: number, cost: number) => void
  /** Threads to use from now on, the main one included. */
  readonly limit: (threads: number) => void
  /** Workers that have started. */
  readonly workers: () => number
}

/** Workers with their control block; when one of them ends, all do, and the next work finds new ones. */
interface Crew {
  readonly control: number
  readonly hands: Hand[]
  /** Modules that were given to all of them. */
  readonly given: Set<number>
}

const alone = (kernel: Kernel, args: number, total: number, grain: number): void => {
  for (let begin = 0; begin < total; begin += grain) kernel.call(args, begin, Math.min(total, begin + grain))
}

/** Threads over `heap`: none are started before there is work for them. */
export const createTeam = (heap: Heap): Team => {
  const own = heap.alloc(ownBytes)
  let possible = heap.shared && canShare()
  let allowed = 0
  let crew: Crew | null = null
  let ticket = 0
  /** Nanoseconds of work that threads would have shared. */
  let done = 0

  const assemble = (): Crew => {
    const control = heap.alloc(controlBytes)
    heap.view('int32', control, controlBytes / 4).fill(0)
    return { control, hands: [], given: new Set() }
  }
  const dismiss = (c: Crew): void => {
    if (crew === c) crew = null
    for (const hand of c.hands) hand.stop()
  }
  /** Workers are not asked for again. */
  const giveUp = (why: string): void => {
    possible = false
    allowed = 0
    refused(`on one thread, because ${why}`)
  }
  /** The crew with all its hands; `null` when there are none to be had. */
  const recruit = (c: Crew): Crew | null => {
    while (c.hands.length < allowed) {
      const scratch = heap.alloc(ownBytes)
      let present = true
      const gone = (why: string): void => {
        if (!present) return
        present = false
        heap.free(scratch, ownBytes)
        // Those that never began will not begin the next time; those that did may have been ended.
        if (crew === c && heap.view('int32', c.control, controlBytes / 4)[word.ready] === 0) giveUp(why)
        dismiss(c)
      }
      const hand = spawn({ memory: heap.memory, control: c.control, own: scratch, index: c.hands.length }, gone)
      if (typeof hand === 'string') {
        heap.free(scratch, ownBytes)
        allowed = c.hands.length
        if (allowed === 0) {
          dismiss(c)
          giveUp(hand)
        }
      } else {
        c.hands.push(hand)
        c.given.clear()
      }
    }
    return c.hands.length === 0 ? null : c
  }
  const lost = (c: Crew): never => {
    dismiss(c)
    return fail(DeviceError, 'wasm: a worker thread did not finish its part of a computation', {
      fix: 'run it again: the next computation starts new threads; configure({ threads: 1 }) does without',
    })
  }
  const finish = (c: Crew, words: Int32Array): void => {
    let since = 0
    for (let spins = 1; Atomics.load(words, word.active) !== 0; spins++) {
      if (spins % 0x100000 !== 0) continue
      const now = performance.now()
      if (since === 0) since = now
      else if (now - since > patience) lost(c)
    }
    if (Atomics.exchange(words, word.failed, 0) !== 0) lost(c)
  }

  return {
    own,
    sweep: (kernel, args, total, grain, cost) => {
      const work = total * cost
      if (!possible || allowed === 0 || work < worthWaking || total <= grain) return alone(kernel, args, total, grain)
      if (crew === null || crew.hands.length < allowed) {
        done += work
        if (done >= worthStarting) crew = recruit(crew ?? assemble())
        if (crew === null) return alone(kernel, args, total, grain)
      }
      const c = crew
      const words = heap.view('int32', c.control, controlBytes / 4) as Int32Array
      if (words[word.ready] === 0) return alone(kernel, args, total, grain)
      const { id, address, length, compiled } = kernel.module.shared()
      if (compiled !== null && !c.given.has(id)) {
        c.given.add(id)
        for (const hand of c.hands) hand.give(id, compiled)
      }
      words[word.module] = id
      words[word.address] = address
      words[word.length] = length
      words[word.function] = kernel.index
      words[word.args] = args
      words[word.total] = total
      words[word.grain] = grain
      words[word.allowed] = allowed
      Atomics.store(words, word.next, 0)
      ticket = (ticket % 0x3fffffff) + 1
      Atomics.store(words, word.open, ticket)
      Atomics.store(words, word.ticket, ticket)
      if (Atomics.load(words, word.sleepers) > 0) Atomics.notify(words, word.ticket)
      const count = Math.ceil(total / grain)
      try {
        for (let k = Atomics.add(words, word.next, 1); k < count; k = Atomics.add(words, word.next, 1))
          kernel.call(args, k * grain, Math.min(total, (k + 1) * grain))
      } finally {
        Atomics.store(words, word.open, 0)
        finish(c, words)
      }
    },
    limit: (threads) => {
      allowed = possible ? threads - 1 : 0
    },
    workers: () => (crew === null ? 0 : heap.view('int32', crew.control, controlBytes / 4)[word.ready]!),
  }
}
