/** The command line of `npm run train`. */
import * as E from 'fp-ts/lib/Either.js'

/** What can be trained, and the models that can be chosen for it; the first is taken unless said. */
const models = { spiral: ['mlp'], mnist: ['mlp', 'cnn'], shakespeare: ['gpt', 'lstm'] } as const

/** A task of the command. */
export type Task = keyof typeof models

/** What to train, and how. */
export interface Options {
  readonly task: Task
  readonly model: (typeof models)[Task][number]
  /** Directory of the data set's files. */
  readonly data: string | undefined
  readonly epochs: number | undefined
  readonly steps: number | undefined
  readonly minutes: number | undefined
  readonly batch: number | undefined
  readonly seed: number
  readonly threads: number | undefined
  /** Directory for pictures. */
  readonly out: string
  /** Directory of checkpoints. */
  readonly checkpoint: string | undefined
  /** Lines of JSON instead of text. */
  readonly json: boolean
}

/** How to call the command. */
export const usage = `usage: npm run train -- [spiral | mnist | shakespeare] [options]
  spiral                    three spiral arms in the plane, generated (default)
  mnist                     handwritten digits
    --model mlp|cnn         dense layers 784-1000-1000-10 (default), or two convolutions and two dense layers
  shakespeare               the characters of tinyshakespeare.txt; ends with a text of its own
    --model gpt|lstm        a transformer of 809 856 parameters that sees 64 characters (default), or an LSTM
options:
  --data DIR                where the data set's files are; else in ADJOINT_DATA (mnist/, text/), the cache, or fetched once
  --epochs N                passes over the training set
  --steps N                 updates, instead of whole passes
  --minutes N               stop after N minutes; the learning rate falls with the time instead of the steps
  --batch N                 examples per step
  --seed N                  seed of initialisation and shuffling (0)
  --threads N               threads to compute with (all cores)
  --checkpoint DIR          save after every line of progress, and go on from what DIR holds
  --out DIR                 directory for pictures (out)
  --json                    lines of JSON`

const counts = ['epochs', 'steps', 'batch', 'seed', 'threads'] as const
const texts = ['data', 'out', 'model', 'checkpoint'] as const

type Found = Partial<Record<(typeof counts)[number] | 'minutes', number> & Record<(typeof texts)[number], string>>

const integer = (name: string, text: string, least: number): E.Either<string, number> => {
  const n = Number(text)
  return Number.isSafeInteger(n) && n >= least ? E.right(n) : E.left(`--${name}: expected an integer of at least ${least}, got '${text}'`)
}

const duration = (text: string): E.Either<string, number> => {
  const n = Number(text)
  return Number.isFinite(n) && n > 0 ? E.right(n) : E.left(`--minutes: expected a number above 0, got '${text}'`)
}

const member = <T extends string>(list: readonly T[], text: string): text is T => (list as readonly string[]).includes(text)

const valueOf = (name: string, text: string): E.Either<string, Found> => {
  if (member(counts, name)) return E.map((n: number) => ({ [name]: n }))(integer(name, text, name === 'seed' ? 0 : 1))
  if (name === 'minutes') return E.map((minutes: number) => ({ minutes }))(duration(text))
  return E.right({ [name]: text })
}

/** Options from arguments; a message for what cannot be understood. */
export const parse = (args: readonly string[]): E.Either<string, Options> => {
  let found: Found = {}
  let json = false
  const tasks: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (!arg.startsWith('--')) {
      tasks.push(arg)
      continue
    }
    const [name = '', inline] = arg.slice(2).split(/=(.*)/s)
    if (name === 'json' && inline === undefined) {
      json = true
      continue
    }
    if (!member([...counts, ...texts, 'minutes'], name)) return E.left(`unknown option --${name}`)
    const text = inline ?? args[++i]
    if (text === undefined) return E.left(`--${name}: a value is missing`)
    const value = valueOf(name, text)
    if (E.isLeft(value)) return value
    found = { ...found, ...value.right }
  }
  const [task = 'spiral', extra] = tasks
  if (!member(Object.keys(models) as readonly Task[], task)) return E.left(`unknown task '${task}'`)
  if (extra !== undefined) return E.left(`one task at a time: '${task}' and '${extra}'`)
  const model = found.model ?? models[task][0]
  if (!member(models[task], model)) return E.left(`--model: expected ${models[task].join(' or ')} for ${task}, got '${model}'`)
  if (found.epochs !== undefined && found.steps !== undefined) return E.left('--epochs and --steps: one of them')
  return E.right({
    task,
    model,
    data: found.data,
    epochs: found.epochs,
    steps: found.steps,
    minutes: found.minutes,
    batch: found.batch,
    seed: found.seed ?? 0,
    threads: found.threads,
    out: found.out ?? 'out',
    checkpoint: found.checkpoint,
    json,
  })
}
