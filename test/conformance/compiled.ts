/** How a case is evaluated: as it stands, or as a compiled Program of its tensors. */
import type { Tensor } from '../../src/index.js'
import { jit } from '../../src/index.js'
import { alike, take, type Taken } from '../taken.js'

/** Gives a function as it is to be called. */
export type Through = <A extends readonly unknown[], R>(f: (...args: A) => R) => (...args: A) => R

/** The function itself. */
export const eagerly: Through = (f) => f

/**
 * The function through `jit`: tensors anywhere in its arguments are inputs, tensors anywhere in its result are outputs.
 * What was compiled serves again while nothing but tensors changes.
 */
export const compiled: Through = <A extends readonly unknown[], R>(f: (...args: A) => R) => {
  let form: ((tensors: readonly Tensor[]) => R) | null = null
  let made: readonly unknown[] = []
  const compile = ({ refilled }: Taken): ((tensors: readonly Tensor[]) => R) => {
    let result: Taken | null = null
    const run = jit((...inputs: readonly Tensor[]): readonly Tensor[] => {
      result = take([f(...(refilled(inputs) as unknown as A))])
      return result.tensors
    })
    return (tensors) => {
      const outputs = run(...tensors)
      return result!.refilled(outputs)[0] as R
    }
  }
  return (...args: A): R => {
    const taken = take(args)
    if (form === null || taken.fixed === null || !alike(taken.fixed, made)) [form, made] = [compile(taken), taken.fixed ?? []]
    return form(taken.tensors)
  }
}
