/** One file from one server, added to what there is of it: within bounds of time and size, whatever the server answers. */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { ServerAnswer, Cancellation, World } from './capabilities.js'
import type { DataFault } from './fault.js'
import { fault, tooLarge } from './fault.js'

/** How far a download has come. */
export interface DownloadProgress {
  readonly url: string
  /** Bytes there are, those of an earlier attempt included. */
  readonly received: number
  /** Bytes there will be, when the server says so. */
  readonly total: number | null
  /** Milliseconds since this attempt began. */
  readonly elapsed: number
}

/** What a download may take. */
export interface Bounds {
  /** Milliseconds in which nothing arrives. */
  readonly timeout: number
  readonly maxBytes: number
  readonly signal: Cancellation | undefined
}

/** The fault of a download that is called off. */
export const aborted = (what: string): DataFault => fault('Aborted', `${what}: the download was called off`)

/** Timers hold no more; what is longer is no bound. */
const longestTimer = 2 ** 31 - 1

/** What comes of `task`, unless it takes too long or is called off. */
const inTime = <A>(url: string, task: Promise<A>, { timeout, signal }: Bounds): Promise<E.Either<DataFault, A>> =>
  new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    }
    const stop = (): void => {
      end()
      resolve(E.left(aborted(url)))
    }
    const late = (): void => {
      end()
      resolve(E.left(fault('Offline', `${url}: nothing came for ${timeout} ms`)))
    }
    const timer = timeout > longestTimer ? undefined : setTimeout(late, timeout)
    if (signal?.aborted === true) {
      task.catch(() => undefined)
      stop()
      return
    }
    signal?.addEventListener('abort', stop)
    task.then(
      (a) => {
        end()
        resolve(E.right(a))
      },
      (error: unknown) => {
        end()
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })

/** Bytes of a file; 0 when there is none. */
const lengthOf = (path: string, { sizeOf }: World): TE.TaskEither<DataFault, number> =>
  pipe(
    sizeOf(path),
    TE.orElse((f) => (f._tag === 'NotFound' ? TE.right(0) : TE.left(f))),
  )

/** Where an answer begins in the file: a server that does not say so begins where it was asked to, or at the start. */
const startOf = ({ status, from }: ServerAnswer, have: number): number => (status === 206 ? (from ?? have) : 0)

/** Adds to `part` what `url` has beyond it. A part that cannot be continued with what comes is removed. */
export const receive = async (
  url: string,
  part: string,
  bounds: Bounds,
  world: World,
  onProgress: (progress: DownloadProgress) => void,
): Promise<E.Either<DataFault, void>> => {
  const hangUp = new AbortController()
  try {
    return await answered(url, part, bounds, world, onProgress, hangUp.signal)
  } catch (error) {
    return E.left(fault('Offline', `${url}: ${error instanceof Error ? error.message : String(error)}`))
  } finally {
    hangUp.abort()
  }
}

const answered = async (
  url: string,
  part: string,
  bounds: Bounds,
  world: World,
  onProgress: (progress: DownloadProgress) => void,
  hangUp: AbortSignal,
): Promise<E.Either<DataFault, void>> => {
  const begin = world.now()
  const size = await lengthOf(part, world)()
  if (E.isLeft(size)) return size
  const have = size.right
  const got = await inTime(url, world.request(url, have, hangUp)(), bounds)
  if (E.isLeft(got)) return got
  if (E.isLeft(got.right)) return got.right
  const answer = got.right.right
  // What is there is all there is (or is not this file at all: the checksum will tell).
  if (answer.status === 416 && have > 0) return E.right(undefined)
  if (answer.status !== 200 && answer.status !== 206) return E.left(fault('Offline', `${url}: the server answers ${answer.status}`))
  const start = startOf(answer, have)
  const again = async (f: DataFault): Promise<E.Either<DataFault, never>> => {
    const removed = await world.remove(part)()
    return E.isLeft(removed) ? removed : E.left(f)
  }
  if (start > have) return again(fault('Offline', `${url}: the server answers from byte ${start} on, ${have} was asked for`))
  if (start === 0 && have > 0) {
    const removed = await world.remove(part)()
    if (E.isLeft(removed)) return removed
  }
  const total = answer.length === null ? null : start + answer.length
  if (total !== null && total > bounds.maxBytes) return again(tooLarge(url, total, bounds.maxBytes))
  let received = start
  let known = start === 0 ? 0 : have
  const items = answer.body[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await inTime(url, items.next(), bounds)
      if (E.isLeft(next)) return next
      if (next.right.done === true) break
      const bytes: Uint8Array = next.right.value
      received += bytes.length
      if (total !== null && received > total)
        return await again(fault('Offline', `${url}: more than the ${total} bytes that the server announced`))
      if (received > bounds.maxBytes) return await again(tooLarge(url, null, bounds.maxBytes))
      // A server that begins earlier than asked sends again what is there already.
      const fresh = bytes.subarray(Math.max(0, bytes.length - Math.max(0, received - known)))
      const written = fresh.length === 0 ? E.right(undefined) : await world.append(part, fresh)()
      if (E.isLeft(written)) return written
      known = Math.max(known, received)
      onProgress({ url, received: known, total, elapsed: world.now() - begin })
    }
  } catch (error) {
    return E.left(fault('Offline', `${url}: after ${received} bytes: ${error instanceof Error ? error.message : String(error)}`))
  } finally {
    // Not waited for: a body that has stalled does not end before the connection does.
    void Promise.resolve(items.return?.()).catch(() => undefined)
  }
  return total !== null && received < total
    ? E.left(fault('Offline', `${url}: ended after ${received} of ${total} bytes`))
    : E.right(undefined)
}
