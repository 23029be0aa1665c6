/** After every test: no interpreter is left in force, and every buffer that the test made can be collected. */
import { afterEach, beforeEach, expect } from 'vitest'
import { configure, liveBuffers } from '../src/device/select.js'
import { current, isEvaluating } from '../src/ir/bind.js'

const collect = globalThis.gc
if (collect === undefined) throw new Error('test/setup.ts needs --expose-gc')

let before = 0

beforeEach(() => {
  configure({ trackBuffers: true })
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
