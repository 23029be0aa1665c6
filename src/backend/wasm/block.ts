/**
 * Argument blocks: what the one pointer that a kernel is given leads to. Named words come first, then tables; a word that stands for a
 * table holds its place in bytes from the start of the block. A block is written once and copied into the scratch of every run.
 */
import type { Body, Ex } from './code.js'
import { i32 } from './instructions.js'

type I = Ex<'i32'>

/** The words of one kind of block: how many there are, and the position of each. */
export interface BlockLayout<W extends string> {
  readonly length: number
  readonly position: Readonly<Record<W, number>>
}

/** The layout of words in this order. */
export const layoutOf = <const W extends string>(names: readonly W[]): BlockLayout<W> => ({
  length: names.length,
  position: Object.fromEntries(names.map((name, k) => [name, k])) as Record<W, number>,
})

/** A block in the making; words that are not set are 0. */
export interface BlockDraft<W extends string> {
  readonly set: (values: Readonly<Partial<Record<W, number>>>) => void
  /** Appends a table of `xs` times `scale`; gives its place. */
  readonly table: (xs: ArrayLike<number>, scale?: number) => number
  readonly done: () => Int32Array
}

/** A block of zeros, without tables. */
export const draftOf = <W extends string>({ length: head, position }: BlockLayout<W>): BlockDraft<W> => {
  const words = new Int32Array(head)
  const tables: { readonly xs: ArrayLike<number>; readonly scale: number }[] = []
  let length = head
  return {
    set: (values) => {
      for (const name of Object.keys(values) as W[]) words[position[name]] = values[name]!
    },
    table: (xs, scale = 1) => {
      const at = length * 4
      tables.push({ xs, scale })
      length += xs.length
      return at
    },
    done: () => {
      const all = new Int32Array(length)
      all.set(words)
      let at = head
      for (const { xs, scale } of tables) for (let i = 0; i < xs.length; i++) all[at++] = xs[i]! * scale
      return all
    },
  }
}

/** Copies a block to the address `at` of the memory that `memory` views, and sets words of it. */
export const placeBlock = <W extends string>(
  memory: Int32Array,
  at: number,
  { position }: BlockLayout<W>,
  words: Int32Array,
  values: Readonly<Partial<Record<W, number>>>,
): void => {
  const first = at >>> 2
  memory.set(words, first)
  for (const name in values) memory[first + position[name]] = values[name]!
}

/** What kernels read of a block. */
export interface Arguments<W extends string> {
  readonly word: (name: W) => I
  /** The address of a table. */
  readonly table: (name: W) => I
}

/** The words of the block at `args`, loaded wherever they are used. */
export const argumentsAt = <W extends string>({ position }: BlockLayout<W>, args: I): Arguments<W> => ({
  word: (name) => i32.load(args, 4 * position[name]),
  table: (name) => i32.add(args, i32.load(args, 4 * position[name])),
})

/** The words of the block at `args`, each loaded once, at the beginning of the function. */
export const argumentsOnce = <W extends string>(b: Body, layout: BlockLayout<W>, args: I): Arguments<W> => {
  const { word, table } = argumentsAt(layout, args)
  const once = (make: (name: W) => I): ((name: W) => I) => {
    const made = new Map<W, I>()
    return (name) => {
      let x = made.get(name)
      if (x === undefined) made.set(name, (x = b.first(make(name))))
      return x
    }
  }
  return { word: once(word), table: once(table) }
}
