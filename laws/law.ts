/** Running a law: many inputs, and a shrunk, readable counterexample when it fails. */
import fc from 'fast-check'
import type { Arbitrary, Parameters, RunDetails } from 'fast-check'
import type { Meanings } from './check.js'
import { arbitrary as anArbitrary, callable, checkAll, flag, optionsOf, positiveWhole, text, whole } from './check.js'

/** What every law takes last. */
export interface LawOptions {
  /** How many inputs are tried; each law has a default of its own. */
  readonly numRuns?: number
  /** The seed of the inputs; random by default, and printed on failure. */
  readonly seed?: number
  /** `false` reports the first counterexample as it is found; `true` (the default) shrinks it. */
  readonly shrink?: boolean
}

/** What the options of every law mean. */
export const lawMeanings: Meanings<LawOptions> = { numRuns: positiveWhole, seed: whole, shrink: flag }

/** The options of a law, checked. */
export const lawOptions = optionsOf<LawOptions>(lawMeanings)

const checkForAll = (name: string, given: readonly [unknown, unknown, unknown, unknown]): void => {
  const [title, arbitrary, show, holds] = given
  checkAll(name, { name: [text, title], arbitrary: [anArbitrary, arbitrary], show: [callable, show], holds: [callable, holds] })
}

/** A law that does not hold, with the smallest counterexample found. */
export class LawError extends Error {
  override readonly name = 'LawError'
}

const indent = (text: string): string => text.split('\n').join('\n  ')

const reason = (error: unknown): string =>
  error instanceof LawError || !(error instanceof Error)
    ? String(error instanceof Error ? error.message : error)
    : (error.stack ?? error.message)
        .split('\n')
        .filter((line) => !line.includes('node_modules'))
        .slice(0, 8)
        .join('\n')

const parameters = <T>({ numRuns, seed, shrink }: LawOptions): Parameters<T> => ({
  ...(numRuns === undefined ? {} : { numRuns }),
  ...(seed === undefined ? {} : { seed }),
  endOnFailure: shrink === false,
})

/** Throws what a run of fast-check found, if it found anything. */
const report = <T>(name: string, show: (input: T) => string, details: RunDetails<[T]>): void => {
  if (!details.failed) return
  const input = details.counterexample?.[0]
  const found = input === undefined ? 'no input could be generated' : show(input)
  throw new LawError(
    [
      `law broken: ${name}`,
      `  for ${indent(found)}`,
      `  ${indent(reason(details.errorInstance))}`,
      `  after ${details.numRuns} runs and ${details.numShrinks} shrinks; seed ${details.seed}, path ${String(details.counterexamplePath)}`,
    ].join('\n'),
    { cause: details.errorInstance },
  )
}

/**
 * Checks `holds` on inputs of `arbitrary`; `holds` throws where the law is broken.
 *
 * @throws LawError with the law's name, the shrunk input printed by `show`, the reason and the seed; ValueError for arguments of another kind.
 * @example
 * forAll('np.neg is an involution', tensor([3]), String, (x) => expectAllClose('neg', [np.neg(np.neg(x))], [x]))
 */
export const forAll = <T>(
  name: string,
  arbitrary: Arbitrary<T>,
  show: (input: T) => string,
  holds: (input: T) => void,
  options?: LawOptions,
): void => {
  checkForAll('forAll', [name, arbitrary, show, holds])
  const { numRuns = 100, seed, shrink = true } = lawOptions('forAll', options)
  report(name, show, fc.check(fc.property(arbitrary, holds), parameters({ numRuns, shrink, ...(seed === undefined ? {} : { seed }) })))
}

/** `forAll` for checks that take time. */
export const forAllAsync = async <T>(
  name: string,
  arbitrary: Arbitrary<T>,
  show: (input: T) => string,
  holds: (input: T) => Promise<void>,
  options?: LawOptions,
): Promise<void> => {
  checkForAll('forAllAsync', [name, arbitrary, show, holds])
  const { numRuns = 100, seed, shrink = true } = lawOptions('forAllAsync', options)
  report(
    name,
    show,
    await fc.check(fc.asyncProperty(arbitrary, holds), parameters({ numRuns, shrink, ...(seed === undefined ? {} : { seed }) })),
  )
}

/** Throws a LawError. */
export const broken = (message: string): never => {
  throw new LawError(message)
}
