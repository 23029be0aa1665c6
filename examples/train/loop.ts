/** The training loop: pure steps in rounds; after each an evaluation, a line and a checkpoint. */
import * as E from 'fp-ts/lib/Either.js'
import * as O from 'fp-ts/lib/Option.js'
import type { Tensor } from '../../src/index.js'
import { io, np, viz } from '../../src/index.js'
import type { Report } from './report.js'

/** Numbers by name: `{ loss, accuracy }`. */
export type Scores = Readonly<Record<string, number>>

/** Something to train. `T` is a tree of everything that a step changes: parameters, optimizer state, what a model remembers. */
export interface Job<T, B> {
  readonly start: T
  /** Updates in all. */
  readonly steps: number
  /** What a round is called, and how many steps it has at most. */
  readonly round: { readonly name: string; readonly steps: number }
  /** The batches of a round, counted from 1: the same ones whenever it is asked. */
  readonly batches: (round: number) => Iterable<B>
  /** One update at a learning rate: what comes after `now`, mean scores, and of how many examples they are means. */
  readonly step: (now: T, batch: B, rate: number) => { readonly next: T; readonly scores: Scores; readonly rows: number }
  /** The learning rate when a part of the training is over, from 0 to 1. */
  readonly rate: (progress: number) => number
  readonly evaluate: (now: T) => Scores
  /** Names of the scores, `loss` first. */
  readonly scores: readonly string[]
  /** What `evaluate` looks at: `test`. */
  readonly held: string
}

/** What came of a round. */
export interface Round {
  readonly train: Scores
  readonly held: Scores
  readonly seconds: number
}

/** What came of a training. */
export interface Outcome<T> {
  readonly last: T
  readonly rounds: readonly Round[]
}

/** When to stop, where to keep checkpoints. */
export interface Plan {
  readonly minutes: number | undefined
  readonly checkpoint: string | undefined
}

interface Moment<T> {
  readonly now: T
  /** A row for every round: scores of training, held scores, seconds; NaN for those to come. */
  readonly history: Tensor
  readonly seconds: number
}

/** A mean that weighs every batch by its size, so that a short last one counts as what it is. */
export const weighted = (parts: readonly { readonly scores: Scores; readonly rows: number }[]): Scores => {
  const rows = parts.reduce((n, p) => n + p.rows, 0)
  const names = Object.keys(parts[0]?.scores ?? {})
  return Object.fromEntries(names.map((name) => [name, parts.reduce((sum, p) => sum + p.scores[name]! * p.rows, 0) / rows]))
}

const shown = (scores: Scores, names: readonly string[]): string => names.map((n) => `${n} ${scores[n]!.toFixed(4)}`).join(' ')

/** Rounds as rows of a tensor of `count` rows. */
const recorded = (rounds: readonly Round[], names: readonly string[], count: number): Tensor =>
  np.array(
    Array.from({ length: count }, (_, i) => {
      const r = rounds[i]
      return r === undefined
        ? names.concat(names, '').map(() => NaN)
        : [...names.map((n) => r.train[n]!), ...names.map((n) => r.held[n]!), r.seconds]
    }),
    { dtype: 'float64' },
  )

const remembered = (history: Tensor, names: readonly string[], count: number): readonly Round[] =>
  (history.toArray() as number[][]).slice(0, count).map((row) => {
    const from = (k: number): Scores => Object.fromEntries(names.map((n, i) => [n, row[k + i]!]))
    return { train: from(0), held: from(names.length), seconds: row[2 * names.length]! }
  })

/** Trains; a message when checkpoints cannot be read or written. A run that is stopped and goes on takes the steps of one that is not. */
export const run = async <T, B>(job: Job<T, B>, plan: Plan, report: Report): Promise<E.Either<string, Outcome<T>>> => {
  const { steps, round, scores } = job
  const count = Math.ceil(steps / round.steps)
  const limit = plan.minutes === undefined ? Infinity : plan.minutes * 60
  const first: Moment<T> = { now: job.start, history: recorded([], scores, count), seconds: 0 }
  const kept = plan.checkpoint === undefined ? null : io.checkpoints({ dir: plan.checkpoint, like: first })
  const found = kept === null ? E.right(O.none) : await kept.latest()
  if (E.isLeft(found)) return E.left(found.left.message)
  const resumed = O.isSome(found.right) ? found.right.value : null
  if (resumed !== null)
    report.say({
      event: 'resumed',
      [round.name]: resumed.step,
      path: resumed.path,
      text: `going on after ${round.name} ${resumed.step}: ${resumed.path}`,
    })

  let now = resumed?.value.now ?? first.now
  let rounds = resumed === null ? [] : remembered(resumed.value.history, scores, resumed.step)
  const spent = resumed?.value.seconds ?? 0
  const [begin, cpu] = [performance.now(), process.cpuUsage()]
  const elapsed = (): number => spent + (performance.now() - begin) / 1000
  let fastest = Infinity
  /** Seconds of the last evaluation: a budget leaves room for another. */
  let evaluating = 0
  const over = (): boolean => elapsed() + evaluating >= limit
  for (let r = rounds.length + 1; r <= count && (r === 1 || !over()); r++) {
    const [from, to, since] = [(r - 1) * round.steps, Math.min(steps, r * round.steps), elapsed()]
    const parts: { readonly scores: Scores; readonly rows: number }[] = []
    for (const batch of job.batches(r)) {
      const done = from + parts.length
      if (done === to || (parts.length > 0 && over())) break
      const before = performance.now()
      const { next, ...part } = job.step(now, batch, job.rate(Math.max(done / steps, elapsed() / limit)))
      now = next
      parts.push(part)
      fastest = Math.min(fastest, performance.now() - before)
      const name = `${round.name} ${r}/${count}`
      report.progress(() =>
        viz.progressLine({ done: parts.length, total: to - from, seconds: elapsed() - since, name, values: { loss: part.scores.loss! } }),
      )
    }
    const trained = elapsed()
    const held = job.evaluate(now)
    evaluating = elapsed() - trained
    const result = { train: weighted(parts), held, seconds: elapsed() - since }
    rounds = [...rounds, result]
    report.say({
      event: round.name,
      [round.name]: r,
      step: from + parts.length,
      train: result.train,
      [job.held]: result.held,
      seconds: result.seconds,
      text:
        `${round.name} ${String(r).padStart(String(count).length)}/${count}  train ${shown(result.train, scores)}  ` +
        `${job.held} ${shown(result.held, scores)}  ${result.seconds.toFixed(1)} s`,
    })
    if (kept === null) continue
    const saved = await kept.save(r, { now, history: recorded(rounds, scores, count), seconds: elapsed() })()
    if (E.isLeft(saved)) return E.left(saved.left.message)
  }
  const { user, system } = process.cpuUsage(cpu)
  const seconds = { seconds: elapsed() - spent, cpu: (user + system) / 1e6, fastestStep: fastest / 1000 }
  if (Number.isFinite(fastest))
    report.say({
      event: 'trained',
      ...seconds,
      text: `trained for ${seconds.seconds.toFixed(1)} s, ${seconds.cpu.toFixed(1)} s of all cores; the fastest step took ${fastest.toFixed(1)} ms`,
    })
  return E.right({ last: now, rounds })
}

/** A line up to `peak` during the first part of a training, then a cosine down to a part of it. */
export const warmedCosine =
  (peak: number, { warmup = 0, floor = 0 }: { readonly warmup?: number; readonly floor?: number } = {}) =>
  (progress: number): number =>
    progress < warmup
      ? (peak * progress) / warmup
      : peak * (floor + ((1 - floor) * (1 + Math.cos((Math.PI * (progress - warmup)) / (1 - warmup)))) / 2)
