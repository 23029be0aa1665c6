/** The threads of the backend: workers that share chunks of a range with the main thread. */
import { DeviceError, fail } from '../../../core/errors.js'
import type { Heap } from '../heap.js'
import type { Kernel, SharedModule } from '../kernel.js'
import { canShare } from '../host.js'
import { refused } from '../refusals.js'
import { type Crew, createCrew, ownBytes } from './crew.js'
import { word } from './worker.js'

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

const alone = (kernel: Kernel, args: number, total: number, grain: number): void => {
  for (let begin = 0; begin < total; begin += grain) kernel.call(args, begin, Math.min(total, begin + grain))
}

/** Says to the workers what to run: the ticket is written last, and wakes them. */
const publish = (words: Int32Array, { module, index }: Kernel, args: number, total: number, grain: number, ticket: number): void => {
  const { id, address, length } = module.shared()
  words[word.module] = id
  words[word.address] = address
  words[word.length] = length
  words[word.function] = index
  words[word.args] = args
  words[word.total] = total
  words[word.grain] = grain
  Atomics.store(words, word.next, 0)
  Atomics.store(words, word.open, ticket)
  Atomics.store(words, word.ticket, ticket)
  if (Atomics.load(words, word.sleepers) > 0) Atomics.notify(words, word.ticket)
}

/** Waits until every worker is done with what was published; `false` when one failed or does not end. */
const isFinished = (words: Int32Array): boolean => {
  let since = 0
  for (let spins = 1; Atomics.load(words, word.active) !== 0; spins++) {
    if (spins % 0x100000 !== 0) continue
    const now = performance.now()
    if (since === 0) since = now
    else if (now - since > patience) return false
  }
  return Atomics.exchange(words, word.failed, 0) === 0
}

/** Runs chunks on this thread until none is left. */
const takePart = (words: Int32Array, kernel: Kernel, args: number, total: number, grain: number): void => {
  const count = Math.ceil(total / grain)
  for (let k = Atomics.add(words, word.next, 1); k < count; k = Atomics.add(words, word.next, 1))
    kernel.call(args, k * grain, Math.min(total, (k + 1) * grain))
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

  const dismiss = (c: Crew): void => {
    if (crew === c) crew = null
    c.stop()
  }
  /** Workers are not asked for again. */
  const giveUp = (why: string): void => {
    possible = false
    allowed = 0
    refused(`on one thread, because ${why}`)
  }
  const assemble = (): Crew => {
    const c = createCrew(heap, (why) => {
      // Those that never began will not begin the next time; those that did may have been ended.
      if (crew === c && c.words()[word.ready] === 0) giveUp(why)
      dismiss(c)
    })
    return c
  }
  /** The crew with all its hands; `null` when there are none to be had. */
  const recruit = (c: Crew): Crew | null => {
    const why = c.grow(allowed)
    if (why !== null) allowed = c.hands.length
    if (why !== null && allowed === 0) {
      dismiss(c)
      giveUp(why)
    }
    return c.hands.length === 0 ? null : c
  }
  const lost = (c: Crew): never => {
    dismiss(c)
    return fail(DeviceError, 'wasm: a worker thread did not finish its part of a computation', {
      fix: 'run it again: the next computation starts new threads; configure({ threads: 1 }) does without',
    })
  }
  /** The crew, once it is worth starting and ready to work. */
  const crewFor = (work: number): Crew | null => {
    if (crew === null || crew.hands.length < allowed) {
      done += work
      if (done >= worthStarting) crew = recruit(crew ?? assemble())
    }
    return crew === null || crew.words()[word.ready] === 0 ? null : crew
  }
  /** Hands a module that was compiled here to those who cannot compile it. */
  const hand = ({ given, hands }: Crew, { id, compiled }: SharedModule): void => {
    if (compiled === null || given.has(id)) return
    given.add(id)
    for (const worker of hands) worker.give(id, compiled)
  }

  return {
    own,
    sweep: (kernel, args, total, grain, cost) => {
      const work = total * cost
      if (!possible || allowed === 0 || work < worthWaking || total <= grain) return alone(kernel, args, total, grain)
      const c = crewFor(work)
      if (c === null) return alone(kernel, args, total, grain)
      const words = c.words()
      hand(c, kernel.module.shared())
      words[word.allowed] = allowed
      ticket = (ticket % 0x3fffffff) + 1
      publish(words, kernel, args, total, grain, ticket)
      try {
        takePart(words, kernel, args, total, grain)
      } finally {
        Atomics.store(words, word.open, 0)
        if (!isFinished(words)) lost(c)
      }
    },
    limit: (threads) => {
      allowed = possible ? threads - 1 : 0
    },
    workers: () => (crew === null ? 0 : crew.words()[word.ready]!),
  }
}
