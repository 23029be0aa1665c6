/** What a step of *Deep Learning from Scratch 3* is here: a title, and a program that gives the lines it prints. */
import type { Nested, Tensor } from 'adjoint'
import { np } from 'adjoint'

/** How a step runs. */
export interface Options {
  /** Fewer iterations, no files: seconds instead of minutes for all sixty. */
  readonly short: boolean
  /** A directory with the four files of MNIST. */
  readonly data?: string
  /** A directory for pictures; none are written without it. */
  readonly out?: string
}

/** One step. */
export interface Step {
  readonly title: string
  readonly run: (options: Options) => readonly string[] | Promise<readonly string[]>
}

/** Numbers as a float64 tensor: what NumPy, and so DeZero, makes of them. */
export const float64 = (values: Nested): Tensor => np.array(values, { dtype: 'float64' })

/** Values as the lines that `print` makes of them. */
export const lines = (...values: readonly unknown[]): readonly string[] => values.map(String)

/** The first line of the error that `f` throws. */
export const refusal = (f: () => unknown): string => {
  try {
    return `no error: ${String(f())}`
  } catch (error) {
    return String(error).split('\n')[0]!
  }
}
