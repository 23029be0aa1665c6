/** The current device: the one place where the backend in use and its settings are kept. */
import type { Backend, Tuning } from '../compile/backend.js'
import { reference } from '../backend/reference/index.js'
import { wasm } from '../backend/wasm/index.js'
import { isSupported } from '../backend/wasm/support.js'
import { shared } from '../core/shared.js'

/** What evaluation reads. `generation` grows with every change, so that caches notice. */
export interface Current {
  backend: Backend
  tuning: Tuning
  debugNans: boolean
  trackBuffers: boolean
  generation: number
}

/** The current device; one for all copies of the package. */
export const current: Current = shared('device', () => ({
  backend: isSupported() ? wasm : reference,
  tuning: {},
  debugNans: false,
  trackBuffers: false,
  generation: 0,
}))
