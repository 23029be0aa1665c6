/**
 * Damaged files of every format: `npm run fuzz:io -- [--files N] [--seed S] [--format NAME]`. Every file is read; whatever is thrown, and
 * whatever allocates beyond its bound, is printed as base64 and fails. The last line counts files.
 */
import { attack, targets } from './mutate.js'

const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}
const count = Number(argument('files') ?? 100_000)
const seed = Number(argument('seed') ?? 1)
const only = argument('format')
const chosen = targets.filter(({ name }) => only === undefined || name === only)

let failed = chosen.length === 0 ? 1 : 0
let files = 0
for (const target of chosen) {
  const started = performance.now()
  const outcome = await attack(target, count, seed)
  for (const [why, file] of outcome.failures.slice(0, 5)) console.log(`FAIL  ${target.name}: ${why}\n      ${file}`)
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.log(
    `${target.name}: ${outcome.files} files, ${outcome.read} of them still readable, ${outcome.failures.length} failures, ` +
      `at most ${outcome.most.toFixed(1)} times the file allocated, ${seconds} s`,
  )
  failed += outcome.failures.length
  files += outcome.files
}
console.log(`${files} files, ${failed} failures`)
process.exit(failed === 0 ? 0 : 1)
