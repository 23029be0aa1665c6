/** Progress on a terminal, in a log, or for programs: one way to say it, three ways to write it. */
import { callable, check, either, flag, nonNegative, oneOf, record, text as textMeaning } from '../core/check.js'
import { recordOf } from '../core/options.js'
import type { Progress } from './progress.js'
import { progressLine } from './progress.js'

/** Where text goes: `process.stdout` is one. */
export interface Terminal {
  /** Shows text; `process.stdout` has it. */
  readonly write: (text: string) => unknown
  /** True when somebody watches: lines may be written over. */
  readonly isTTY?: boolean
  /** Letters in a line; 80. */
  readonly columns?: number
}

/** Options of `reporter`. */
export interface ReporterOptions {
  readonly terminal: Terminal
  /** Milliseconds of a clock that never goes back; the platform's by default. */
  readonly now?: () => number
  /** Milliseconds between two progress lines: 100; as JSON 1000. The last one of a job is always written. */
  readonly interval?: number
  /** One JSON object a line, of progress too, for programs to read. */
  readonly json?: boolean
}

/** Says how a job goes. */
export interface Reporter {
  /** How far it is; the seconds are counted here, from the first word about a job of this name. */
  readonly progress: (at: Omit<Progress, 'seconds'>) => void
  /** A line that stays: text for people, and its numbers for programs. */
  readonly line: (text: string, values?: Readonly<Record<string, unknown>>) => void
  /** Wipes a progress line away. */
  readonly end: () => void
}

/** Integers beyond JSON's numbers as text. */
const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

const reporterOf = recordOf<ReporterOptions>(
  {
    terminal: {
      says: 'a terminal',
      fix: 'process.stdout, or { write: (text) => ... }',
      accepts: (x) => typeof x === 'object' && x !== null && 'write' in x && typeof x.write === 'function',
    },
    now: callable,
    interval: nonNegative,
    json: flag,
  },
  ['terminal'],
)

/**
 * A reporter for a terminal: on one that is watched, progress is a line that the next one replaces; elsewhere it is quiet; and with
 * `json` every line is an object, `{"progress":"epoch 1","done":3,"total":10,"seconds":0.5,"loss":0.25}`.
 *
 * @example
 * const lines: string[] = []
 * const say = viz.reporter({ terminal: { write: (text) => lines.push(text), isTTY: false }, now: () => 0 })
 * say.progress({ done: 1, total: 10 })
 * say.line('epoch 1: loss 0.5')
 * lines   // ["epoch 1: loss 0.5\n"]
 */
export const reporter = (options: ReporterOptions): Reporter => {
  const { terminal, now = () => performance.now(), json = false, interval = json ? 1000 : 100 } = reporterOf('reporter', options)
  let job: { readonly name: string | undefined; readonly start: number; readonly done: number } | undefined
  let written = -Infinity
  let shown = false
  const clear = (): void => {
    if (shown) terminal.write('\r\x1b[K')
    shown = false
  }
  const object = (fields: Readonly<Record<string, unknown>>): void => {
    terminal.write(`${JSON.stringify(fields, plain)}\n`)
  }
  return {
    progress: (at) => {
      check('progress', 'at', record, at)
      check('progress', 'at.done', nonNegative, at.done)
      check('progress', 'at.total', nonNegative, at.total)
      const time = now()
      const same = job !== undefined && job.name === at.name && job.done <= at.done
      job = { name: at.name, start: same ? job!.start : time, done: at.done }
      if (!same) written = -Infinity
      if ((!json && terminal.isTTY !== true) || (time - written < interval && at.done < at.total)) return
      written = time
      const seconds = (time - job.start) / 1000
      if (json) object({ progress: at.name ?? '', done: at.done, total: at.total, seconds, ...at.values })
      else {
        const line = progressLine({ ...at, seconds })
        terminal.write(`\r${line.slice(0, Math.max(0, (terminal.columns ?? 80) - 1))}\x1b[K`)
        shown = true
      }
    },
    line: (text, values) => {
      check('line', 'text', textMeaning, text)
      check('line', 'values', either(record, oneOf(undefined)), values)
      clear()
      if (json) object({ message: text, ...values })
      else terminal.write(`${text}\n`)
    },
    end: clear,
  }
}
