/**
 * The memory of training steps of a small convolutional network: `node scripts/run.mjs test/backend/wasm/peak.ts BATCH STEPS [THREADS]`
 * prints the most that was resident beyond what was before there were inputs, and what the plan says, in MiB. The process itself - compiled
 * code, the collector's rooms - is in the first number: it is what a batch of one takes.
 */
import { configure, explain, jit, lax, losses, nn, np, tree, valueAndGrad } from '../../../src/index.js'
import type { Tensor } from '../../../src/index.js'

const [batch, steps, threads] = [process.argv[2] ?? 64, process.argv[3] ?? 1000, process.argv[4] ?? 1].map(Number) as [
  number,
  number,
  number,
]
const MiB = 2 ** 20

/** Numbers between -scale and scale. */
const wave = (shape: readonly number[], scale: number): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  return np.reshape(np.array(Float32Array.from({ length: size }, (_, i) => scale * Math.sin(i * 1.7))), shape)
}

const makeParams = () => ({
  k0: wave([6, 1, 5, 5], 0.28),
  c0: wave([6, 1, 1], 0.01),
  k1: wave([16, 6, 5, 5], 0.12),
  c1: wave([16, 1, 1], 0.01),
  w0: wave([400, 120], 0.07),
  b0: wave([120], 0.01),
  w1: wave([120, 84], 0.13),
  b1: wave([84], 0.01),
  w2: wave([84, 10], 0.15),
  b2: wave([10], 0.01),
})
type Params = ReturnType<typeof makeParams>

const pool = (x: Tensor): Tensor => lax.reduceWindow(x, 'max', { window: [1, 1, 2, 2], strides: [1, 1, 2, 2] })
const loss = (p: Params, x: Tensor, y: Tensor): Tensor => {
  const h = pool(nn.relu(np.add(lax.convGeneralDilated(x, p.k0, { padding: 'SAME' }), p.c0)))
  const g = pool(nn.relu(np.add(lax.convGeneralDilated(h, p.k1), p.c1)))
  const a = nn.relu(np.add(np.matmul(np.reshape(g, [batch, 400]), p.w0), p.b0))
  const b = nn.relu(np.add(np.matmul(a, p.w1), p.b1))
  return losses.softmaxCrossEntropy(np.add(np.matmul(b, p.w2), p.b2), y)
}
const update = jit(
  (p: Params, x: Tensor, y: Tensor) => {
    const [value, g] = valueAndGrad(loss)(p, x, y)
    return [tree.map((v: Tensor, d: Tensor) => np.sub(v, np.mul(0.05, d)), p, g), value] as const
  },
  { donate: [0] },
)

configure({ threads })
np.sin(wave([100], 1)) // the backend and its memory are part of the process
const before = process.memoryUsage().rss / MiB
const x = wave([batch, 1, 28, 28], 1)
const y = np.array(Int32Array.from({ length: batch }, (_, i) => i % 10))
let params = makeParams()
const plan = explain(update, params, x, y).peak / MiB
let value = np.array(0)
for (let i = 0; i < steps; i++) [params, value] = update(params, x, y)
if (!Number.isFinite(value.item())) throw new Error('the loss is not a number')
console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS / 1024 - before, plan }))
