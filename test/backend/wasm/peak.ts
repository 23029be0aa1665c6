/**
 * The memory of training steps of a small convolutional network: `node scripts/run.mjs test/backend/wasm/peak.ts BATCH STEPS [THREADS]`
 * prints the most that was resident beyond what was before there were inputs, and what the plan says, in MiB. The process itself - compiled
 * code, the collector's rooms - is in the first number: it is what a batch of one takes.
 */
import { configure, explain, jit, np } from '../../../src/index.js'
import { descend, makeParams, wave } from './network.js'

const [batch, steps, threads] = [process.argv[2] ?? 64, process.argv[3] ?? 1000, process.argv[4] ?? 1].map(Number) as [
  number,
  number,
  number,
]
const MiB = 2 ** 20
const update = jit(descend, { donate: [0] })

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
