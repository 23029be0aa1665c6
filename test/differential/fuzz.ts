/**
 * Random programs on wasm against the reference: `npm run fuzz -- [--programs N] [--seed S] [--steps K] [--threads T]`.
 * Prints each failure shrunk, with the seed that finds it again; the last line counts programs and says how closely results were
 * compared, and has a digest of all results: the same for every number of threads.
 */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { wasm } from '../../src/wasm.js'
import { checkCase, emptyTally } from './agree.js'
import type { Plan } from './programs.js'
import { caseOf, plans, show } from './programs.js'

const argument = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
const count = argument('programs', 10_000)
const first = argument('seed', 1)
const steps = argument('steps', 12)
const block = 50
wasm.tune?.({ threads: argument('threads', 1) })
const digest = createHash('sha256')

const tally = emptyTally()
const tried = { programs: 0, meaningless: 0 }
/** Shrinking is not counted. */
let shrinking = false

const holds = (plan: Plan): void => {
  const begin = performance.now()
  try {
    attempt(plan)
  } finally {
    if (performance.now() - begin > 2000)
      console.log(`slow: ${((performance.now() - begin) / 1000).toFixed(1)} s for ${JSON.stringify(plan)}`)
  }
}

const attempt = (plan: Plan): void => {
  const subject = caseOf(plan)
  if (!shrinking) tried.programs++
  if (subject === null) {
    if (!shrinking) tried.meaningless++
    return
  }
  try {
    const results = checkCase(wasm, subject, shrinking ? emptyTally() : tally)
    if (!shrinking) for (const x of results) digest.update(Float64Array.from(x, (v) => (Number.isNaN(v) ? NaN : v)))
  } catch (error) {
    shrinking = true
    throw error
  }
}

let failures = 0
const started = performance.now()
for (let seed = first; seed < first + count / block; seed++) {
  shrinking = false
  const details = fc.check(fc.property(plans(steps), holds), { numRuns: block, seed, interruptAfterTimeLimit: 120_000 })
  if (details.failed) {
    failures++
    const [plan] = details.counterexample!
    console.log(`\n--- failure ${failures}: --seed ${seed} --programs ${block} (path ${details.counterexamplePath})`)
    console.log(JSON.stringify(plan))
    const subject = caseOf(plan)
    if (subject !== null) console.log(show(subject))
    console.log(
      details.errorInstance instanceof Error
        ? (details.errorInstance.stack ?? '').split('\n').slice(0, 6).join('\n')
        : String(details.errorInstance),
    )
  }
  if ((seed - first + 1) % 20 === 0)
    console.log(`${(seed - first + 1) * block} programs, ${failures} failures, ${((performance.now() - started) / 1000).toFixed(0)} s`)
}
const { exact, bounded, loose, unknown } = tally
const percent = (n: number): string => `${((100 * n) / (exact + bounded + loose + unknown)).toFixed(1)} %`
console.log(
  `${tried.programs} programs (${tried.meaningless} refused by the library); results: ${percent(exact)} compared bit for bit, ` +
    `${percent(bounded)} within bounds, ${percent(loose)} within loose bounds, ${percent(unknown)} undecided; ${failures} failed; digest ${digest.digest('hex').slice(0, 16)}`,
)
process.exitCode = failures === 0 ? 0 : 1
