/** The command line of `npm run steps`. */
import * as E from 'fp-ts/lib/Either.js'
import type { Options } from './step.js'

/** How to call the command. */
export const usage = `usage: npm run steps -- [N...] [options]
  N            steps from 1 to 60; all of them when none is named
options:
  --short      fewer iterations, no files
  --data DIR   the four files of MNIST, for step 51
  --out DIR    where pictures go; none are written without it`

/** Numbers of steps and options from arguments; a message for what cannot be understood. */
export const parse = (args: readonly string[]): E.Either<string, readonly [numbers: readonly number[], options: Options]> => {
  const numbers: number[] = []
  let options: Options = { short: false }
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === '--short') options = { ...options, short: true }
    else if (arg === '--data' || arg === '--out') {
      const value = args[++i]
      if (value === undefined) return E.left(`${arg}: a value is missing`)
      options = { ...options, [arg.slice(2)]: value }
    } else if (/^([1-9]|[1-5]\d|60)$/.test(arg)) numbers.push(Number(arg))
    else return E.left(`'${arg}' is neither a step nor an option`)
  }
  return E.right([numbers.length === 0 ? Array.from({ length: 60 }, (_, k) => k + 1) : numbers, options])
}
