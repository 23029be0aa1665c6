/** Calls of users' functions while a Program runs: their names and their errors. */
import { describe } from '../core/describe.js'
import { fail, ValueError } from '../core/errors.js'

/** What errors call a function. */
export const labelOf = (f: { readonly name: string }): string => (f.name === '' ? 'f' : f.name)

const said = (error: unknown): string => {
  const { name, message } = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>
  if (typeof message !== 'string') return describe(error)
  return `${typeof name === 'string' ? name : 'Error'}: ${message.split('\n')[0]!}`
}

/** What `run` gives, which calls the user's function `label` for `caller`. @throws ValueError with what it threw as its cause */
export const callUser = <R>(caller: string, label: string, run: () => R): R => {
  try {
    return run()
  } catch (error) {
    return fail(ValueError, `${caller}: ${label} threw ${said(error)}`, { cause: error, fix: 'error.cause is what it threw' })
  }
}
