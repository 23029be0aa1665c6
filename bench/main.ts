/** `npm run bench -- [--only NAME] [--libraries A,B] [--rounds N] [--quick] [--clock cpu] [--json FILE]`: see CONTRIBUTING.md. */
import { existsSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { serve } from './child.js'
import { chooseClock } from './clock.js'
import { coordinate } from './coordinate.js'
import { libraries } from './libraries.js'
import { machine } from './machine.js'
import { inRepository } from './paths.js'
import { hold } from './process.js'
import { text } from './report.js'
import type { Column, Row } from './results.js'
import { groups } from './workloads/index.js'

const stop = (message: string): never => {
  console.error(`bench: ${message}`)
  process.exit(2)
}

const bench = async (): Promise<void> => {
  const { values: options } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      libraries: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      clock: { type: 'string', default: 'wall' },
    },
  })
  if (!existsSync(inRepository('dist/index.js'))) stop('dist is missing: npm run build')
  const { quick, only = [], clock } = options
  if (clock !== 'wall' && clock !== 'cpu') stop('--clock takes wall or cpu')
  chooseClock(clock)
  const rounds = Number(options.rounds ?? (quick ? 3 : 9))
  if (!(rounds >= 1)) stop('--rounds takes a number from 1')
  const names = options.libraries?.split(',')
  const unknown = names?.find((n) => !libraries.some((l) => l.name === n))
  if (unknown !== undefined) stop(`--libraries: no ${unknown}; there are ${libraries.map((l) => l.name).join(', ')}`)
  const chosen = libraries.filter((l) => (names === undefined ? l.asked !== true : names.includes(l.name)))

  const columns: Column[] = []
  const absent: string[] = []
  for (const l of chosen) {
    const held = await hold(l.name, l)
    held.end()
    if (held.version === null) absent.push(l.name)
    else columns.push({ name: l.name, role: l.role, threads: l.threads, version: held.version })
  }
  const present = chosen.filter((l) => columns.some((c) => c.name === l.name))

  const rows: Row[] = []
  const wanted = Object.entries(groups).flatMap(([group, workloads]) => {
    const some = workloads.filter((w) => only.length === 0 || only.includes(group) || only.some((o) => w.name.includes(o)))
    const list = some.filter((w) => !(quick && w.large === true))
    return list.length === 0 ? [] : [{ group, list }]
  })
  if (wanted.length === 0) stop(`--only: nothing is called ${only.join(', ')}; files are ${Object.keys(groups).join(', ')}`)
  const threads = [...new Set(present.filter((l) => l.role === 'own').map((l) => l.threads))]
  const effort = { rounds, budget: quick ? 0.02 : 0.06, threads }
  const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`.trim()
  const report = () => ({ command, machine: machine(), date: new Date().toISOString(), columns, absent, rows })
  for (const { group, list } of wanted)
    await coordinate(group, list, present, effort, (row) => {
      rows.push(row)
      console.error(`${rows.length}/${wanted.reduce((n, g) => n + g.list.length, 0)} ${row.name}`)
      if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report(), null, 1)}\n`)
    })
  console.log(text(report()))
}

// Source maps make the stacks of errors slow, which would be held against a library that captures them.
process.setSourceMapsEnabled(false)
if (process.argv[2] === '--child') await serve(process.argv[3]!)
else await bench()
