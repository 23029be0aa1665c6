/**
 * Random inputs come from one seed, so that a run can be repeated; ADJOINT_SEED is another one, or `random`.
 * Around every test: the backend and the number of threads that ADJOINT_BACKEND and ADJOINT_THREADS name; afterwards no
 * interpreter is left in force, and every buffer that the test made can be collected.
 */
import fc from 'fast-check'
import { afterEach, beforeEach, expect } from 'vitest'
import { configure, device, devices, liveBuffers } from '../src/device/select.js'
import { current, isEvaluating } from '../src/ir/bind.js'

const collect = globalThis.gc
if (collect === undefined) throw new Error('test/setup.ts needs --expose-gc')

const { ADJOINT_BACKEND: name, ADJOINT_THREADS: threads, ADJOINT_SEED: seed = '20261129' } = process.env
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) })
if (name !== undefined && !Object.hasOwn(devices, name)) throw new Error(`ADJOINT_BACKEND: no backend is called ${name}`)
/** Where tests run that do not choose: the library's own choice unless told. */
const backend = name === undefined ? device() : devices[name]!

const chosen = { backend, ...(threads === undefined ? {} : { threads: Number(threads) }) }
// What a file computes while its tests are collected.
configure(chosen)

let before = 0

beforeEach(() => {
  configure({ ...chosen, trackBuffers: true })
  before = liveBuffers().count
})

afterEach(async () => {
  expect(isEvaluating(), `the interpreter ${current().name} was left in force`).toBe(true)
  // Finalizers run between tasks, some time after a collection.
  for (let k = 0; k < 40 && liveBuffers().count > before; k++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, k < 4 ? 0 : 5))
  }
  expect(liveBuffers().count, 'buffers still alive after the test').toBeLessThanOrEqual(before)
})
