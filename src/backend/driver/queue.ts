/**
 * Machines that answer later (in-order queues, futures): an executable returns handles at once. Work runs inside the call while nothing
 * waits; else it queues behind what does, as a function over cells whose places are not known yet.
 */
import { DeviceError, DonatedError, message } from '../../core/errors.js'
import type { Executable } from '../../compile/backend.js'
import type { Allocator, Code } from './allocator.js'
import type { Later, Soon } from './later.js'
import { andThen } from './later.js'

/** Where a value lies. */
interface Cell<A> {
  /** `null` before it is made, and after it is given away or freed. */
  place: A | null
  readonly bytes: number
  /** Why it was never made. */
  failure: Error | null
}

/** What a tensor's buffer is on such a machine. When it is collected, its block is freed behind the work that was asked for before. */
export interface Handle<A> {
  readonly cell: Cell<A>
}

/** Jobs in the order in which they were asked for. */
export interface Queue {
  /** Runs a job: inside the call where nothing waits, else when everything asked for before is done. A job reports its own failure, asks for no other, and does not wait for the queue. */
  readonly enqueue: (job: () => Later) => void
  /** True when nothing waits. */
  readonly idle: () => boolean
}

/** An empty queue. */
export const createQueue = (): Queue => {
  /** The end of the last job; `null` when there is none under way. */
  let tail: Promise<void> | null = null
  const append = (job: Promise<void>): void => {
    const mine: Promise<void> = job.then(() => {
      if (tail === mine) tail = null
    })
    tail = mine
  }
  return {
    enqueue: (job) => {
      if (tail !== null) return append(tail.then(job))
      const later = job()
      if (later instanceof Promise) append(later)
    },
    idle: () => tail === null,
  }
}

/** Values behind handles, on a machine whose blocks are `memory`'s. */
export interface Handles<A> {
  /** The handle of a block, which becomes its own. */
  readonly own: (place: A, bytes: number) => Handle<A>
  /** What `from` makes of the value of a handle, when all that was asked for before is done; rejects with the first cause where the value failed. */
  readonly read: <T>(handle: Handle<A>, from: (place: A) => Soon<T>) => Promise<T>
  /** The executable of a Program with outputs of so many bytes, whose inputs at positions `donate` become its own. */
  readonly executable: (code: Code<A>, outputBytes: readonly number[], donate: readonly number[]) => Executable
}

const given = (): Error =>
  new DonatedError(
    message('the memory of this tensor was donated to a jitted function', {
      fix: 'use the value that the function returned, or do not donate this argument',
    }),
  )
const errorOf = (cause: unknown): Error => (cause instanceof Error ? cause : new DeviceError(String(cause)))

/** Why an input has no value; `null` when it has one. */
const missing = <A>({ failure, place }: Cell<A>): Error | null => failure ?? (place === null ? given() : null)

/** Handles whose work runs in `queue`. */
export const createHandles = <A>(queue: Queue, memory: Allocator<A>): Handles<A> => {
  const free = (cell: Cell<A>): void => {
    if (cell.place !== null) memory.free(cell.place, cell.bytes)
    cell.place = null
  }
  // Behind what was asked for before: a value that is still to be read keeps its block, whoever holds its handle.
  const collected = new FinalizationRegistry<Cell<A>>((cell) => {
    queue.enqueue(() => {
      free(cell)
    })
  })
  const handleOf = (cell: Cell<A>): Handle<A> => {
    const handle = { cell }
    collected.register(handle, cell)
    return handle
  }
  const empty = (bytes: number): Handle<A> => handleOf({ place: null, bytes, failure: null })

  const executable = (code: Code<A>, outputBytes: readonly number[], donate: readonly number[]): Executable => {
    /** The inputs' addresses. Donated cells give up theirs now, not when the call was made: what was asked for before still reads them. */
    const enter = (inputs: readonly Cell<A>[]): readonly A[] => {
      const places = inputs.map(({ place }) => place!)
      for (const k of donate) inputs[k]!.place = null
      return places
    }
    const leave = (outputs: readonly Cell<A>[], places: readonly A[]): void => {
      outputs.forEach((cell, k) => {
        cell.place = places[k]!
      })
    }
    const run = (inputs: readonly Cell<A>[], outputs: readonly Cell<A>[]): Later => {
      const spoil = (failure: Error): void => {
        for (const cell of outputs) cell.failure = failure
        // Nobody can ask for what was donated any more.
        for (const k of donate) free(inputs[k]!)
      }
      const failed = inputs.map(missing).find((f) => f !== null)
      if (failed !== undefined) return spoil(failed)
      const places = enter(inputs)
      const lost: number[] = []
      const giveUp = (cause: unknown): void => {
        for (const k of donate) if (!lost.includes(k)) inputs[k]!.place = places[k]!
        spoil(errorOf(cause))
      }
      try {
        const done = andThen(code(places, lost), (made) => {
          leave(outputs, made)
        })
        return done instanceof Promise ? done.catch(giveUp) : done
      } catch (cause) {
        return giveUp(cause)
      }
    }
    return (buffers) => {
      const inputs = buffers as readonly Handle<A>[]
      const outputs = outputBytes.map(empty)
      // The job holds the handles, not only their cells: none is collected before it has run.
      queue.enqueue(() =>
        run(
          inputs.map((h) => h.cell),
          outputs.map((h) => h.cell),
        ),
      )
      return outputs
    }
  }

  return {
    own: (place, bytes) => handleOf({ place, bytes, failure: null }),
    read: async (handle, from) =>
      new Promise((resolve, reject) => {
        queue.enqueue(() => {
          const failed = missing(handle.cell)
          if (failed !== null) return reject(failed)
          try {
            const value = from(handle.cell.place!)
            if (value instanceof Promise) return value.then(resolve, reject)
            resolve(value)
          } catch (cause) {
            reject(errorOf(cause))
          }
        })
      }),
    executable,
  }
}
