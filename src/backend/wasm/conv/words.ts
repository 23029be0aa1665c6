/** Argument blocks as words: the head, then tables. */
import { field, headWords, type Field } from './fields.js'

/** A block in the making. */
export interface Words {
  readonly set: (name: Field, value: number) => void
  /** Appends a table of `xs` times `scale`; gives its place in bytes. */
  readonly table: (xs: readonly number[], scale?: number) => number
  readonly done: () => Int32Array
}

/** A block of zeros, without tables. */
export const emptyBlock = (): Words => {
  const words: number[] = new Array<number>(headWords).fill(0)
  return {
    set: (name, value) => {
      words[field[name]] = value
    },
    table: (xs, scale = 1) => {
      const at = words.length * 4
      for (const x of xs) words.push(x * scale)
      return at
    },
    done: () => Int32Array.from(words),
  }
}
