/**
 * Work that may have to wait (promises that cost nothing where nobody waits): a machine that answers at once runs the same text as one that
 * answers later, stays synchronous, and pays one test per step.
 */
import { DeviceError, fail } from '../../core/errors.js'

/** What is there now, or later. */
export type Soon<T> = T | Promise<T>

/** Work that is done when it returns, or when its promise resolves. */
export type Later = Soon<void>

/** Goes on with a value: at once where it is there. (A module that exports `then` would be taken for a promise.) */
export const andThen = <T, R>(x: Soon<T>, f: (x: T) => Soon<R>): Soon<R> => (x instanceof Promise ? x.then(f) : f(x))

/** Values that are all there. */
export const together = <T>(xs: readonly Soon<T>[]): Soon<readonly T[]> => {
  const there = xs.filter((x): x is T => !(x instanceof Promise))
  return there.length === xs.length ? there : Promise.all(xs)
}

/** The value of `run`; when it fails, now or later, `failed` is told before the failure is passed on. */
export const attempt = <T>(run: () => Soon<T>, failed: (error: unknown) => void): Soon<T> => {
  const pass = (error: unknown): never => {
    failed(error)
    // eslint-disable-next-line functional/no-throw-statements -- passed on, once what was taken is given back
    throw error
  }
  try {
    const x = run()
    return x instanceof Promise ? x.catch(pass) : x
  } catch (error) {
    return pass(error)
  }
}

/** From the first answer that is not there at once, the loop goes on between tasks. Waiting is one loop, not a chain of promises as long as it. */
const goOn = async (first: Promise<boolean>, step: () => Soon<boolean>): Promise<void> => {
  let more = await first
  while (more) {
    const next = step()
    more = next instanceof Promise ? await next : next
  }
}

/** Calls `step` until it answers false. */
export const repeat = (step: () => Soon<boolean>): Later => {
  for (;;) {
    const more = step()
    if (more instanceof Promise) return goOn(more, step)
    if (!more) return
  }
}

/** The value, on a machine none of whose tasks wait. */
export const now = <T>(x: Soon<T>): T =>
  x instanceof Promise
    ? fail(DeviceError, 'a machine that answers at once was made to wait', { fix: 'report it: this is a defect of adjoint' })
    : x
