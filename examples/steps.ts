/** `npm run steps`: the sixty steps of *Deep Learning from Scratch 3* as pure programs; prints what each prints. */
import * as E from 'fp-ts/lib/Either.js'
import { steps } from './dezero/all.js'
import { parse, usage } from './dezero/options.js'

const parsed = parse(process.argv.slice(2))
if (E.isLeft(parsed)) {
  process.stderr.write(`steps: ${parsed.left}\n${usage}\n`)
  process.exit(2)
}
const [numbers, options] = parsed.right
for (const n of numbers) {
  const { title, run } = steps[n - 1]!
  const begin = performance.now()
  const printed = await run(options)
  const seconds = (performance.now() - begin) / 1000
  console.log(`step ${n}: ${title}${seconds < 0.5 ? '' : ` (${seconds.toFixed(1)} s)`}`)
  for (const line of printed) console.log(line.replace(/^/gm, '  '))
}
