/** The command line of `npm run example`. */
import { parseArgs } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import type { Options } from './example.js'
import type { Name } from './index.js'
import { gallery, isName } from './index.js'

/** What to run, how, and where pictures go. */
export interface Command {
  /** Nothing: the list is asked for. */
  readonly name: Name | undefined
  readonly out: string
  readonly options: Options
}

/** The list of examples, and how to call one. */
export const usage = `usage: npm run example -- NAME [options]
${Object.entries(gallery)
  .map(([name, { about }]) => `  ${name.padEnd(16)} ${about}`)
  .join('\n')}
options:
  --steps N              how long: updates, epochs or draws
  --seed N               seed of every draw (0)
  --data DIR             MNIST's four files (or set ADJOINT_DATA to the folder that has mnist/); generated pictures without it
  --weights FILE         trained weights, .npz or .safetensors
  --content FILE, --style FILE   images for style-transfer
  --out DIR              directory for pictures (out)`

const texts = ['steps', 'seed', 'data', 'weights', 'content', 'style', 'out'] as const

const count = (name: string, text: string | undefined, least: number): E.Either<string, number | undefined> => {
  if (text === undefined) return E.right(undefined)
  const n = Number(text)
  return Number.isSafeInteger(n) && n >= least ? E.right(n) : E.left(`--${name}: expected an integer of at least ${least}, got '${text}'`)
}

/** What arguments and environment ask for; a message for what cannot be understood. */
export const parse = (args: readonly string[], environment: Readonly<Record<string, string | undefined>>): E.Either<string, Command> => {
  const parsed = E.tryCatch(
    () =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: Object.fromEntries(texts.map((name) => [name, { type: 'string' }])),
      }),
    (error) => (error as Error).message,
  )
  if (E.isLeft(parsed)) return parsed
  const [name, extra] = parsed.right.positionals
  const values = parsed.right.values as Readonly<Record<(typeof texts)[number], string | undefined>>
  if (extra !== undefined) return E.left(`one example at a time: '${name}' and '${extra}'`)
  if (name !== undefined && !isName(name)) return E.left(`there is no example called '${name}'; npm run example lists them`)
  const [steps, seed] = [count('steps', values.steps, 1), count('seed', values.seed, 0)]
  if (E.isLeft(steps)) return steps
  if (E.isLeft(seed)) return seed
  const shared = environment['ADJOINT_DATA']
  const { data = shared === undefined ? undefined : `${shared}/mnist`, weights, content, style, out = 'out' } = values
  return E.right({ name, out, options: { seed: seed.right ?? 0, steps: steps.right, data, weights, content, style } })
}
