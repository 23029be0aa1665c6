/** This library, as built: dist, never the source. */
import { readFileSync } from 'node:fs'
import type { Configuration, Tensor } from '../../src/index.js'
import type { Backend } from '../../src/extend.js'
import type { Input, Values } from '../inputs.js'
import { built, inRepository } from '../paths.js'
import type { Adjoint, Workload } from '../workload.js'
import type { Adapter } from './adapter.js'

/** The built package's root entry. */
export const adjoint = async (): Promise<Adjoint> => (await import(built('index.js'))) as Adjoint

const version = (): string => (JSON.parse(readFileSync(inRepository('package.json'), 'utf8')) as { readonly version: string }).version

/** Elements as a tensor of this library. */
export const tensorOf = ({ np }: Adjoint, values: Values, { shape }: Input): Tensor => np.reshape(np.array(values), shape)

const adapter = (library: Adjoint): Adapter<Tensor> => ({
  version: version(),
  program: (w: Workload, inputs) => w.programs.adjoint?.(library, inputs),
  tensor: (values, input) => tensorOf(library, values, input),
  read: (t) => t.toTypedArray(),
  run: (call) => call(),
  finish: null,
  hold: (t) => t,
})

/** The `wasm` backend with a number of threads. */
export const onWasm = async (threads: number, unsafeV8Flags = false): Promise<Adapter<Tensor>> => {
  const [library, { wasm }] = await Promise.all([adjoint(), import(built('wasm.js')) as Promise<{ readonly wasm: Backend }>])
  const settings: Configuration & { readonly unsafeV8Flags?: boolean } = {
    backend: wasm,
    threads,
    ...(unsafeV8Flags ? { unsafeV8Flags } : {}),
  }
  library.configure(settings)
  return adapter(library)
}

/** The `reference` backend. */
export const onReference = async (): Promise<Adapter<Tensor>> => {
  const library = await adjoint()
  library.configure({ backend: 'reference' })
  return adapter(library)
}
