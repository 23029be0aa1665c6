/** Counting live buffers, for tests that memory returns to where it was. */

const seen = new WeakSet<object>()
const live = { count: 0, bytes: 0 }
const registry = new FinalizationRegistry<number>((bytes) => {
  live.count--
  live.bytes -= bytes
})

/** Counts `buffer` until it is collected; once, however often it is given. */
export const track = (buffer: unknown, bytes: number): void => {
  if (typeof buffer !== 'object' || buffer === null || seen.has(buffer)) return
  seen.add(buffer)
  live.count++
  live.bytes += bytes
  registry.register(buffer, bytes)
}

/** Buffers that evaluation made while tracking was on, not yet collected. */
export const tracked = (): { readonly count: number; readonly bytes: number } => ({ count: live.count, bytes: live.bytes })
