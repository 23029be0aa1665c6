/**
 * Processes and threads that save into one folder at once: `node scripts/run.mjs test/io/savers.ts [--times N]`. Two processes and two
 * worker threads save the same paths and their own checkpoints while this one reads. The last line counts what went wrong.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import * as E from 'fp-ts/lib/Either.js'
import { io, np } from '../../src/index.js'

const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}
const times = Number(argument('times') ?? 25)
const right = <A>(e: E.Either<io.DataFault, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

/** Large enough that a write takes several calls; every tensor says which save it is of. */
const paramsOf = (n: number) => ({ a: np.full([20_000], n), b: { c: np.full([10_000 + (n % 7)], n), d: np.full([5], n) } })
const checkpointsIn = (dir: string) => io.checkpoints({ dir: `${dir}/run`, like: { w: np.zeros([1000]) }, keep: 10_000 })

/** The saves of one writer, the `k`-th. */
const save = async (dir: string, k: number): Promise<void> => {
  for (let i = 0; i < times; i++) {
    const n = k * 1000 + i
    right(await io.saveNpz(`${dir}/x.npz`, paramsOf(n))())
    right(await io.saveSharded(`${dir}/m`, paramsOf(n), { maxShardBytes: 50_000 })())
    right(await checkpointsIn(dir).save(n, { w: np.full([1000], n) })())
  }
}

const isMixed = (weights: io.Weights): boolean => new Set(Object.values(weights).flatMap((x) => [...x.toTypedArray()])).size !== 1

const life = (workerData as { readonly dir: string; readonly k: number } | null) ?? null
if (!isMainThread && life !== null) await save(life.dir, life.k)
else if (argument('dir') !== undefined) await save(argument('dir')!, Number(argument('k')))
else {
  const program = process.env.ADJOINT_PROGRAM
  if (program === undefined) throw new Error('run this with scripts/run.mjs')
  const dir = mkdtempSync(join(tmpdir(), 'adjoint-savers-'))
  let [failures, mixed, reads, left] = [0, 0, 0, 4]
  const ended = (code: number | null): void => {
    left--
    if (code !== 0) failures++
  }
  try {
    for (const k of [0, 1])
      spawn(process.execPath, [program, '--dir', dir, '--k', String(k), '--times', String(times)], { stdio: 'inherit' }).on('close', ended)
    for (const k of [2, 3])
      new Worker(program, { workerData: { dir, k }, argv: ['--times', String(times)] })
        .on('error', (error) => {
          console.log(error)
          failures++
        })
        .on('exit', ended)
    while (left > 0) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      const loaded = await io.loadNpz(`${dir}/x.npz`)()
      if (E.isRight(loaded) ? isMixed(loaded.right) : loaded.left._tag !== 'NotFound') mixed++
      const opened = await io.openSharded(`${dir}/m.safetensors.index.json`)()
      if (E.isLeft(opened)) mixed += opened.left._tag === 'NotFound' ? 0 : 1
      else {
        // A model that is replaced while it is read tensor by tensor is missing, never another.
        const all = await opened.right.readAll()()
        if (E.isRight(all) ? isMixed(all.right) : all.left._tag !== 'NotFound') mixed++
      }
      reads++
    }
    if (isMixed(right(await io.loadNpz(`${dir}/x.npz`)()))) mixed++
    if (isMixed(right(await right(await io.openSharded(`${dir}/m.safetensors.index.json`)()).readAll()()))) mixed++
    const steps = right(await checkpointsIn(dir).steps())
    const lost = 4 * times - steps.length
    for (const step of steps)
      if (
        right(await checkpointsIn(dir).load(step)())
          .value.w.toTypedArray()
          .some((x) => x !== step)
      )
        mixed++
    const beside = readdirSync(dir).filter((name) => name.endsWith('.tmp')).length
    console.log(`${4 * times} saves, ${reads} reads: ${mixed} mixed, ${lost} lost, ${beside} left beside, ${failures} failures`)
    process.exitCode = mixed + lost + beside + failures + (reads > 0 ? 0 : 1) === 0 ? 0 : 1
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
