/**
 * An epoch of DeZero's MNIST network, one layer deeper: 784-1000-1000-10, batches of 100, Adam, 8 000 images; seconds beside the
 * same computation as DeZero does it on NumPy (operation by operation) and beside PyTorch, where `python3` has them.
 * `node scripts/run.mjs bench/epoch.ts [--rounds N] [--threads N]`. Libraries take turns, each time in a process of its own; all
 * start from the same weights, and the losses they come to are compared.
 */
import { spawnSync } from 'node:child_process'
import type { Tensor } from '../src/index.js'
import { configure, jit, losses, models, np, optim, valueAndGrad } from '../src/index.js'
import { argument } from './argument.js'
import { drawn } from './noise.js'
import { inRepository } from './paths.js'

const [sizes, images, batch, epochs] = [[784, 1000, 1000, 10], 8000, 100, 3] as const

/** What a process found: seconds of epochs, the loss of the first step and of the last one. */
interface Found {
  readonly seconds: readonly number[]
  readonly losses: readonly [number, number]
}

/** This library in this process. */
const measure = (): Found => {
  const model = models.mlp(sizes)
  type Params = ReturnType<typeof model.init>
  const optimizer = optim.adam(1e-3)
  const layers = sizes.slice(1).map((to, k) => ({ w: drawn([sizes[k]!, to], k + 1, Math.sqrt(3 / sizes[k]!)), b: np.zeros([to]) }))
  // Dense layers with an activation behind each but the last.
  let params = layers.flatMap((layer, k) => (k === 0 ? [layer] : [null, layer])) as unknown as Params
  let state = optimizer.init(params)
  const x = drawn([images, sizes[0]], 9, 1)
  const y = np.array(Int32Array.from({ length: images }, (_, i) => (i * 7) % 10))
  const step = jit(
    (p: Params, s: typeof state, x: Tensor, y: Tensor) => {
      const [loss, slopes] = valueAndGrad((q: Params) => losses.softmaxCrossEntropy(model.apply(q)(x), y))(p)
      const [updates, next] = optimizer.update(slopes, s, p)
      return [optim.applyUpdates(p, updates), next, loss] as const
    },
    { donate: [0, 1] },
  )
  const found: number[] = []
  const epoch = (): number => {
    const start = performance.now()
    for (let i = 0; i < images; i += batch) {
      const rows = `${i}:${i + batch}`
      const [p, s, loss] = step(params, state, np.index(x, rows), np.index(y, rows))
      params = p
      state = s
      found.push(Number(loss))
    }
    return (performance.now() - start) / 1000
  }
  const seconds = Array.from({ length: epochs }, epoch)
  return { seconds, losses: [found[0]!, found[images / batch - 1]!] }
}

const threads = argument('threads') ?? '1'
if (argument('child') !== undefined) {
  configure({ threads: Number(threads) })
  process.stdout.write(JSON.stringify(measure()))
  process.exit(0)
}

const program = process.env.ADJOINT_PROGRAM
if (program === undefined) throw new Error('run this with scripts/run.mjs')
const commands = {
  adjoint: [process.execPath, [program, '--child', 'adjoint', '--threads', threads]],
  numpy: ['python3', [inRepository('bench/epoch.py'), 'numpy', threads, String(epochs)]],
  torch: ['python3', [inRepository('bench/epoch.py'), 'torch', threads, String(epochs)]],
} as const
/** Options under which OpenBLAS takes slower kernels than the machine has. */
const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _cache, ...env } = process.env

const times: Record<string, number[]> = {}
let right: Found | undefined
for (let round = 0; round < Number(argument('rounds') ?? 3); round++)
  for (const [name, [command, args]] of Object.entries(commands)) {
    const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', env: { ...env, OPENBLAS_NUM_THREADS: threads } })
    if (status !== 0) {
      if (round === 0) console.log(`${name}: ${stderr.trim().split('\n').at(-1) ?? 'not there'}`)
      continue
    }
    const found = JSON.parse(stdout) as Found
    right ??= found
    const error = Math.max(...found.losses.map((v, i) => Math.abs(v / right!.losses[i]! - 1)))
    if (!(error < 1e-2)) throw new Error(`${name} comes to losses of ${found.losses.join(' and ')}, not ${right.losses.join(' and ')}`)
    times[name] = [...(times[name] ?? []), ...found.seconds]
  }
for (const [name, all] of Object.entries(times)) {
  const sorted = all.sort((a, b) => a - b)
  console.log(`${name.padEnd(8)}  ${sorted[sorted.length >> 1]!.toFixed(2)} s per ${images} images  (fastest ${sorted[0]!.toFixed(2)})`)
}
