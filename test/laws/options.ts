/** How our own suite runs the laws: fixed seeds, so that a failure is found again; LAWS_SEED and LAWS_RUNS widen the search. */
import type { LawOptions } from '../../laws/law.js'

const seed = Number(process.env.LAWS_SEED ?? 1)
const factor = Number(process.env.LAWS_RUNS ?? 1)

/** Options for `numRuns` runs, or as many times more as LAWS_RUNS says. */
export const options = (numRuns: number): LawOptions => ({ numRuns: Math.ceil(numRuns * factor), seed })
