/**
 * Training that is killed at random moments: `npm run kill -- [--times N] [--seed S]`. Each life of the process loads the newest
 * checkpoint and goes on until it is killed; the run that reaches the end must end with the very loss of one that nothing disturbed.
 * A life that cannot load a checkpoint, or finds a damaged one, fails.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawing } from './mutate.js'
import { train } from './training.js'

const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}

const [steps, life] = [60, argument('life')]
if (life !== undefined) {
  const loss = await train(life, steps, (step) => {
    process.stdout.write(`step ${step}\n`)
  })
  process.stdout.write(`loss ${loss}\n`)
  process.exit(0)
}

const times = Number(argument('times') ?? 50)
const draw = drawing(Number(argument('seed') ?? 1))
const program = process.env.ADJOINT_PROGRAM
if (program === undefined) throw new Error('run this with scripts/run.mjs')

/** How a life ended. */
interface Ending {
  readonly loss: string | undefined
  readonly killed: boolean
  readonly errors: string
}

/** One life in `dir`, killed `delay` milliseconds after its first step if it is still there. */
const live = (dir: string, delay: number): Promise<Ending> =>
  new Promise((resolve) => {
    const child: ChildProcess = spawn(process.execPath, [program, '--life', dir], { stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, errors, started] = ['', '', false]
    child.stdout!.on('data', (text) => {
      out += String(text)
      if (!started && delay < Infinity) setTimeout(() => child.kill('SIGKILL'), delay)
      started = true
    })
    child.stderr!.on('data', (text) => (errors += String(text)))
    child.on('close', (code, signal) => {
      const lines = out.split('\n')
      resolve({
        loss: lines.find((l) => l.startsWith('loss '))?.slice(5),
        killed: signal === 'SIGKILL',
        errors: code === 0 || signal === 'SIGKILL' ? '' : errors,
      })
    })
  })

const folder = mkdtempSync(join(tmpdir(), 'adjoint-kill-'))
let [kills, failures, runs, lives] = [0, 0, 0, 0]
try {
  const undisturbed = await live(join(folder, 'undisturbed'), Infinity)
  if (undisturbed.loss === undefined) throw new Error(undisturbed.errors)
  console.log(`undisturbed: loss ${undisturbed.loss} after ${steps} steps`)
  while (kills < times || runs === 0) {
    const dir = join(folder, `run${runs}`)
    for (;;) {
      const ending = await live(dir, kills < times ? draw(400) : Infinity)
      lives++
      if (ending.killed) kills++
      if (ending.errors !== '') {
        console.log(`FAIL  life ${lives}: ${ending.errors}`)
        failures++
        break
      }
      if (ending.loss === undefined) continue
      if (ending.loss !== undisturbed.loss) {
        console.log(`FAIL  run ${runs}: loss ${ending.loss}`)
        failures++
      }
      break
    }
    runs++
    if (failures > 0) break
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`killed ${kills} times in ${lives} lives, ${runs} runs finished, ${failures} failures`)
process.exit(failures === 0 ? 0 : 1)
