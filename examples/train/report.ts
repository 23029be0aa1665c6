/** What the training programs print and write. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { viz } from '../../src/index.js'
import type { Epoch } from './fit.js'

/** Shows a line that the next one replaces; nothing when the output is a file or a pipe. */
export const transient = (line: string): void => {
  if (process.stdout.isTTY) process.stdout.write(`\r${line.slice(0, (process.stdout.columns || 80) - 1)}\x1b[K`)
}

/** Prints a line that stays. */
export const print = (line: string): void => {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K')
  process.stdout.write(`${line}\n`)
}

/** One epoch as a line. */
export const epochLine = ({ train, test, seconds }: Epoch, number: number, epochs: number): string =>
  `epoch ${String(number).padStart(String(epochs).length)}/${epochs}  ` +
  `train loss ${train.loss.toFixed(4)} accuracy ${train.accuracy.toFixed(4)}  ` +
  `test loss ${test.loss.toFixed(4)} accuracy ${test.accuracy.toFixed(4)}  ${seconds.toFixed(1)} s`

/** The losses of all epochs as a picture. */
export const lossCurve = (epochs: readonly Epoch[]): string =>
  viz.curve(
    [
      { name: 'train', values: epochs.map((e) => e.train.loss) },
      { name: 'test', values: epochs.map((e) => e.test.loss) },
    ],
    { title: 'loss' },
  )

/** Writes `text` as `dir/name`; the path. */
export const write = async (dir: string, name: string, text: string): Promise<string> => {
  await mkdir(dir, { recursive: true })
  const path = join(dir, name)
  await writeFile(path, text)
  return path
}
