/** The memory of a heap. Systems that give no 4 GiB of addresses at once (iOS, `ulimit -v`, containers) may give less. */
import { DeviceError, fail } from '../../core/errors.js'
import { refused } from './refusals.js'

/** Bytes of a page of WebAssembly. */
export const page = 65536
/** Pages that every memory begins with. */
const initial = 16
/** Pages below which nothing is asked for: 16 MiB. */
const least = 256

/** Bytes as people read them. */
export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`

/** Who holds the memory: ` (3 x float32[1024,1024] 12 MiB, ..., working memory 4 MiB)`, the largest kinds of values first. */
export const showUse = (
  kinds: readonly { readonly name: string; readonly count: number; readonly bytes: number }[],
  running: number,
): string => {
  const lines = kinds.slice(0, 3).map(({ name, count, bytes }) => `${count} x ${name} ${mebibytes(bytes)}`)
  const others = kinds.length > 3 ? ['...'] : []
  const rest = running > 0 ? [`working memory ${mebibytes(running)}`] : []
  return ` (${[...lines, ...others, ...rest].join(', ')})`
}

/** A memory, and how far it may grow. */
export interface Obtained {
  readonly memory: WebAssembly.Memory
  readonly shared: boolean
  /** Pages of 64 KiB. */
  readonly maximum: number
}

const attempt = (shared: boolean, maximum: number): Obtained | null => {
  try {
    return { memory: new WebAssembly.Memory({ initial, maximum, ...(shared ? { shared } : {}) }), shared, maximum }
  } catch {
    return null
  }
}

/**
 * A memory of at most `most` pages, or of half as many, and so on; one that threads cannot share where none can be shared.
 *
 * @throws DeviceError when the system gives none.
 */
export const obtain = (shared: boolean, most: number): Obtained => {
  for (const kind of shared ? [true, false] : [false])
    for (let pages = most; pages >= Math.min(least, most); pages = Math.floor(pages / 2)) {
      const got = attempt(kind, pages)
      if (got === null) continue
      if (kind !== shared) refused('on one thread, because the system refuses memory that threads share')
      if (pages < most) refused(`with ${mebibytes(pages * page)} of memory at most, because the system refuses ${mebibytes(most * page)}`)
      return got
    }
  return fail(DeviceError, 'the system refuses WebAssembly memory, even 16 MiB', {
    fix: "configure({ backend: 'reference' }), or a larger limit",
  })
}
