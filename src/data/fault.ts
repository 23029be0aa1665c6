/** What can be wrong with data from outside: the `Left` of everything that loads. */
import { check, text } from '../core/check.js'

/** Kinds of faults. */
export type FaultTag =
  'NotFound' | 'Offline' | 'Aborted' | 'Unreadable' | 'Unwritable' | 'Corrupt' | 'TooLarge' | 'Unsupported' | 'Mismatch'

/** A fault of the world: a file that is missing, cut short, or not what its name says. */
export interface DataFault {
  readonly _tag: FaultTag
  /** What happened, where, and what to do. */
  readonly message: string
}

/** A fault of kind `tag`; `fix` says what to do. */
export const fault = (tag: FaultTag, what: string, fix?: string): DataFault => ({
  _tag: check('fault', 'tag', text, tag),
  message: fix === undefined ? check('fault', 'what', text, what) : `${what}\n  try: ${fix}`,
})

/** The fault as it happened in `place`. */
export const inPlace =
  (place: string) =>
  (f: DataFault): DataFault => ({ ...f, message: `${place}: ${f.message}` })

/** A file of `size` bytes where `maxBytes` are allowed. */
export const tooLarge = (path: string, size: number | null, maxBytes: number): DataFault =>
  fault(
    'TooLarge',
    `${path}: ${size === null ? '' : `${size} bytes, `}more than ${maxBytes}`,
    'a larger maxBytes, if the file is to be trusted',
  )
