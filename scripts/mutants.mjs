/**
 * Mutation testing: changes one place of the source at a time and runs the tests that cover its file; a mutant that no
 * test notices survives, and is a test that is missing or a change that changes nothing.
 * `npm run mutants -- [--count 200] [--seed 1] [--only FLOOR,...] [--file PATH] [--part K/N] [--jobs J] [--json FILE] [--again FILE] [--list] [--green]`
 *
 * The sample is spread over the floors and their files, and chosen by hash, so that it stays the same where the source does.
 * Tests are those of `scripts/mirrors.mjs`, the mirror first. A test file that fails kills a mutant only if it passes on the
 * program as it is, which is asked once for each; `--green` takes that as known, after a run of the whole suite. `--again` takes the
 * survivors of an earlier `--json`, by their text, in the place of a sample. Survivors that are right to survive are argued, one by one, in
 * `scripts/argued.json`. The last line is `N killed, M survived (K argued)`; the exit status is 1 when one is not argued.
 */
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { diffOf, sitesOf } from './mutations.mjs'
import { files, testsOf } from './mirrors.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    file: { type: 'string' },
    part: { type: 'string', default: '1/1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'string' },
    again: { type: 'string' },
    list: { type: 'boolean', default: false },
    green: { type: 'boolean', default: false },
  },
})

/** Seconds that one test file may take on a mutant; the slowest takes a quarter of it on two cores. What takes longer is killed. */
const patience = 400

const whole = (name, value) => {
  if (!/^[1-9]\d*$/.test(value)) throw new Error(`--${name}: a whole number from 1, got ${value}`)
  return Number(value)
}

const texts = new Map()
const textOf = (file) => {
  if (!texts.has(file)) texts.set(file, readFileSync(join(root, file), 'utf8'))
  return texts.get(file)
}
const hash = (...parts) =>
  createHash('sha256')
    .update([options.seed, ...parts].join('\0'))
    .digest('hex')

/** `laws`, `core`, ..., `backend/wasm`. */
const floorOf = (file) => {
  const [top, floor, next] = file.split('/')
  return top === 'laws' ? 'laws' : floor === 'backend' ? `${floor}/${next}` : floor
}

/** The sites of a file, by hash. */
const shuffled = (file) => {
  const seen = new Map()
  return sitesOf(file, textOf(file))
    .map((site) => {
      const diff = diffOf(textOf(file), site)
      const key = `${diff.before}\0${diff.after}`
      const nth = seen.get(key) ?? 0
      seen.set(key, nth + 1)
      return { ...site, ...diff, rank: hash(file, key, nth) }
    })
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
}

/** Takes turns between lists: the first of each, then the second of each. */
const interleave = (lists) =>
  Array.from({ length: Math.max(0, ...lists.map((l) => l.length)) }, (_, k) => lists.flatMap((l) => (k < l.length ? [l[k]] : []))).flat()

/** The survivors of an earlier run that can still be made. */
const survivorsOf = (path) => {
  const keyOf = ({ file, before, after }) => [file, before, after].join('\0')
  const wanted = new Set(JSON.parse(readFileSync(path, 'utf8')).flatMap((r) => (r.survived ? [keyOf(r)] : [])))
  return files.flatMap((file) => shuffled(file).filter((site) => wanted.delete(keyOf(site))))
}

const sample = () => {
  if (options.again !== undefined) return survivorsOf(options.again)
  const chosen = files.filter((f) => (options.file === undefined || f === options.file) && testsOf(f).length > 0)
  const floors = [...new Set(chosen.map(floorOf))].filter((f) => options.only === undefined || options.only.split(',').includes(f))
  const lists = floors.map((floor) => {
    const ofFloor = chosen.filter((f) => floorOf(f) === floor).sort((a, b) => (hash(a) < hash(b) ? -1 : 1))
    return interleave(ofFloor.map(shuffled))
  })
  const [k, n] = options.part.split('/').map((v) => whole('part', v))
  return interleave(lists)
    .slice(0, whole('count', options.count))
    .filter((_, i) => i % n === k - 1)
}

const argued = JSON.parse(readFileSync(join(root, 'scripts/argued.json'), 'utf8'))
const argumentFor = ({ file, before, after }) => argued.find((a) => a.file === file && a.before === before && a.after === after)?.reason

/** A runner that is started again after a mutant that had to be ended. */
const createRunner = () => {
  let child = null
  const end = () => {
    if (child === null) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {}
    child = null
  }
  const start = () =>
    new Promise((resolve) => {
      child = fork(join(root, 'scripts/mutantRunner.mjs'), { cwd: root, detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
      child.once('message', resolve)
    })
  const ask = async (job, seconds) => {
    if (child === null) await start()
    return new Promise((resolve) => {
      const mine = child
      const done = (result) => {
        clearTimeout(timer)
        mine.removeAllListeners()
        resolve(result)
      }
      const ended = (name) => {
        end()
        done({ passed: false, seconds, failure: { test: job.tests[0], name, message: '' } })
      }
      const timer = setTimeout(() => ended(`no end within ${Math.round(seconds)} s`), seconds * 1000)
      mine.once('message', done)
      mine.once('exit', () => ended('the process ended'))
      mine.send(job)
    })
  }
  return { ask, end }
}

/** Seconds that test files take on the program as it is; asked once for each. Tests that fail there can kill nothing. */
const baselines = new Map()
const baseline = (test) => {
  if (!baselines.has(test)) {
    const runner = createRunner()
    baselines.set(
      test,
      runner.ask({ site: null, tests: [test] }, 900).finally(() => runner.end()),
    )
  }
  return baselines.get(test)
}

/** What the first test file says that notices the mutant, or the last one. */
const judge = async (runner, site) => {
  let seconds = 0
  for (const test of testsOf(site.file)) {
    const result = await runner.ask({ site, tests: [test] }, patience)
    seconds += result.seconds
    if (result.passed) continue
    if (options.green || (await baseline(test)).passed) return { ...result, seconds }
    console.log(`${test} fails by itself and is left out: ${(await baseline(test)).failure.name}`)
  }
  return { passed: true, seconds, failure: null }
}

const sites = sample()
if (options.list) {
  for (const s of sites) console.log(`${s.file}:${s.line} ${s.what}\n  - ${s.before}\n  + ${s.after}`)
  process.exit()
}

const results = []
const queue = [...sites]
const work = async () => {
  const runner = createRunner()
  for (let site = queue.shift(); site !== undefined; site = queue.shift()) {
    const { passed, seconds, failure } = await judge(runner, site)
    results.push({ ...site, survived: passed, seconds, failure, reason: argumentFor(site) })
    const by = passed ? (argumentFor(site) === undefined ? '' : '  (argued)') : `  by ${failure.test}: ${failure.name}`
    console.log(`${passed ? 'survived' : 'killed  '} ${site.file}:${site.line} ${site.what}${by}  ${seconds.toFixed(1)} s`)
    if (passed) console.log(`  - ${site.before}\n  + ${site.after}`)
    if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(results, null, 1))
  }
  runner.end()
}
await Promise.all(Array.from({ length: whole('jobs', options.jobs) }, work))

const survivors = results.filter((r) => r.survived).sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line))
const open = survivors.filter((r) => r.reason === undefined)
if (survivors.length > 0) console.log('\nSurvivors:')
for (const s of survivors)
  console.log(`${s.file}:${s.line} ${s.what}\n  - ${s.before}\n  + ${s.after}${s.reason === undefined ? '' : `\n  ${s.reason}`}`)
console.log(`${results.length - survivors.length} killed, ${survivors.length} survived (${survivors.length - open.length} argued)`)
process.exitCode = open.length === 0 ? 0 : 1
