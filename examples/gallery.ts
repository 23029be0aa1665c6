/** `npm run example -- NAME`: a program of the gallery; without a name, the list. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { parse, usage } from './gallery/command.js'
import { gallery } from './gallery/index.js'

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const stop = (message: string, code: number): never => {
  process.stderr.write(`example: ${message}\n`)
  process.exit(code)
}

const command = parse(process.argv.slice(2), process.env)
if (E.isLeft(command)) stop(command.left, 2)
else if (command.right.name === undefined) print(usage)
else {
  const { name, out, options } = command.right
  const begin = performance.now()
  const result = await gallery[name].run(options)()
  if (E.isLeft(result)) stop(`${name}: ${result.left.message}`, 1)
  else {
    const { figures, picture } = result.right
    print(gallery[name].about)
    for (const [what, value] of Object.entries(figures)) print(`  ${what.padEnd(44)} ${Number(value.toPrecision(4))}`)
    if (picture !== undefined) {
      await mkdir(out, { recursive: true })
      await writeFile(join(out, `${name}.svg`), picture)
      print(`wrote ${join(out, `${name}.svg`)}`)
    }
    print(`${((performance.now() - begin) / 1000).toFixed(1)} s`)
  }
}
