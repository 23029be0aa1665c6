/** What the training programs print and write. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { viz } from '../../src/index.js'

/** A fact worth a line: its name, its numbers, and how it reads. */
export interface Event {
  readonly event: string
  readonly text: string
  readonly [name: string]: unknown
}

/** Where lines go. */
export interface Report {
  /** A line that stays: text, or JSON. */
  readonly say: (event: Event) => void
  /** A line that the next one replaces; nothing when nobody watches. */
  readonly progress: (line: () => string) => void
}

/** Lines on standard output. */
export const reporter = ({ json }: { readonly json: boolean }): Report => {
  const watched = process.stdout.isTTY && !json
  return {
    say: ({ text, ...facts }) => {
      if (watched) process.stdout.write('\r\x1b[K')
      process.stdout.write(`${json ? JSON.stringify(facts) : text}\n`)
    },
    progress: (line) => {
      if (watched) process.stdout.write(`\r${line().slice(0, (process.stdout.columns || 80) - 1)}\x1b[K`)
    },
  }
}

/** The losses of training and of what was held back, as a picture. */
export const lossCurve = (
  train: readonly number[],
  held: readonly number[],
  { held: heldName = 'test', ...options }: viz.CurveOptions & { readonly held?: string } = {},
): string =>
  viz.curve(
    [
      { name: 'train', values: train },
      { name: heldName, values: held },
    ],
    { title: 'loss', ...options },
  )

/** Writes `text` as `dir/name`. */
export const write = async (report: Report, dir: string, name: string, text: string): Promise<void> => {
  await mkdir(dir, { recursive: true })
  const path = join(dir, name)
  await writeFile(path, text)
  report.say({ event: 'wrote', path, text: `wrote ${path}` })
}
