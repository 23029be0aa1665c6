/**
 * Runs files of cases computed by other libraries: `npm run conformance -- [--backend NAME] [--jit] [--expect-missing FILE] FILE...`,
 * with `--jit` each as a compiled Program.
 * The last line is `N passed, M failed`; a case nobody maps counts as failed. The exit code is 0 when nothing failed, or,
 * with `--expect-missing`, when exactly the cases failed that the file names (so a case that starts to pass must leave it).
 */
import { readFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { configure } from '../../src/index.js'
import { queuedMachine } from '../backend/driver/queued.js'
import { wasm } from '../../src/wasm.js'
import { compiled, eagerly, type Through } from './compiled.js'
import { dezero } from './dezero.js'
import type { Case } from './fixture.js'
import { readCases } from './fixture.js'
import { jax } from './jax.js'

/** What became of a case: null when it passed, else why not. */
interface Outcome {
  readonly id: string
  readonly why: string | null
}

interface Options {
  readonly backend: string | undefined
  readonly through: Through
  readonly missing: string | undefined
  readonly only: string | undefined
  readonly files: readonly string[]
}

const usage = 'usage: npm run conformance -- [--backend NAME] [--jit] [--expect-missing FILE] [--only TEXT] FILE...'

const optionsOf = (args: readonly string[]): Options => {
  const value = (flag: string): string | undefined => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined)
  const flags = ['--backend', '--expect-missing', '--only']
  const files = args.filter((a, k) => a !== '--jit' && !flags.includes(a) && !flags.includes(args[k - 1] ?? ''))
  return {
    backend: value('--backend'),
    through: args.includes('--jit') ? compiled : eagerly,
    missing: value('--expect-missing'),
    only: value('--only'),
    files,
  }
}

const outcomeOf = async (c: Case, cases: readonly Case[], through: Through): Promise<Outcome> => {
  const start = performance.now()
  try {
    // JAX's cases say which function they call.
    const why = 'call' in c ? await jax(c, through) : await dezero(c, cases, through)
    const ms = performance.now() - start
    if (ms > 2000) console.log(`slow     ${c.id}: ${(ms / 1000).toFixed(1)} s`)
    return { id: c.id, why }
  } catch (error) {
    return { id: c.id, why: error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]!}` : String(error) }
  }
}

const main = async ({ backend, through, missing, only, files }: Options): Promise<number> => {
  if (files.length === 0) {
    console.error(usage)
    return 2
  }
  if (backend !== undefined) configure({ backend: backend === 'wasm' ? wasm : backend === 'queued' ? queuedMachine().backend : backend })
  const expected = missing === undefined ? {} : (JSON.parse(await readFile(missing, 'utf8')) as Record<string, string>)
  const outcomes: Outcome[] = []
  for (const file of files) {
    const { cases } = await readCases(file)
    for (const c of cases.filter(({ id }) => only === undefined || id.includes(only))) outcomes.push(await outcomeOf(c, cases, through))
  }
  const failed = outcomes.filter(({ why }) => why !== null)
  const surprises = failed.filter(({ id }) => !Object.hasOwn(expected, id))
  const cured = outcomes.filter(({ id, why }) => why === null && Object.hasOwn(expected, id))
  for (const { id, why } of failed)
    console.log(Object.hasOwn(expected, id) ? `pending  ${id}: ${expected[id]!}` : `failed   ${id}: ${why!}`)
  for (const { id } of cured) console.log(`passes   ${id}: strike it from ${missing!}`)
  console.log(`${outcomes.length - failed.length} passed, ${failed.length} failed`)
  return surprises.length === 0 && cured.length === 0 ? 0 : 1
}

process.exitCode = await main(optionsOf(process.argv.slice(2)))
