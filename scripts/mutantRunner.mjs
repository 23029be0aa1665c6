/**
 * Runs tests on mutants, for `scripts/mutants.mjs`, in a process of its own that can be ended when a mutant runs for ever.
 * One Vitest stays open: a mutant changes what it serves of one file, so every other file is transformed once.
 * Takes `{ site, tests }` messages, where `site` is null for the program as it is, and answers `{ passed, seconds, failure }`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createVitest } from 'vitest/node'
import { mutate } from './mutations.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
let current = null

const mutant = {
  name: 'mutant',
  enforce: 'pre',
  transform(code, id) {
    return current !== null && id.split('?')[0] === join(root, current.file)
      ? { code: mutate(readFileSync(join(root, current.file), 'utf8'), current), map: null }
      : null
  },
}

const vitest = await createVitest(
  'test',
  { root, watch: false, bail: 1, reporters: [{}], silent: true, maxWorkers: 1, fileParallelism: false, typecheck: { enabled: false } },
  { plugins: [mutant], logLevel: 'silent' },
)
await vitest.standalone()

const run = async ({ site, tests }) => {
  const start = performance.now()
  const before = current
  current = site
  for (const changed of [before, site]) if (changed !== null) vitest.invalidateFile(join(root, changed.file))
  let failure = null
  for (const test of tests) {
    const specifications = await vitest.globTestSpecifications([join(root, test)])
    const result = await vitest.runTestSpecifications(specifications)
    const { unhandledErrors } = result
    const testModules = result.testModules.filter((m) => m.moduleId === join(root, test))
    vitest.state.clearErrors?.()
    const failed = testModules.find((m) => !m.ok())
    if (failed !== undefined || unhandledErrors.length > 0 || testModules.length === 0) {
      const [first] = failed === undefined ? [] : [...failed.children.allTests('failed')]
      const error = first?.result().errors?.[0] ?? failed?.errors()[0] ?? unhandledErrors[0]
      failure = { test, name: first?.fullName ?? 'the file itself', message: String(error?.message ?? 'no test ran').slice(0, 300) }
      break
    }
  }
  return { passed: failure === null, failure, seconds: (performance.now() - start) / 1000 }
}

process.on('message', (job) => {
  run(job).then(
    (result) => process.send(result),
    (error) => process.send({ passed: false, seconds: 0, failure: { test: '', name: 'runner', message: String(error?.stack ?? error) } }),
  )
})
process.on('disconnect', () => process.exit())
process.send('ready')
