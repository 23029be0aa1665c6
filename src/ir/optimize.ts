/** The standard sequence of passes. */
import { cse } from './passes/cse.js'
import { dce } from './passes/dce.js'
import { fold } from './passes/fold.js'
import { inline } from './passes/inline.js'
import type { Pass } from './passes/pass.js'
import { simplify } from './passes/simplify.js'
import type { Program } from './program.js'

/** The passes of `optimize`, in order. */
export const pipeline: readonly Pass[] = [inline, simplify, fold, cse, dce]

/** Rounds after which a Program that still changes is left as it is. */
const rounds = 8

/**
 * Expands, simplifies, folds constants, merges equal equations and drops dead ones until nothing changes. The result has
 * the same inputs and outputs and computes the same values, to the last bit but where constants are folded (see `fold`); it is meant to be run, because expansion
 * forgets the derivatives that primitives declare for themselves.
 */
export const optimize = (program: Program): Program => {
  let now = program
  for (let round = 0; round < rounds; round++) {
    const before = now
    for (const pass of pipeline) now = pass(now)
    if (now === before) break
  }
  return now
}
