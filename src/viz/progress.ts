/** One line that says how far a job is. */
import { check, nonNegative, record, text } from '../core/check.js'
import { optionsOf } from '../core/options.js'

/** Where a job stands. */
export interface Progress {
  /** Units done and in all. */
  readonly done: number
  readonly total: number
  /** Seconds since the start. */
  readonly seconds: number
  /** What is being done: `epoch 3/10`. */
  readonly name?: string
  /** Numbers to show: `{ loss: 0.1234 }`. */
  readonly values?: Readonly<Record<string, number>>
}

/** `75` as `1:15`, an hour as `1:00:00`. */
const clock = (seconds: number): string => {
  const s = Math.max(0, Math.round(seconds))
  const two = (n: number): string => String(n).padStart(2, '0')
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
}

const lines = optionsOf<Progress>({ done: nonNegative, total: nonNegative, seconds: nonNegative, name: text, values: record })

/**
 * The line: name, bar, count, rate, time left, values. Pure: writing it, and keeping quiet when nobody watches, is the caller's.
 *
 * @example
 * viz.progressLine({ done: 30, total: 100, seconds: 10, name: 'epoch 1/5', values: { loss: 0.5 } })
 * // 'epoch 1/5 [######--------------] 30/100 3.0/s 0:23 left loss 0.5000'
 */
export const progressLine = (progress: Progress): string => {
  const { done, total, seconds, name, values = {} } = check('progressLine', 'progress', record, lines('progressLine', progress))
  check('progressLine', 'done', nonNegative, done)
  check('progressLine', 'total', nonNegative, total)
  check('progressLine', 'seconds', nonNegative, seconds)
  const fraction = total > 0 ? Math.min(1, done / total) : 1
  const filled = Math.round(20 * fraction)
  const rate = seconds > 0 ? done / seconds : 0
  const left = rate > 0 ? `${clock((total - done) / rate)} left` : ''
  return [
    ...(name === undefined ? [] : [name]),
    `[${'#'.repeat(filled)}${'-'.repeat(20 - filled)}]`,
    `${done}/${total}`,
    `${rate.toFixed(1)}/s`,
    ...(left === '' ? [] : [left]),
    ...Object.entries(values).map(([key, v]) => `${key} ${v.toFixed(4)}`),
  ].join(' ')
}
