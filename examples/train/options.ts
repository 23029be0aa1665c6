/** The command line of `npm run train`. */
import * as E from 'fp-ts/lib/Either.js'

/** What to train, and how. */
export interface Options {
  readonly task: 'spiral' | 'mnist'
  /** Directory of the data set's files. */
  readonly data: string | undefined
  readonly epochs: number | undefined
  readonly batch: number | undefined
  readonly seed: number
  /** Directory for pictures. */
  readonly out: string
}

/** How to call the command. */
export const usage = `usage: npm run train -- [spiral | mnist] [options]
  spiral                 three spiral arms in the plane, generated (default)
  mnist --data DIR       handwritten digits; DIR holds the four files of MNIST (or set ADJOINT_DATA)
options:
  --epochs N             passes over the training set
  --batch N              examples per step
  --seed N               seed of initialisation and shuffling (0)
  --out DIR              directory for pictures (out)`

const numeric = ['epochs', 'batch', 'seed'] as const
const textual = ['data', 'out'] as const

const integer = (name: string, text: string, least: number): E.Either<string, number> => {
  const n = Number(text)
  return Number.isSafeInteger(n) && n >= least ? E.right(n) : E.left(`--${name}: expected an integer of at least ${least}, got '${text}'`)
}

/** Options from arguments and environment; a message for what cannot be understood. */
export const parse = (args: readonly string[], environment: Readonly<Record<string, string | undefined>>): E.Either<string, Options> => {
  const numbers: Partial<Record<(typeof numeric)[number], number>> = {}
  const texts: Partial<Record<(typeof textual)[number], string>> = {}
  const tasks: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (!arg.startsWith('--')) {
      tasks.push(arg)
      continue
    }
    const [name = '', inline] = arg.slice(2).split(/=(.*)/s)
    const number = numeric.find((n) => n === name)
    const text = textual.find((n) => n === name)
    if (number === undefined && text === undefined) return E.left(`unknown option --${name}`)
    const value = inline ?? args[++i]
    if (value === undefined) return E.left(`--${name}: a value is missing`)
    if (text !== undefined) texts[text] = value
    else {
      const parsed = integer(name, value, name === 'seed' ? 0 : 1)
      if (E.isLeft(parsed)) return parsed
      numbers[number!] = parsed.right
    }
  }
  const [task = 'spiral', extra] = tasks
  if (task !== 'spiral' && task !== 'mnist') return E.left(`unknown task '${task}'`)
  if (extra !== undefined) return E.left(`one task at a time: '${task}' and '${extra}'`)
  return E.right({
    task,
    data: texts.data ?? environment.ADJOINT_DATA,
    epochs: numbers.epochs,
    batch: numbers.batch,
    seed: numbers.seed ?? 0,
    out: texts.out ?? 'out',
  })
}
