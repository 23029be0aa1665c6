/** Values that stand where something else is wanted, and what must come of them: an error of the library that names the function. */
import { expect } from 'vitest'
import { AdjointError } from 'adjoint'

class Model {
  readonly weight = 1
}

/** None of these is a tensor, a number, a record of options, a layer, a function or a list of tensors. */
export const odd: readonly unknown[] = [undefined, null, 'text', Promise.resolve(1), new Model(), [[1, 2], [3]], Symbol('s')]

/** What is no record of options. */
export const oddOptions: readonly unknown[] = [null, 'text', Promise.resolve(1), new Model(), [[1, 2], [3]], () => 1, { noSuchOption: 1 }]

/** What `call` throws; a test fails unless it is an `AdjointError` whose message names the function. */
export const refusal = (name: string, call: () => unknown, of: unknown = undefined): string => {
  const said = ((): unknown => {
    try {
      return { accepted: call() }
    } catch (e) {
      return e
    }
  })()
  const about = `${name} of ${typeof of === 'symbol' ? 'a symbol' : typeof of === 'object' && of !== null ? JSON.stringify(of) : String(of)}`
  expect(said, about).toBeInstanceOf(AdjointError)
  const { message } = said as AdjointError
  expect(message, about).toMatch(new RegExp(`\\b${name}\\b`))
  return message
}

/** Every entry of `values` in place of argument `i` of `f(...args)` is refused. */
export const refusesAt = (name: string, f: unknown, args: readonly unknown[], i: number, values: readonly unknown[]): void =>
  values.forEach((value) =>
    refusal(name, () => (f as (...a: readonly unknown[]) => unknown)(...args.slice(0, i), value, ...args.slice(i + 1)), value),
  )
