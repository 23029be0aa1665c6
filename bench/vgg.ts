/**
 * VGG16 on one image of 224 x 224: a prediction, and a training step with plain gradient descent; seconds and peak memory beside
 * PyTorch where `python3` has it. `node scripts/run.mjs bench/vgg.ts [--rounds N] [--library NAME]`. Each line is a process of its own.
 * All compute from the same weights, and what they compute is compared before anything is printed.
 */
import { spawnSync } from 'node:child_process'
import type { Tensor } from '../src/index.js'
import { configure, evalShape, jit, losses, models, np, shapeDtype, tree, valueAndGrad } from '../src/index.js'
import { argument } from './argument.js'
import { drawn } from './noise.js'
import { inRepository } from './paths.js'

/** What a process found. */
interface Found {
  /** Seconds of the first call, and of the fastest one after it. */
  readonly first: number
  readonly best: number
  /** Resident megabytes at most. */
  readonly peak: number
  /** Logits of the prediction, or losses of the steps: what is compared. */
  readonly values: readonly number[]
}

const rate = 1e-4

/** This library in this process. */
const measure = (what: string, rounds: number): Found => {
  const model = models.vgg16({ dropout: 0 })
  type Params = ReturnType<typeof model.init>
  const shapes = evalShape((key: Tensor) => model.init(key), shapeDtype([2], 'uint32'))
  let seed = 0
  // Biases of 0, weights of the variance that keeps that of the layers.
  const weights = tree.map((t: Tensor) => {
    const fan = t.shape.length === 4 ? t.size / t.shape[0]! : (t.shape[0] ?? 1)
    return t.shape.length === 1 ? np.zeros(t.shape) : drawn(t.shape, ++seed, Math.sqrt(6 / fan))
  }, shapes as never) as unknown as Params
  const x = drawn([1, 3, 224, 224], 99, 1)
  const y = np.array([3], { dtype: 'int32' })
  let params = weights
  const predict = jit((p: Params, image: Tensor) => model.apply(p)(image))
  const step = jit(
    (p: Params, image: Tensor, label: Tensor) => {
      const [loss, slopes] = valueAndGrad((q: Params) => losses.softmaxCrossEntropy(model.apply(q)(image), label))(p)
      return [tree.map((a: Tensor, b: Tensor) => np.sub(a, np.mul(rate, b)), p as never, slopes as never) as Params, loss] as const
    },
    { donate: [0] },
  )
  const call = (): readonly number[] => {
    if (what === 'prediction') return Array.from(predict(params, x).toTypedArray().slice(0, 5))
    const [next, loss] = step(params, x, y)
    params = next
    return [Number(loss)]
  }
  const runs = Array.from({ length: rounds + 1 }, () => {
    const start = performance.now()
    const values = call()
    return { seconds: (performance.now() - start) / 1000, values }
  })
  return {
    first: runs[0]!.seconds,
    best: Math.min(...runs.slice(1).map((r) => r.seconds)),
    peak: process.resourceUsage().maxRSS / 1024,
    values: what === 'prediction' ? runs[0]!.values : runs.flatMap((r) => r.values),
  }
}

const child = argument('child')
const rounds = Number(argument('rounds') ?? 3)
if (child !== undefined) {
  configure({ threads: Number(argument('threads')) })
  process.stdout.write(JSON.stringify(measure(child, rounds)))
  process.exit(0)
}

const program = process.env.ADJOINT_PROGRAM
if (program === undefined) throw new Error('run this with scripts/run.mjs')
const columns = { adjoint: 1, 'adjoint 2': 2, torch: 1, 'torch 2': 2 } as const
const only = argument('library')
for (const what of ['prediction', 'step']) {
  let right: Found | undefined
  for (const [name, threads] of Object.entries(columns)) {
    if (only !== undefined && !name.startsWith(only)) continue
    const options = ['--threads', String(threads), '--rounds', String(rounds)]
    const [command, args] = name.startsWith('torch')
      ? ['python3', [inRepository('bench/vgg.py'), what, String(threads), String(rounds), String(rate)]]
      : [process.execPath, [program, '--child', what, ...options]]
    const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8' })
    if (status !== 0) {
      console.log(`${what}  ${name}: ${stderr.trim().split('\n').at(-1) ?? 'not there'}`)
      continue
    }
    const found = JSON.parse(stdout) as Found
    right ??= found
    const error = Math.max(...found.values.map((v, i) => Math.abs(v - right!.values[i]!) / Math.max(1, Math.abs(right!.values[i]!))))
    if (!(error < 1e-3)) throw new Error(`${what}: ${name} computes ${found.values.join(' ')}, not ${right.values.join(' ')}`)
    console.log(
      `${what.padEnd(10)}  ${name.padEnd(9)}  first ${found.first.toFixed(2)} s  then ${found.best.toFixed(3)} s  peak ${found.peak.toFixed(0)} MB`,
    )
  }
}
