/** What a misuse says to the programmer: the error's name and whole message. */
import { AdjointError } from 'adjoint'

/** Name and message of the library's error that `f` throws; any other outcome fails the test. */
export const thrown = (f: () => unknown): string => {
  try {
    f()
  } catch (e) {
    if (!(e instanceof AdjointError)) throw e
    return `${e.name}: ${e.message}`
  }
  throw new Error('nothing was thrown')
}

/** A value that escapes the type checker: misuse that JavaScript callers can write. */
export const untyped = (x: unknown): never => x as never
