/**
 * What V8's options are worth: `node scripts/run.mjs bench/flags.ts [--processes 5]` times a product of matrices in processes that take
 * turns, with and without `configure({ unsafeV8Flags: true })`, and fails where pairs of vectors become one (V8 13, Node 24) and the
 * product is not faster for it: then the options are not worth their code. Measured on Node 24: 2.5 times. On Node 20 and 22 the options
 * change little, and only the ratio is printed.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { configure, jit, np, random } from '../src/index.js'

/** How much faster the product must be, where there are pairs. */
const wanted = 1.3
const size = 512
const calls = 60

const fastest = (unsafeV8Flags: boolean): number => {
  configure({ unsafeV8Flags, threads: 1 })
  const x = random.normal(random.key(0), [size, size])
  const f = jit(() => np.matmul(x, x))
  return Math.min(
    ...Array.from({ length: calls }, () => {
      const start = performance.now()
      f().toTypedArray()
      return performance.now() - start
    }),
  )
}

const [flag, value] = process.argv.slice(2)
if (flag === '--one') console.log(fastest(value === 'with'))
else {
  const processes = flag === '--processes' ? Number(value) : 5
  const run = fileURLToPath(new URL('../scripts/run.mjs', import.meta.url))
  const one = (way: string): number => {
    const { stdout, stderr } = spawnSync(process.execPath, [run, fileURLToPath(import.meta.url), '--one', way], { encoding: 'utf8' })
    if (stdout === '') throw new Error(stderr)
    return Number(stdout)
  }
  const turns = Array.from({ length: processes }, () => [one('without'), one('with')] as const)
  const [plain, fast] = [Math.min(...turns.map(([t]) => t)), Math.min(...turns.map(([, t]) => t))]
  const pairs = Number(process.versions.v8.split('.')[0]) >= 13
  const verdict = pairs ? `, at least ${wanted} wanted` : ''
  console.log(
    `product of ${size}: ${plain.toFixed(2)} ms without, ${fast.toFixed(2)} ms with the options: ${(plain / fast).toFixed(2)} times${verdict}`,
  )
  if (pairs && plain / fast < wanted) process.exitCode = 1
}
