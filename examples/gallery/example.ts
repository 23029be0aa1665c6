/** What the programs of the gallery have in common: options in; figures and a picture out. */
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { data } from '../../src/index.js'

/** How to run an example. Each has defaults of its own, and reads what it has a use for. */
export interface Options {
  /** The seed of every draw. */
  readonly seed: number
  /** How long: updates, epochs or draws. */
  readonly steps?: number | undefined
  /** Directory of MNIST's four files; generated pictures without it. */
  readonly data?: string | undefined
  /** File of trained weights, `.npz` or `.safetensors`. */
  readonly weights?: string | undefined
  /** Image file whose things are kept (style transfer). */
  readonly content?: string | undefined
  /** Image file whose manner is taken (style transfer). */
  readonly style?: string | undefined
}

/** What an example found out. */
export interface Result {
  /** Numbers by what they mean. */
  readonly figures: Readonly<Record<string, number>>
  /** An SVG. */
  readonly picture?: string
}

/** A program of the gallery. */
export interface Example {
  /** One sentence. */
  readonly about: string
  readonly run: (options: Options) => TE.TaskEither<data.DataFault, Result>
}
