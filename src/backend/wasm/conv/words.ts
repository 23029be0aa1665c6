/** Argument blocks as words: the head, then tables. */
import { field, headWords, type Field } from './fields.js'

/** Offsets in elements, or other integers of a table. */
export type Offsets = Int32Array

/** Offsets from numbers. */
export const offsets = (xs: readonly number[]): Offsets => Int32Array.from(xs)

/** `count` copies of `xs` one after the other, the `k`-th `k * step` further on. */
export const repeated = (xs: Offsets, count: number, step: number): Offsets => {
  if (count === 1) return xs
  const all = new Int32Array(count * xs.length)
  for (let k = 0, at = 0; k < count; k++) for (let i = 0; i < xs.length; i++) all[at++] = k * step + xs[i]!
  return all
}

/** Offsets, the last repeated until there are a multiple of `width`. */
export const filled = (xs: Offsets, width: number): Offsets => {
  const length = Math.ceil(xs.length / width) * width
  if (length === xs.length) return xs
  const all = new Int32Array(length).fill(xs[xs.length - 1]!)
  all.set(xs)
  return all
}

/** A block in the making. */
export interface Words {
  readonly set: (name: Field, value: number) => void
  /** Appends a table of `xs` times `scale`; gives its place in bytes. */
  readonly table: (xs: Offsets, scale?: number) => number
  readonly done: () => Int32Array
}

/** A block of zeros, without tables. */
export const emptyBlock = (): Words => {
  const head = new Int32Array(headWords)
  const tables: Offsets[] = []
  let length = headWords
  return {
    set: (name, value) => {
      head[field[name]] = value
    },
    table: (xs, scale = 1) => {
      const at = length * 4
      tables.push(scale === 1 ? xs : xs.map((x) => x * scale))
      length += xs.length
      return at
    },
    done: () => {
      const words = new Int32Array(length)
      words.set(head)
      let at = headWords
      for (const t of tables) {
        words.set(t, at)
        at += t.length
      }
      return words
    },
  }
}
