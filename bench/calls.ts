/**
 * The calls after a compilation: `node scripts/run.mjs bench/calls.ts [--processes 5]` prints, for jitted programs of the bench, calls
 * 1 to 10 as multiples of the steady state (the median of calls 30 to 60). Every series runs in a process of its own, because engines
 * share compiled code within one; printed are medians over the processes. Run it on an idle machine.
 *
 * The last column is a call at steady state after a walk through memory that the processor's caches do not hold. Where a call takes a few
 * microseconds, the second call is above its steady state for that reason alone: the first one compiled, which leaves nothing of the
 * library's code and data in the caches. `sum(sin(x)), 100` shows it: its second call takes 2.5 to 3.5 times 9 us, an emptied cache makes
 * any later call about as slow, and thirty calls of another compiled function between the first and the second bring the second to 1.2
 * times. How engines compile does not matter: with `--no-lazy`, `--max-lazy`, `--always-sparkplug`, `--no-opt`, `--liftoff-only` or
 * `--no-wasm-lazy-compilation` the second call takes 2 to 4 times as long as well.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Tensor } from '../src/index.js'
import { configure, grad, jit, losses, nn, np, optim, random, valueAndGrad } from '../src/index.js'

const key = random.key(0)
const normal = (...shape: readonly number[]): Tensor => random.normal(key, shape)

/** Each makes its inputs and gives back one call. */
const programs: Readonly<Record<string, () => () => unknown>> = {
  'tanh(2x + 1), 1e5': () => {
    const [f, x] = [jit((y: Tensor) => np.tanh(np.add(np.mul(y, 2), 1))), normal(100_000)]
    return () => f(x)
  },
  'softmax, 1000 x 1000': () => {
    const [f, x] = [jit((y: Tensor) => nn.softmax(y)), normal(1000, 1000)]
    return () => f(x)
  },
  'matmul, 512': () => {
    const [f, x] = [jit((y: Tensor) => np.matmul(y, y)), normal(512, 512)]
    return () => f(x)
  },
  'sum(sin(x)), 100': () => {
    const [f, x] = [jit((y: Tensor) => np.sum(np.sin(y))), normal(100)]
    return () => f(x)
  },
  'mlp 784-256-10, a step of Adam': () => {
    const model = nn.sequential(nn.dense(784, 256), nn.relu, nn.dense(256, 10))
    const optimizer = optim.adam(1e-3)
    const [x, y] = [normal(128, 784), np.astype(np.mod(np.arange(128), 10), 'int32')]
    const first = model.init(key)
    const step = jit(
      (params: typeof first, state: ReturnType<typeof optimizer.init>) => {
        const [value, grads] = valueAndGrad((p: typeof first) => losses.softmaxCrossEntropy(model.apply(p)(x), y))(params)
        const [updates, next] = optimizer.update(grads, state, params)
        return [optim.applyUpdates(params, updates), next, value] as const
      },
      { donate: [0, 1] },
    )
    let [params, state] = [first, optimizer.init(first)]
    return () => {
      const [p, s] = step(params, state)
      params = p
      state = s
    }
  },
  'two convolutions, the gradient': () => {
    const model = nn.sequential(nn.conv2d(3, 16, 3), nn.relu, nn.conv2d(16, 16, 3), nn.relu, nn.flatten, nn.dense(10))
    const x = normal(8, 3, 28, 28)
    const params = model.init(key, [8, 3, 28, 28])
    const g = jit(grad((p: typeof params) => np.sum(model.apply(p)(x))))
    return () => g(params)
  },
}

const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[Math.floor(xs.length / 2)]!

/** Memory beyond the processor's caches, and a walk through it. */
const beyond = new Float64Array(4 << 20)
const emptyCaches = (): void => {
  for (let i = 0; i < beyond.length; i += 8) beyond[i]! += 1
}

const series = (name: string): readonly number[] => {
  configure({ threads: 1 })
  // The library's own code: engines compile it when it first runs, whatever it runs for.
  const other = jit((x: Tensor) => np.cos(np.add(x, 1)))
  for (let k = 0; k < 30; k++) other(np.ones([7]))
  const call = programs[name]!()
  const timed = (): number => {
    const start = performance.now()
    call()
    return performance.now() - start
  }
  emptyCaches()
  const times = Array.from({ length: 60 }, timed)
  const cold = Array.from({ length: 9 }, () => {
    emptyCaches()
    return timed()
  })
  const steady = median(times.slice(30))
  return [steady, ...[...times.slice(0, 10), median(cold)].map((t) => t / steady)]
}

const [flag, value] = process.argv.slice(2)
if (flag === '--one') console.log(JSON.stringify(series(value!)))
else {
  const processes = flag === '--processes' ? Number(value) : 5
  const run = fileURLToPath(new URL('../scripts/run.mjs', import.meta.url))
  console.log(`${'program'.padEnd(32)} steady ms   calls 1 to 10, as multiples of it; with empty caches`)
  for (const name of Object.keys(programs)) {
    const all = Array.from({ length: processes }, () => {
      const { stdout, stderr } = spawnSync(process.execPath, [run, fileURLToPath(import.meta.url), '--one', name], { encoding: 'utf8' })
      if (stdout === '') throw new Error(stderr)
      return JSON.parse(stdout) as readonly number[]
    })
    const [steady, ...ratios] = all[0]!.map((_, k) => median(all.map((times) => times[k]!)))
    const [calls, cold] = [ratios.slice(0, -1), ratios.at(-1)!]
    const row = calls.map((c) => c.toFixed(1)).join('  ')
    console.log(`${name.padEnd(32)} ${steady!.toFixed(3).padStart(9)}   ${row}   ${cold.toFixed(1)}`)
  }
}
