/** `npm run train`: trains a model from the command line; the last line is `test accuracy 0.xxxx` or `validation loss x.xxxx`. */
import * as E from 'fp-ts/lib/Either.js'
import { configure } from '../src/index.js'
import { mnist } from './train/mnist.js'
import { parse, usage } from './train/options.js'
import { reporter } from './train/report.js'
import { shakespeare } from './train/shakespeare.js'
import { spiral } from './train/spiral.js'

const stop = (message: string, code: number): never => {
  process.stderr.write(`${message}\n`)
  process.exit(code)
}

const tasks = { spiral, mnist, shakespeare } as const

const options = parse(process.argv.slice(2))
if (process.argv.includes('--help')) console.log(usage)
else if (E.isLeft(options)) stop(`train: ${options.left}\n${usage}`, 2)
else {
  const { task, threads } = options.right
  if (threads !== undefined) configure({ threads })
  const report = reporter(options.right)
  const result = await tasks[task](options.right, report)
  if (E.isLeft(result)) stop(`train: ${result.left}`, 1)
  else if (task === 'shakespeare')
    report.say({ event: 'end', loss: result.right, text: `validation loss ${result.right.toFixed(4)} nats per character` })
  else report.say({ event: 'end', accuracy: result.right, text: `test accuracy ${result.right.toFixed(4)}` })
}
