/** Choosing where evaluation happens, and asking about it. Importing this module makes evaluation possible. */
import type { Backend, Tuning } from '../compile/backend.js'
import { reference } from '../backend/reference/index.js'
import { wasm } from '../backend/wasm/index.js'
import { refusals, replacement } from '../backend/wasm/refusals.js'
import { unsupported } from '../backend/wasm/support.js'
import { check, either, flag, record, text, wholeWithin } from '../core/check.js'
import { isRecord, quoted } from '../core/describe.js'
import { fail, ValueError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import { install } from '../ir/bind.js'
import { tracked } from './buffers.js'
import { evaluateConstant } from './constants.js'
import { current } from './current.js'
import { execute } from './execute.js'
import { executeChecked } from './nans.js'

/** The backends that can be named. */
export const devices: Readonly<Record<string, Backend>> = { reference, wasm }

/** Settings of evaluation. */
export interface Configuration {
  /** A backend, or the name of one of `devices`. */
  readonly backend?: Backend | string
  /** Stop at the first equation that makes a NaN of inputs without one. Slow: compiled programs are run equation by equation. Not on devices whose memory is read asynchronously: a `DeviceError`. */
  readonly debugNans?: boolean
  /** Count buffers for `liveBuffers`. */
  readonly trackBuffers?: boolean
  /**
   * Threads to compute with, from 1 to 1024; as many as there are cores unless said. Results do not depend on it, and more than four for
   * each core (16 at least) are not started.
   */
  readonly threads?: number
  /**
   * Bytes that the wasm backend may use at any time for values and for the working memory of what runs, from 2 ** 24; 2 ** 32 unless
   * said. What needs more is a `DeviceError`, after results of earlier calls have moved to ordinary arrays, which do not count. Before
   * the first computation it is also what is reserved; afterwards it can be lowered, and raised to what was reserved: pages that the
   * memory has grown to it keeps, but does not use beyond the limit.
   */
  readonly memory?: number
  /**
   * Lets the wasm backend compile with options of V8 that Node does not support changing in a running process: up to twice as fast on
   * Node 24, fused multiply-add (other last bits) everywhere. They are tried out first and set back after every compilation.
   */
  readonly unsafeV8Flags?: boolean
}

const named = (name: string): Backend =>
  Object.hasOwn(devices, name)
    ? devices[name]!
    : fail(ValueError, `configure: no backend is called ${name}`, {
        fix: Object.keys(devices)
          .map((d) => `'${d}'`)
          .join(' or '),
      })

const start = (): void => {
  install(current.debugNans ? executeChecked : execute, evaluateConstant)
}

const retune = (changed: Tuning): void => {
  current.tuning = { ...current.tuning, ...changed }
  current.backend.tune?.(current.tuning)
}

const isBackend = (x: unknown): boolean => isRecord(x) && typeof x['name'] === 'string' && typeof x['compile'] === 'function'

const configuration = optionsOf<Configuration>({
  backend: either(text, { says: 'a backend', fix: Object.keys(devices).map(quoted).join(', '), accepts: isBackend }),
  debugNans: flag,
  trackBuffers: flag,
  threads: { ...wholeWithin(1, 1024), fix: 'a whole number from 1 to 1024, the thread of the program included' },
  memory: { ...wholeWithin(2 ** 24, 2 ** 32), fix: 'a whole number of bytes from 2 ** 24 (16 MiB) to 2 ** 32 (4 GiB)' },
  unsafeV8Flags: flag,
})

/**
 * Changes settings of evaluation; what is left out stays.
 *
 * @throws ValueError for an unknown backend, or a number of threads or of bytes that is none.
 * @example
 * configure({ debugNans: true })
 */
export const configure = (settings: Configuration): void => {
  check('configure', 'settings', record, settings)
  const { backend, debugNans, trackBuffers, threads, memory, unsafeV8Flags } = configuration('configure', settings)
  if (threads !== undefined) retune({ threads })
  if (memory !== undefined) retune({ memory })
  if (unsafeV8Flags !== undefined && unsafeV8Flags !== (current.tuning.unsafeV8Flags ?? false)) {
    retune({ unsafeV8Flags })
    current.generation++ // what is compiled was compiled without, or with them
  }
  if (backend !== undefined) {
    const b = typeof backend === 'string' ? named(backend) : backend
    if (b !== current.backend) {
      b.tune?.(current.tuning)
      current.backend = b
      current.generation++
    }
  }
  if (debugNans !== undefined) current.debugNans = debugNans
  if (trackBuffers !== undefined) current.trackBuffers = trackBuffers
  start()
}

/** The backend in use. */
export const device = (): Backend => current.backend

/** One sentence: which backend is active, and why. */
export const probe = (): string => {
  const { name } = current.backend
  const replaced = replacement()
  if (name === 'wasm' && replaced !== null) return `reference is active: plain JavaScript loops, because ${replaced}`
  if (name === 'wasm') return ['wasm is active: Programs compiled to WebAssembly SIMD, the default', ...refusals()].join('; ')
  const why = unsupported()
  if (name === 'reference' && why !== null) return `reference is active: plain JavaScript loops, because ${why}`
  return `${name} is active: it was chosen by configure`
}

/** Buffers that evaluation has made since `configure({ trackBuffers: true })`, not yet collected, with their size. */
export const liveBuffers = (): { readonly count: number; readonly bytes: number } => tracked()

start()
