/** Who is measured. */
import type { Adapter } from './adapters/adapter.js'
import { onReference, onWasm } from './adapters/adjoint.js'
import { jaxjs } from './adapters/jaxjs.js'
import { loops } from './adapters/loops.js'
import { peak, type Peak } from './adapters/peak.js'
import { tfjs } from './adapters/tfjs.js'
import type { Foreign, Programs } from './workload.js'

/** One column of the table: a library in one configuration. */
export interface Library {
  readonly name: string
  /** Which program of a workload it runs. */
  readonly runs: keyof Programs<string>
  readonly threads: number
  /** `own`: this library. `peer`: JavaScript libraries, whom the ratio is against. `scale`: what the reader knows the speed of. */
  readonly role: 'own' | 'peer' | 'scale'
  /** Left out of workloads above this many operations: a call would take longer than all else together. */
  readonly most?: number
  /** Measured only when named. */
  readonly asked?: boolean
}

/** All columns, in their order. */
export const libraries: readonly Library[] = [
  { name: 'adjoint', runs: 'adjoint', threads: 1, role: 'own' },
  { name: 'adjoint 2', runs: 'adjoint', threads: 2, role: 'own' },
  { name: 'adjoint flags', runs: 'adjoint', threads: 1, role: 'own', asked: true },
  { name: 'adjoint flags 2', runs: 'adjoint', threads: 2, role: 'own', asked: true },
  { name: 'reference', runs: 'adjoint', threads: 1, role: 'scale', asked: true },
  { name: 'jax-js', runs: 'jaxjs', threads: 1, role: 'peer' },
  { name: 'tfjs wasm', runs: 'tfjs', threads: 1, role: 'peer' },
  { name: 'tfjs wasm 2', runs: 'tfjs', threads: 2, role: 'peer' },
  { name: 'tfjs cpu', runs: 'tfjs', threads: 1, role: 'peer', most: 4e8 },
  { name: 'loops', runs: 'loops', threads: 1, role: 'scale' },
  { name: 'numpy', runs: 'numpy', threads: 1, role: 'scale' },
  { name: 'torch', runs: 'torch', threads: 1, role: 'scale' },
  { name: 'torch 2', runs: 'torch', threads: 2, role: 'scale' },
]

const open: Readonly<Record<string, () => Promise<Adapter<Foreign> | null> | Adapter<Foreign> | Peak>> = {
  adjoint: () => onWasm(1),
  'adjoint 2': () => onWasm(2),
  'adjoint flags': () => onWasm(1, true),
  'adjoint flags 2': () => onWasm(2, true),
  reference: onReference,
  'jax-js': jaxjs,
  'tfjs wasm': () => tfjs('wasm'),
  'tfjs wasm 2': () => tfjs('wasm', 2),
  'tfjs cpu': () => tfjs('cpu'),
  loops,
  'limit 1': () => peak(1),
  'limit 2': () => peak(2),
}

/** The adapter of a column, or a probe of the machine; null when the library is not installed. */
export const openLibrary = (name: string): Promise<Adapter<Foreign> | Peak | null> | Adapter<Foreign> | Peak => open[name]!()
