/** TensorFlow.js on its `cpu` or `wasm` backend. Calls are tidied, results disposed of; both backends compute before they return. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Foreign } from '../workload.js'
import { listed, type Adapter } from './adapter.js'
import { rivalAt, rivalVersion } from './rivals.js'
import { allowThreads } from './tfjs-threads.js'

/** Null when it is not installed. With two threads and more, what upstream does in browsers only is made to work in Node. */
export const tfjs = async (backend: 'cpu' | 'wasm', threads = 1): Promise<Adapter<Foreign> | null> => {
  const at = rivalAt('@tensorflow/tfjs')
  if (at === null || (backend === 'wasm' && rivalAt('@tensorflow/tfjs-backend-wasm') === null)) return null
  const require = createRequire(join(at, 'index.js'))
  const tf = require('@tensorflow/tfjs')
  if (backend === 'wasm') {
    const wasm = require('@tensorflow/tfjs-backend-wasm')
    if (threads > 1) allowThreads(tf)
    wasm.setThreadsCount(threads)
    await tf.setBackend('wasm')
    await tf.ready()
    if (threads > 1 && wasm.getThreadsCount() !== threads) throw new Error(`tfjs runs on ${wasm.getThreadsCount()} threads`)
  } else await tf.setBackend('cpu')
  return {
    version: rivalVersion('@tensorflow/tfjs'),
    program: (w, inputs) => w.programs.tfjs?.(tf, inputs),
    tensor: (values, { shape, dtype }) => tf.tensor(values, shape, dtype),
    read: async (t) => (await t.data()) as ArrayLike<number>,
    run: (call) => tf.tidy(call),
    finish: (result) => {
      for (const t of listed(result)) t.dispose()
    },
    hold: (t) => t.clone(),
  }
}
