/** jax-js on its wasm device. A call uses its arguments up unless they are passed as `x.ref`; results come when they are waited for. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Foreign } from '../workload.js'
import { listed, type Adapter } from './adapter.js'
import { rivalAt, rivalVersion } from './rivals.js'

/** Null when it is not installed. */
export const jaxjs = async (): Promise<Adapter<Foreign> | null> => {
  const at = rivalAt('@jax-js/jax')
  if (at === null) return null
  const jax = await import(pathToFileURL(join(at, 'dist/index.js')).href)
  await jax.init('wasm')
  jax.defaultDevice('wasm')
  return {
    version: rivalVersion('@jax-js/jax'),
    program: (w, inputs) => w.programs.jaxjs?.(jax, inputs),
    tensor: (values, { shape, dtype }) => jax.numpy.array(values, { shape, dtype }),
    read: async (t) => (await t.data()) as ArrayLike<number>,
    run: (call) => call(),
    finish: async (result) => {
      const all = listed(result)
      for (const t of all) await t.blockUntilReady()
      for (const t of all) t.dispose()
    },
    hold: (t) => t.ref,
  }
}
