/**
 * Names that no other writer has, in this process or another: the time, then 64 random bits. The time is there so that what a killed
 * writer left behind can be told from what a writer is still busy with, by its name alone and on any file system.
 */

/** Milliseconds after which nobody is still writing a file: the longest single write takes minutes. */
const abandoned = 3_600_000

/** A part of a name: `mb0x2k1f-9c41d2e07ab35f68`. */
export const unique = (now: number = Date.now()): string => {
  const bits = globalThis.crypto.getRandomValues(new Uint32Array(2))
  return `${now.toString(36)}-${Array.from(bits, (word) => word.toString(16).padStart(8, '0')).join('')}`
}

/** What `unique` makes, as the source of a regular expression: its first group is the time. */
export const uniquePattern = '([0-9a-z]{8,9})-[0-9a-f]{16}'

/** True for the time of a name that was made so long ago that its writer is gone. */
export const isAbandoned = (time: string, now: number = Date.now()): boolean => now - parseInt(time, 36) > abandoned

const temporary = new RegExp(`\\.${uniquePattern}\\.tmp$`)

/** The name under which the file at `path` is written before it gets its own. */
export const temporaryOf = (path: string): string => `${path}.${unique()}.tmp`

/** What `name` is the temporary name of, and whether its writer is gone; null for other names. */
export const temporaryFor = (name: string): { readonly target: string; readonly abandoned: boolean } | null => {
  const found = temporary.exec(name)
  return found === null ? null : { target: name.slice(0, found.index), abandoned: isAbandoned(found[1]!) }
}
