/** `npm run train`: trains a classifier from the command line and ends with a line `test accuracy 0.xxxx`. */
import * as E from 'fp-ts/lib/Either.js'
import { mnist } from './train/mnist.js'
import { parse, usage } from './train/options.js'
import { print } from './train/report.js'
import { spiral } from './train/spiral.js'

const stop = (message: string, code: number): never => {
  process.stderr.write(`${message}\n`)
  process.exit(code)
}

const options = parse(process.argv.slice(2), process.env)
if (E.isLeft(options)) stop(`train: ${options.left}\n${usage}`, 2)
else {
  const accuracy = options.right.task === 'mnist' ? await mnist(options.right) : E.right(await spiral(options.right))
  if (E.isLeft(accuracy)) stop(`train: ${accuracy.left}`, 1)
  else print(`test accuracy ${accuracy.right.toFixed(4)}`)
}
