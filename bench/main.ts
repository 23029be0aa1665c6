/** `npm run bench -- [--only NAME]`: measures, and prints what it measured. */
import { memory } from './memory.js'
import { overhead } from './overhead.js'

const suites: Readonly<Record<string, () => string | Promise<string>>> = { overhead, memory }

// Source maps make the stacks of errors slow, which would be held against a library that captures them.
process.setSourceMapsEnabled(false)

const flag = process.argv.indexOf('--only')
const only = flag < 0 ? undefined : process.argv[flag + 1]
if (flag >= 0 && (only === undefined || !Object.hasOwn(suites, only))) {
  console.error(`bench: --only takes one of ${Object.keys(suites).join(', ')}`)
  process.exit(2)
}
console.log(`Node ${process.version}, ${process.platform} ${process.arch}`)
for (const [name, run] of Object.entries(suites)) {
  if (only !== undefined && name !== only) continue
  console.log(`\n== ${name} ==`)
  console.log(await run())
}
